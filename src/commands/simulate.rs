//! `huiqi simulate`: the same data under other parameters, side by side, step by step, or for a budget.

use super::selection::Selection;
use super::{ExitStatus, Failure, Outcome, run, stages};
use crate::cli::{Config, RunArgs, RunOptions, SimulateArgs, TableForm};
use crate::delivery::{self, Level};
use crate::facts::World;
use crate::money::{self, FenSum};
use crate::period;
use crate::policy::model::{Kind, Pipeline};
use crate::policy::{Grid, Overlay, reach};
use crate::publish::csv::Csv;
use crate::reports::{self, Solved, Table, Totals};
use crate::sources::CheckedTables;
use crate::sql::ir::MeasureId;
use std::collections::BTreeSet;
use std::time::SystemTime;

pub fn simulate(args: SimulateArgs, config: Config, quiet: bool) -> Outcome {
    let question = Question::of(&args)?;
    let SimulateArgs { pipeline, data, as_of, parameters, limits, threads, of, format, .. } = args;
    let (out, only, without, near_misses) = (None, Vec::new(), Vec::new(), None);
    let asked = RunArgs { pipeline, data, as_of, out, parameters, only, without, near_misses, limits, threads };
    let base = stages::overlay(config.params.as_deref(), &config.set)?;
    let options = config.run_options(asked).map_err(usage)?;
    let scenario = stages::overlay(options.params.as_deref(), &options.set)?;
    let simulation = Simulation::begin(&options, base, scenario, &question, &of, quiet)?;
    let mut status = ExitStatus::Ok;
    let table = match &question {
        Question::Compare => simulation.compare()?,
        Question::Sweep(grid) => simulation.sweep(&simulation.grid("--sweep", grid)?)?,
        Question::Solve(grid, budget) => {
            let (solved, table) = simulation.solve(&simulation.grid("--solve", grid)?, *budget)?;
            if !matches!(solved, Solved::Greatest(_) | Solved::All(_)) {
                eprintln!("--solve: no value in this range can be named, see 结果");
                status = ExitStatus::Failed;
            }
            table
        }
    };
    print(&table, format)?;
    Ok(status)
}

fn usage(e: impl ToString) -> Failure {
    Failure::new(ExitStatus::Usage, e)
}

/// What is asked; grids as typed, a budget in 分.
enum Question {
    Compare,
    Sweep(String),
    Solve(String, FenSum),
}

impl Question {
    fn of(args: &SimulateArgs) -> Result<Question, Failure> {
        match (&args.sweep, &args.solve, &args.budget) {
            (Some(grid), _, _) => Ok(Question::Sweep(grid.clone())),
            (None, Some(grid), Some(budget)) => match money::parse_set_money(budget) {
                Some(fen) => Ok(Question::Solve(grid.clone(), fen.into())),
                None => Err(usage(format!("--budget: `{budget}` is not an amount in yuan such as 5000000"))),
            },
            _ => Ok(Question::Compare),
        }
    }

    fn grid(&self) -> Option<&String> {
        match self {
            Question::Compare => None,
            Question::Sweep(grid) | Question::Solve(grid, _) => Some(grid),
        }
    }
}

/// Two pipelines over the same tables.
struct Simulation {
    base: (Overlay, Pipeline),
    scenario: (Overlay, Pipeline),
    data: CheckedTables,
    /// What is decided, and of that what is counted.
    selection: Selection,
    counted: Vec<MeasureId>,
    as_of: i32,
    threads: usize,
}

impl Simulation {
    fn begin(
        options: &RunOptions,
        base: Overlay,
        scenario: Overlay,
        question: &Question,
        of: &[String],
        quiet: bool,
    ) -> Result<Simulation, Failure> {
        let pipelines = (stages::pipeline(&options.pipeline, &base)?, stages::pipeline(&options.pipeline, &scenario)?);
        let pipeline = &pipelines.1;
        let named = |id| pipeline.measure(id).into_iter().chain(pipeline.settlement.members(id).iter().copied());
        let mut changed: BTreeSet<MeasureId> = base.differing(&scenario).flat_map(named).collect();
        if let Some(text) = question.grid() {
            let flag = if matches!(question, Question::Sweep(_)) { "--sweep" } else { "--solve" };
            changed.extend(pipeline.measure(&grid(pipeline, flag, text)?.id));
        }
        if changed.is_empty() {
            return Err(usage("nothing differs from the base: name a parameter with --set, --params, --sweep or --solve"));
        }
        let affected = reach::dependants(pipeline, &changed);
        let counted = counted(pipeline, &affected, of)?;
        let selection = Selection::with_sizes(pipeline, &affected);
        let mut data = stages::read(pipeline, &options.pipeline, &options.data, &selection.sources)?;
        let looked = delivery::look(&selection.wanted(pipeline, options, run::today(SystemTime::now())), &data, None);
        if looked.findings.iter().any(|finding| finding.level == Level::Stop) {
            return Err(run::refusal(&looked.findings, "nothing was computed"));
        }
        stages::take(&looked.taken, pipeline, &mut data)?;
        if !quiet {
            data.warnings.iter().for_each(|w| eprintln!("warning: {w}"));
            looked.findings.iter().filter(|f| f.level == Level::Warn).for_each(|finding| eprintln!("{}", finding.line()));
            let rejected: u64 = data.files.iter().map(|f| f.rejected).sum();
            if rejected > 0 {
                eprintln!("warning: {rejected} rows were rejected and take no part");
            }
        }
        let (base, scenario) = ((base, pipelines.0), (scenario, pipelines.1));
        Ok(Simulation { base, scenario, data, selection, counted, as_of: options.as_of, threads: options.threads })
    }

