//! Files: lines made in parallel, a stretch of rows at a time, and written in order.

use super::data::Data;
use super::dirt::{Damaged, Lines};
use super::line::line_of;
use super::report::{GenerateError, Made, Written};
use super::stretch::{Sheet, Stretch, stretches};
use crate::generate::plan::model::TableId;
use crate::schema::{BySource, Source};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;

/// Stretches that wait to be written, beside those that wait for an earlier one.
const AHEAD: usize = 4;

/// Writes all tables that have a sheet into a folder; the files, and the damaged lines of each.
pub fn write(data: &Data<'_>, sheets: &BySource<Option<Sheet<'_>>>, out: &Path) -> Made<Vec<(Written, Vec<Damaged>)>> {
    let output = |sheet: &Option<Sheet<'_>>| sheet.as_ref().map(|sheet| Output::new(sheet.source, out)).transpose();
    let mut outputs: BySource<Option<Output>> = sheets.iter().map(output).collect::<Made<_>>()?;
    let make = |stretch: &Stretch| stretch.lines(data, sheets);
    in_order(&stretches(data, sheets), make, |made| {
        let add = |(table, lines): (TableId, Lines)| outputs[table].as_mut().map_or(Ok(()), |output| output.add(lines));
        made?.into_iter().try_for_each(add)
    })?;
    outputs.into_iter().flatten().map(Output::finished).collect()
}

/// Makes something of each item, and takes it in their order.
///
/// By threads of our own: one of a pool, which waits for the engine, would begin another item on top of the first.
fn in_order<T: Sync, R: Send>(items: &[T], make: impl Fn(&T) -> R + Sync, mut take: impl FnMut(R) -> Made<()>) -> Made<()> {
    let (next, make) = (&AtomicUsize::new(0), &make);
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel(AHEAD);
        for _ in 0..rayon::current_num_threads() {
            let sender = sender.clone();
            scope.spawn(move || {
                let places = std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed));
                let mut items = places.map_while(|place| Some((place, items.get(place)?)));
                items.try_for_each(|(place, item)| sender.send((place, make(item))))
            });
        }
        drop(sender);
        let (mut due, mut early) = (0, BTreeMap::new());
        for (place, made) in receiver {
            early.insert(place, made);
            while let Some(made) = early.remove(&due) {
                take(made)?;
                due += 1;
            }
        }
        Ok(())
    })
}

/// A file of one source while it is written.
struct Output {
    file: BufWriter<File>,
    written: Written,
    damaged: Vec<Damaged>,
}

impl Output {
    /// A new file with its header.
    fn new(source: &Source, out: &Path) -> Made<Output> {
        let path = out.join(format!("{}.csv", source.name));
        let file = File::create(&path).map_err(|error| GenerateError::Io { path: path.clone(), error })?;
        let written = Written { source: source.name.clone(), path, rows: 0, bytes: 0, damaged: 0 };
        let mut output = Output { file: BufWriter::new(file), written, damaged: Vec::new() };
        output.write(&line_of(&source.columns.iter().map(|column| &column.name).collect::<Vec<_>>()))?;
        Ok(output)
    }

    fn write(&mut self, bytes: &[u8]) -> Made<()> {
        self.written.bytes += bytes.len() as u64;
        self.file.write_all(bytes).map_err(|error| GenerateError::Io { path: self.written.path.clone(), error })
    }

    fn add(&mut self, lines: Lines) -> Made<()> {
        self.write(&lines.bytes)?;
        self.written.damaged += lines.damaged.len() as u64;
        let above = self.written.rows + 2;
        self.damaged.extend(lines.damaged.into_iter().map(|d| Damaged { line: above + d.line, ..d }));
        self.written.rows += lines.count;
        Ok(())
    }

    fn finished(mut self) -> Made<(Written, Vec<Damaged>)> {
        self.file.flush().map_err(|error| GenerateError::Io { path: self.written.path.clone(), error })?;
        Ok((self.written, self.damaged))
    }
}
