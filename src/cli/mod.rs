//! What the user typed, and what the program needs: flags, `huiqi.toml`, defaults, in that order.
//!
//! The clock, the environment and the terminal are read here and in [`crate::commands`], nowhere else.

mod options;
mod progress;

pub use options::{Config, OptionsError, REPORT, RunOptions, WORKBOOK, processors};
pub use progress::Progress;

use crate::reports::Wanted;
use clap::builder::RangedU64ValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Decides every measure of a city's enterprise-support notice for every enterprise, with reasons and exact amounts.
#[derive(Debug, Parser)]
#[command(name = "huiqi", version = VERSION, after_help = EXIT_CODES, disable_help_subcommand = true)]
pub struct Cli {
    /// Print nothing but errors to stderr
    #[arg(long, global = true)]
    pub quiet: bool,
    #[command(subcommand)]
    pub command: Command,
}

/// The package's version, and what it was built from.
pub const VERSION: &str = env!("HUIQI_VERSION");

const EXIT_CODES: &str = "\
Exit codes: 0 ok, 1 failed, 2 usage, 3 published with rejected rows or warnings, 4 refused (out/refused/ says why), \
5 another run holds the lock, 6 pipeline definition invalid, 7 I/O, 130 and 143 signal. A scheduler may treat 0 and 3 as success.";

#[derive(Debug, Subcommand)]
pub enum Command {
    /// The nightly job: one published run
    Run(RunArgs),
    /// Compile every pipeline file and run its worked cases, without data
    Check(PipelineArgs),
    /// The catalogue: what serves each article; or one measure as its article reads
    Measures(MeasuresArgs),
    /// Why a subject is or is not on each measure
    Explain(ExplainArgs),
    /// What lies in a data folder: encodings, columns, shares missing, first bad examples; a source file for an unknown table
    Profile(ProfileArgs),
    /// Who gained, lost or changed between two runs, by how much, and why
    Diff(DiffArgs),
    /// The same data under other parameters: cost and subjects by measure, county and size
    Simulate(SimulateArgs),
    /// What an enterprise would get that somebody describes, or a real one if some of its cells said something else
    Hypothetical(HypotheticalArgs),
    /// Re-read a published run and prove it
    Verify(VerifyArgs),
    /// Synthetic, consistent, deterministic data of every source
    Generate(GenerateArgs),
    /// What a command does; or what a code means: of a pipeline's mistake, a refused row, a finding
    Help(HelpArgs),
}

/// Which pipeline.
#[derive(Debug, Args)]
pub struct PipelineArgs {
    /// Pipeline folder
    #[arg(long, value_name = "DIR")]
    pub pipeline: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct MeasuresArgs {
    #[command(flatten)]
    pub pipeline: PipelineArgs,
    /// One measure
    #[arg(value_name = "ID")]
    pub id: Option<String>,
    /// Every figure of the articles: figure, article, what has it, file
    #[arg(long, conflicts_with = "id")]
    pub figures: bool,
}

/// Which values are set for this run.
#[derive(Debug, Args, Clone, Default)]
pub struct ParameterArgs {
    /// Parameters for this run, TOML or JSON: one table per measure
    #[arg(long, value_name = "FILE")]
    pub params: Option<PathBuf>,
    /// One parameter for this run: ID.PARAM=VALUE or ID.PARAM.KEY=VALUE (repeatable)
    #[arg(long, value_name = "ID.PARAM=VALUE")]
    pub set: Vec<String>,
}

#[derive(Debug, Args)]
pub struct RunArgs {
    #[command(flatten)]
    pub pipeline: PipelineArgs,
    /// Folder of delivered files
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// The day of the run (2022-12-31)
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<String>,
    /// Where runs are published
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub parameters: ParameterArgs,
    /// Only these measures and indicators, with what they build on (globs such as 42-* allowed)
    #[arg(long, value_name = "ID,…", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Leave out the workbook, the page, or both
    #[arg(long, value_name = "workbook,report", value_delimiter = ',')]
    pub without: Vec<String>,
    /// Which rows near_misses.csv lists: those within reach (near), or all that one clause alone fails (default near)
    #[arg(long, value_enum, value_name = "near|all")]
    pub near_misses: Option<Wanted>,
    #[command(flatten)]
    pub limits: LimitArgs,
    /// Worker threads (default: all processors); never changes a byte of the output
    #[arg(long, value_name = "N", value_parser = RangedU64ValueParser::<usize>::new().range(1..=1024))]
    pub threads: Option<usize>,
}

/// What a delivery may lack.
#[derive(Debug, Args, Clone, Default)]
pub struct LimitArgs {
    /// Set a source aside that has a larger share of rejected rows (default 0.05)
    #[arg(long, value_name = "RATIO")]
    pub max_rejects: Option<String>,
    /// Set a source aside that has lost a larger share of its rows since the run before (default 0.5)
    #[arg(long, value_name = "RATIO")]
    pub max_drop: Option<String>,
    /// Use a source in spite of a finding: the finding's 规则, of one source or of any (repeatable)
    #[arg(long, value_name = "RULE[:SOURCE]")]
    pub accept: Vec<String>,
}

#[derive(Debug, Args)]
pub struct ProfileArgs {
    /// Folder of delivered files
    #[arg(value_name = "DATA")]
    pub data: Option<PathBuf>,
    #[command(flatten)]
    pub pipeline: PipelineArgs,
    /// The day of the run that the findings are for (2022-12-31)
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<String>,
    #[command(flatten)]
    pub limits: LimitArgs,
}

#[derive(Debug, Args)]
pub struct HelpArgs {
    /// A command, or a code: unknown-name, date.form, source.missing, …
    #[arg(value_name = "COMMAND|CODE")]
    pub topic: Option<String>,
}

#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// A run's folder, or its id under --out
    pub run: String,
    /// Where runs are published
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Compute the run again from its recorded inputs and compare bytes
    #[arg(long)]
    pub replay: bool,
}