    fn grid(&self, flag: &str, text: &str) -> Result<Grid, Failure> {
        grid(&self.scenario.1, flag, text)
    }

    fn totals(&self, world: &World<'_>) -> Result<Totals, Failure> {
        let settled = stages::settle(world, &self.selection.measures, self.threads)?;
        Totals::of(world, &settled, &self.counted).map_err(|(m, e)| stages::evaluation(world, Some(&world.pipeline.measures[m]), e))
    }

    fn compare(&self) -> Result<Table, Failure> {
        let totals = |pipeline| self.totals(&World::new(pipeline, &self.data, self.as_of));
        let (base, scenario) = (totals(&self.base.1)?, totals(&self.scenario.1)?);
        let mut head = self.head();
        head.push(("基准", named(&self.base.0)));
        head.push(("方案", named(&self.scenario.0)));
        Ok(reports::compared(&self.scenario.1, head, &base, &scenario))
    }

    fn sweep(&self, grid: &Grid) -> Result<Table, Failure> {
        let steps: Result<Vec<(String, Totals)>, Failure> = (0..grid.len()).map(|at| Ok((grid.text(at), self.step(grid, at)?))).collect();
        Ok(reports::swept(self.head_of(grid), &steps?))
    }

    fn solve(&self, grid: &Grid, budget: FenSum) -> Result<(Solved, Table), Failure> {
        let pipeline = &self.scenario.1;
        let kinds: BTreeSet<Kind> = self.counted.iter().map(|&m| pipeline.measures[m].kind).collect();
        let kind = if kinds.len() == 1 { kinds.first().copied() } else { Some(Kind::Grant).filter(|k| kinds.contains(k)) };
        let kind = kind
            .ok_or_else(|| usage("the measures that this parameter changes are of several kinds, none of them 奖补: choose with --of"))?;
        let last = grid.len() - 1;
        let solution = reports::solve(last, budget, |at| Ok::<_, Failure>(self.step(grid, at)?.all(kind).amount))?;
        let mut head = self.head_of(grid);
        let of_kind: Vec<&str> =
            self.counted.iter().map(|&m| &pipeline.measures[m]).filter(|m| m.kind == kind).map(|m| m.id.as_str()).collect();
        head.push(("计入", format!("{}（{}）", of_kind.join("、"), kind.name())));
        head.push(("预算", budget.grouped()));
        Ok((solution.solved, reports::solved(head, &solution, budget, |at| grid.text(at))))
    }

    /// The totals with the parameter at one step.
    fn step(&self, grid: &Grid, at: u64) -> Result<Totals, Failure> {
        let pipeline = &self.scenario.1;
        let mut parameters = pipeline.parameters.clone();
        grid.over(&Overlay::default(), at).apply_to(pipeline, &mut parameters).map_err(usage)?;
        self.totals(&World::with_parameters(pipeline, &parameters, &self.data, self.as_of))
    }

    fn head(&self) -> Vec<(&'static str, String)> {
        vec![("政策", self.scenario.1.document.number.clone()), ("截止日", period::format_date(self.as_of))]
    }

    fn head_of(&self, grid: &Grid) -> Vec<(&'static str, String)> {
        let mut head = self.head();
        head.push(("另定", named(&self.scenario.0)));
        head.push(("参数", grid.name()));
        head
    }
}

fn grid(pipeline: &Pipeline, flag: &str, text: &str) -> Result<Grid, Failure> {
    Grid::parse(text, pipeline).map_err(|e| usage(format!("{flag}: {e}")))
}

/// What is counted: all that can change, or what was named of it.
fn counted(pipeline: &Pipeline, affected: &[MeasureId], of: &[String]) -> Result<Vec<MeasureId>, Failure> {
    if of.is_empty() {
        return Ok(affected.to_vec());
    }
    let one = |id: &String| {
        let found = pipeline.measure(id).ok_or_else(|| usage(format!("--of: there is no measure `{id}`")))?;
        let can_change = affected.contains(&found);
        can_change.then_some(found).ok_or_else(|| usage(format!("--of: no value that is set here can change `{id}`")))
    };
    of.iter().map(one).collect()
}

fn named(overlay: &Overlay) -> String {
    let settings: Vec<String> = overlay.named().into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    if settings.is_empty() { "措施文件".to_string() } else { settings.join("，") }
}

/// Brings a table to stdout.
pub(super) fn print(table: &Table, form: TableForm) -> Outcome {
    match form {
        TableForm::Text => super::print(&table.text()),
        TableForm::Json => {
            let text = serde_json::to_string_pretty(&table.json()).map_err(|e| Failure::new(ExitStatus::Failed, e))?;
            super::print(&(text + "\n"))
        }
        TableForm::Csv => {
            let csv = Csv::of(&table.columns, &table.rows, |cells, out| {
                table.columns.iter().zip(cells).for_each(|(column, cell)| out.printed(column, &cell.plain()));
            });
            super::print(&String::from_utf8_lossy(&csv.to_bytes()))
        }
    }
}
