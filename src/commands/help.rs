//! `huiqi help`: what a command does, or what a code means.

use super::{ExitStatus, Failure, Outcome, print};
use crate::cli::{Cli, HelpArgs};
use crate::diagnostic::{Mistake, similar};
use crate::help::Page;
use crate::{delivery, sources};
use clap::CommandFactory;

pub fn help(args: HelpArgs) -> Outcome {
    let mut cli = Cli::command();
    // Whoever has not been built does not know whose command it is.
    cli.build();
    let Some(topic) = args.topic else {
        return print(&cli.render_help().to_string());
    };
    if let Some(command) = cli.find_subcommand_mut(&topic) {
        return print(&command.render_help().to_string());
    }
    // What refuses a file is found of the delivery, too.
    let found: Vec<String> = pages().filter(|page| page.code == topic).map(|page| page.to_string()).collect();
    if !found.is_empty() {
        return print(&found.join("\n"));
    }
    let commands: Vec<&str> = cli.get_subcommands().map(|command| command.get_name()).collect();
    let near = similar(&topic, pages().map(|page| page.code).chain(commands)).join(", ");
    let hint = if near.is_empty() { String::new() } else { format!("; similar: {near}") };
    Err(Failure::new(ExitStatus::Usage, format!("there is no command or code `{topic}`{hint}")))
}

/// The page of every code.
fn pages() -> impl Iterator<Item = Page> {
    let mistakes = Mistake::ALL.iter().map(|code| code.page());
    mistakes.chain(sources::Rule::ALL.iter().map(|code| code.page())).chain(delivery::Rule::ALL.iter().map(|code| code.page()))
}
