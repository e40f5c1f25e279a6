use clap::Parser;
use huiqi::{cli, commands};
use std::process::ExitCode;

fn main() -> ExitCode {
    commands::execute(cli::Cli::parse()).into()
}
