//! What a run says while it works, on stderr: a bar on a terminal, plain lines otherwise, nothing when quiet.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// The stages of a run, each with the time it took.
pub struct Progress {
    bar: Option<ProgressBar>,
    quiet: bool,
    stage: Option<(&'static str, Instant)>,
    timings: Vec<(&'static str, Duration)>,
}

impl Progress {
    pub fn new(stages: u64, quiet: bool) -> Self {
        let bar = (!quiet && std::io::stderr().is_terminal()).then(|| {
            let style = ProgressStyle::with_template("{spinner} [{bar:24}] {msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
            ProgressBar::new(stages).with_style(style)
        });
        Progress { bar, quiet, stage: None, timings: Vec::new() }
    }

    /// Ends the stage at hand and begins the next.
    pub fn stage(&mut self, name: &'static str) {
        self.end_stage();
        match &self.bar {
            Some(bar) => bar.set_message(name),
            None if !self.quiet => log(&format!("{name} …")),
            None => {}
        }
        self.stage = Some((name, Instant::now()));
    }

    fn end_stage(&mut self) {
        if let Some((name, started)) = self.stage.take() {
            self.timings.push((name, started.elapsed()));
            if let Some(bar) = &self.bar {
                bar.inc(1);
            }
        }
    }

    /// A line for the log.
    pub fn say(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.println(line),
            None if !self.quiet => log(line),
            None => {}
        }
    }

    /// The stages so far with their times, the one at hand included.
    pub fn timings(&mut self) -> Vec<(&'static str, Duration)> {
        self.end_stage();
        self.timings.clone()
    }

    pub fn finish(&mut self) {
        self.end_stage();
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// A line on stderr; a closed log stops no run.
fn log(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