#[derive(Debug, Args)]
pub struct GenerateArgs {
    #[command(flatten)]
    pub pipeline: PipelineArgs,
    /// Enterprises in registrations; everything else follows
    #[arg(long, value_name = "N")]
    pub enterprises: u64,
    /// The same seed gives the same bytes
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Folder that receives one CSV a source
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Share of rows to damage; the damaged lines are listed beside the folder
    #[arg(long, value_name = "RATIO")]
    pub dirty: Option<String>,
}

#[derive(Debug, Args)]
pub struct DiffArgs {
    /// The run before: its folder, or its id under --out
    pub before: String,
    /// The run after: its folder, or its id under --out
    pub after: String,
    /// Where runs are published
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// So many of the lines whose money moves most
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub movers: usize,
}

#[derive(Debug, Args)]
#[command(after_help = SIMULATED)]
pub struct SimulateArgs {
    #[command(flatten)]
    pub pipeline: PipelineArgs,
    /// Folder of delivered files
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// The day that is simulated (2022-12-31)
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<String>,
    #[command(flatten)]
    pub parameters: ParameterArgs,
    /// Cost and subjects at every step of one parameter, both ends included
    #[arg(long, value_name = "ID.PARAM=FROM..TO/STEP", conflicts_with = "solve")]
    pub sweep: Option<String>,
    /// The step of one parameter that spends the budget: the greatest whose cost does not exceed it
    #[arg(long, value_name = "ID.PARAM=FROM..TO/STEP", requires = "budget")]
    pub solve: Option<String>,
    /// Yuan for --solve
    #[arg(long, value_name = "YUAN", requires = "solve")]
    pub budget: Option<String>,
    /// Count only this measure (repeatable); with --solve by default all 奖补 that the parameter changes
    #[arg(long, value_name = "ID")]
    pub of: Vec<String>,
    /// How the answer is written
    #[arg(long, value_enum, default_value = "text")]
    pub format: TableForm,
    #[command(flatten)]
    pub limits: LimitArgs,
    /// Worker threads (default: all processors)
    #[arg(long, value_name = "N", value_parser = RangedU64ValueParser::<usize>::new().range(1..=1024))]
    pub threads: Option<usize>,
}

const SIMULATED: &str = "\
Base is what `huiqi run` computes without these flags; only measures that the set values can change are decided. Caps are parameters \
like any other; a measure's dates of effect are ID.in_force.from=DATE and ID.in_force.to=DATE. With --sweep and --solve, --set and \
--params hold at every step.";

/// The forms of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TableForm {
    Text,
    Csv,
    Json,
}

#[derive(Debug, Args)]
#[command(after_help = DESCRIBED)]
pub struct HypotheticalArgs {
    /// A TOML file that describes an enterprise, or the code of a real one (as for explain)
    #[arg(value_name = "FILE.toml|CODE")]
    pub whose: String,
    /// A cell of a real enterprise: `SOURCE.COLUMN=VALUE`, or `SOURCE[KEY].COLUMN=VALUE` where it has several rows (repeatable)
    #[arg(long, value_name = "CHANGE")]
    pub change: Vec<String>,
    /// This measure, with its whole explanation (repeatable)
    #[arg(long, value_name = "ID")]
    pub measure: Vec<String>,
    /// The run whose inputs hold the real enterprise: its folder, or its id under --out (default: the current one)
    #[arg(long, value_name = "RUN")]
    pub run: Option<String>,
    /// Where runs are published
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub pipeline: PipelineArgs,
    /// The day on which a described enterprise is judged (default: the file's, else 2022-12-31)
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<String>,
    #[command(flatten)]
    pub parameters: ParameterArgs,
    /// How the answer is written
    #[arg(long, value_enum, default_value = "text")]
    pub format: TableForm,
}

const DESCRIBED: &str = "\
KEY is the row's 来源单据, or its parts but for the enterprise's code: 'annual_statements[2022].从业人数=310'. An empty VALUE is an \
empty cell. The file: [registration] changes the pipeline's example registration (registration = false: not registered), and \
[[related.annual_statements]] is a row of that source; other sources have no rows. A row that does not say whose it is is the \
enterprise's own. --pipeline, --as-of, --params and --set are for described enterprises; a real one is judged as its run did.";

#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A code as in the ledger's column 统一社会信用代码 (a person's own number too), a 台账编号, or a part of a name
    #[arg(required_unless_present = "kpi")]
    pub code: Option<String>,
    /// Only this measure (repeatable)
    #[arg(long, value_name = "ID")]
    pub measure: Vec<String>,
    /// Instead: the rows behind a line of a KPI table, which is named by its first cells ('全市', '机构|140921')
    #[arg(long, num_args = 2, value_names = ["TABLE", "ROW"], conflicts_with_all = ["code", "measure"])]
    pub kpi: Vec<String>,
    /// The run to explain: its folder, or its id under --out (default: the current one)
    #[arg(long, value_name = "RUN")]
    pub run: Option<String>,
    /// Where runs are published
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// How the answer is written
    #[arg(long, value_enum, default_value = "text")]
    pub format: ExplainForm,
}

/// The forms of an explanation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExplainForm {
    Text,
    Json,
    Markdown,
}
