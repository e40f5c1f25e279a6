//! A condition's tests read over rows: what each saw, what it wanted, by how much it was met or missed.
//!
//! One [`Reading`] serves one row or hundreds of thousands: values are read as columns, texts are made row by row when
//! they are asked for. A test whose value is missing is open, never failed.

use super::margin::{self, Gap, Margin, SHARE};
use super::near::Measured;
use super::shape::{About, Shape, Test};
use super::values::Values;
use crate::facts::{Rows, World};
use crate::money::RATE_SCALE;
use crate::policy::near::Band;
use crate::policy::words::{sign, words};
use crate::sql::EvalError;
use crate::sql::ir::{Comparison, Expr, MeasureId, Node};
use crate::value::Cell;
use polars::prelude::BooleanChunked;

/// What a test saw on one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// What was looked at (`从业人数`); empty where the value says it itself.
    pub label: String,
    pub value: String,
    pub threshold: String,
    pub margin: Option<Margin>,
    pub holds: Option<bool>,
}

/// A condition, read.
pub enum Reading<'w> {
    All(Vec<Reading<'w>>),
    Any(Vec<Reading<'w>>),
    Chosen { conditions: Vec<BooleanChunked>, branches: Vec<Reading<'w>>, otherwise: Box<Reading<'w>> },
    Test(Box<TestReading<'w>>),
}

pub struct TestReading<'w> {
    label: String,
    holds: BooleanChunked,
    measured: Option<Measured>,
    read: Read<'w>,
}

enum Read<'w> {
    Bound {
        value: Values<'w>,
        op: Comparison,
        bound: Values<'w>,
        unit: String,
    },
    Window {
        date: Values<'w>,
        from: Option<Values<'w>>,
        to: Option<Values<'w>>,
    },
    Ratio {
        part: Values<'w>,
        whole: Values<'w>,
        op: Comparison,
        rate: Values<'w>,
        growth: bool,
    },
    Words {
        value: Values<'w>,
        list: Vec<Values<'w>>,
        negated: bool,
    },
    Prefix {
        value: Values<'w>,
        prefix: String,
        negated: bool,
    },
    Present {
        value: Values<'w>,
        negated: bool,
    },
    /// Yes or no, in these words.
    Flag {
        value: BooleanChunked,
        words: [String; 2],
        negated: bool,
    },
}

impl<'w> Reading<'w> {
    /// Reads a condition over rows.
    pub fn of(world: &World<'_>, shape: &Shape, rows: &mut Rows<'w>) -> Result<Reading<'w>, EvalError> {
        let mut list = |parts: &[Shape]| parts.iter().map(|p| Reading::of(world, p, rows)).collect::<Result<Vec<_>, _>>();
        Ok(match shape {
            Shape::All(parts) => Reading::All(list(parts)?),
            Shape::Any(parts) => Reading::Any(list(parts)?),
            Shape::Chosen { branches, otherwise } => {
                let (mut conditions, mut read) = (Vec::new(), Vec::new());
                for (condition, branch) in branches {
                    conditions.push(rows.condition(condition)?);
                    read.push(Reading::of(world, branch, rows)?);
                }
                Reading::Chosen { conditions, branches: read, otherwise: Box::new(Reading::of(world, otherwise, rows)?) }
            }
            Shape::Test(test) => Reading::Test(Box::new(TestReading::of(world, test, rows)?)),
        })
    }

    /// Whether it holds on a row.
    pub fn holds(&self, row: usize) -> Option<bool> {
        match self {
            Reading::All(parts) => kleene(parts, row, false),
            Reading::Any(parts) => kleene(parts, row, true),
            Reading::Chosen { .. } => self.branch(row).and_then(|b| b.holds(row)),
            Reading::Test(test) => test.holds.get(row),
        }
    }

    fn branch(&self, row: usize) -> Option<&Reading<'w>> {
        let Reading::Chosen { conditions, branches, otherwise } = self else {
            return None;
        };
        let chosen = conditions.iter().position(|c| c.get(row) == Some(true));
        Some(chosen.map_or(&**otherwise, |i| &branches[i]))
    }

    /// Whether it looks at one thing only, so that its value needs no name.
    pub fn is_of_one(&self) -> bool {
        fn labels<'r>(reading: &'r Reading<'_>, found: &mut Vec<&'r str>) {
            match reading {
                Reading::All(parts) | Reading::Any(parts) => parts.iter().for_each(|p| labels(p, found)),
                Reading::Chosen { branches, otherwise, .. } => {
                    branches.iter().for_each(|b| labels(b, found));
                    labels(otherwise, found);
                }
                Reading::Test(test) => found.push(&test.label),
            }
        }
        let mut found = Vec::new();
        labels(self, &mut found);
        found.windows(2).all(|w| w[0] == w[1])
    }

    /// The tests that the row was put to, in order; of several ways that are each enough, the one that was met.
    pub fn tests(&self, row: usize, out: &mut Vec<Seen>) {
        match self {
            Reading::Any(parts) => match parts.iter().find(|p| p.holds(row) == Some(true)) {
                Some(enough) => enough.tests(row, out),
                None => parts.iter().for_each(|p| p.tests(row, out)),
            },
            Reading::All(parts) => parts.iter().for_each(|p| p.tests(row, out)),
            Reading::Chosen { .. } => {
                if let Some(branch) = self.branch(row) {
                    branch.tests(row, out);
                }
            }
            Reading::Test(test) => out.push(test.seen(row)),
        }
    }

    /// How far a row for which the condition is false is from meeting it, where that can be measured: of what must all
    /// hold the farthest, of what is enough the nearest.
    pub fn distance(&self, row: usize) -> Option<i128> {
        self.farthest(row, &|test| test.gap(row).map(|gap| gap.distance))
    }

    /// Whether a row for which the condition is false is no farther from meeting it than this.
    pub fn is_near(&self, row: usize, band: &Band) -> bool {
        *band == Band::Any || self.farthest(row, &|test| test.beyond(row, band)).is_some_and(|beyond| beyond <= 0)
    }

    /// How many grades such a row is from meeting it, where it compares grades alone.
    pub fn grades(&self, row: usize) -> Option<i128> {
        self.farthest(row, &|test| test.grades(row))
    }

    fn farthest(&self, row: usize, far: &impl Fn(&TestReading<'w>) -> Option<i128>) -> Option<i128> {
        match self {
            Reading::All(parts) => {
                let wanted = if self.holds(row) == Some(false) { Some(false) } else { None };
                let mut failing = parts.iter().filter(|p| p.holds(row) == wanted).map(|p| p.farthest(row, far));
                failing.try_fold(None, |most: Option<i128>, d| Some(most.max(Some(d?))))?
            }
            Reading::Any(parts) => parts.iter().filter_map(|p| p.farthest(row, far)).min(),
            Reading::Chosen { .. } => self.branch(row).and_then(|b| b.farthest(row, far)),
            Reading::Test(test) => far(test),
        }
    }

    /// What keeps a row for which the condition is false from meeting it, in as few words as say it.
    pub fn failing(&self, row: usize) -> Seen {
        match self {
            Reading::All(parts) => {
                let wanted = if self.holds(row) == Some(false) { Some(false) } else { None };
                let failing = parts.iter().filter(|p| p.holds(row) == wanted).map(|p| p.failing(row)).collect();
                together(failing, "；", |a, b| a.max(b))
            }
            Reading::Any(parts) => {
                let all: Vec<Seen> = parts.iter().map(|p| p.failing(row)).collect();
                // Of several ways, those of which one can say how far they are.
                let near: Vec<Seen> = all.iter().filter(|s| s.margin.is_some()).cloned().collect();
                together(if near.is_empty() { all } else { near }, " 或 ", |a, b| a.min(b))
            }
            Reading::Chosen { .. } => match self.branch(row) {
                Some(branch) => branch.failing(row),
                None => together(Vec::new(), "", |a, _| a),
            },
            Reading::Test(test) => test.seen(row),
        }
    }
}

impl Seen {
    /// The value with the name of what was looked at.
    pub fn named_value(&self) -> String {
        if self.label.is_empty() { self.value.clone() } else { format!("{} {}", self.label, self.value) }
    }
}

/// Several tests as one; `distance` joins how far they are, if all say it.
fn together(mut list: Vec<Seen>, between: &str, distance: fn(i128, i128) -> i128) -> Seen {
    if list.len() == 1 {
        return list.remove(0);
    }
    let same_value = list.windows(2).all(|w| (&w[0].label, &w[0].value) == (&w[1].label, &w[1].value));
    let labelled = |s: &Seen, text: &str| if s.label.is_empty() { text.to_string() } else { format!("{} {text}", s.label) };
    let join = |texts: Vec<String>| {
        let mut unique: Vec<String> = Vec::new();
        texts.into_iter().filter(|t| !t.is_empty()).for_each(|t| {
            if !unique.contains(&t) {
                unique.push(t);
            }
        });
        unique.join(between)
    };
    let margins: Option<Vec<&Margin>> = list.iter().map(|s| s.margin.as_ref()).collect();
    let margin = margins.filter(|m| !m.is_empty()).map(|m| Margin {
        text: join(m.iter().map(|m| m.text.clone()).collect()),
        distance: m.iter().map(|m| m.distance).reduce(distance).unwrap_or(0),
    });
    let holds = list.iter().map(|s| s.holds).reduce(|a, b| if a == b { a } else { None }).flatten();
    if same_value {
        let first = list.first().cloned();
        let threshold = join(list.iter().map(|s| s.threshold.clone()).collect());
        let (label, value) = first.map_or_else(Default::default, |s| (s.label, s.value));
        return Seen { label, value, threshold, margin, holds };
    }
    Seen {
        label: String::new(),
        value: join(list.iter().map(|s| labelled(s, &s.value)).collect()),
        threshold: join(list.iter().map(|s| labelled(s, &s.threshold)).collect()),
        margin,
        holds,
    }
}

impl<'w> TestReading<'w> {
    fn of(world: &World<'_>, test: &Test, rows: &mut Rows<'w>) -> Result<TestReading<'w>, EvalError> {
        let mut values = |e: &Expr| Values::of(world, e, rows);
        let mut label = String::new();
        let measured = Measured::of(world.pipeline, &test.about);
        let read = match &test.about {
            About::Bound { value, op, bound } => {
                label = words(world.pipeline, value);
                let unit = match &measured {
                    Some(Measured::Number(unit)) => unit.clone().unwrap_or_default(),
                    _ => String::new(),
                };
                Read::Bound { value: values(value)?, op: *op, bound: values(bound)?, unit }
            }
            About::Window { date, from, to } => {
                label = words(world.pipeline, date);
                let mut side = |e: &Option<Expr>| e.as_ref().map(&mut values).transpose();
                let (from, to) = (side(from)?, side(to)?);
                Read::Window { date: values(date)?, from, to }
            }
            About::Ratio { part, whole, op, rate, growth } => {
                label = if *growth {
                    GROWTH.to_string()
                } else {
                    format!("{} ÷ {}", words(world.pipeline, part), words(world.pipeline, whole))
                };
                Read::Ratio { part: values(part)?, whole: values(whole)?, op: *op, rate: values(rate)?, growth: *growth }
            }
            About::OneOf { value, list, negated } => {
                label = words(world.pipeline, value);
                let list: Result<Vec<Values<'w>>, EvalError> = list.iter().map(&mut values).collect();
                Read::Words { list: list?, value: values(value)?, negated: *negated }
            }
            About::Prefix { value, prefix, negated } => {
                label = words(world.pipeline, value);
                Read::Prefix { value: values(value)?, prefix: prefix.clone(), negated: *negated }
            }
            About::Present { value, negated } => {
                label = words(world.pipeline, value);
                Read::Present { value: values(value)?, negated: *negated }
            }
            About::Related { query, negated } => {
                let what = words(world.pipeline, query);
                let words = [format!("{what}中没有符合的记录"), format!("{what}中有符合的记录")];
                Read::Flag { value: rows.condition(query)?, words, negated: *negated }
            }
            About::Listed { list, negated } => {
                let name = listed(list).map_or("", |m| world.pipeline.measures[m].title.as_str());
                let words = [format!("不在“{name}”之列"), format!("在“{name}”之列")];
                Read::Flag { value: rows.condition(list)?, words, negated: *negated }
            }
            About::Flag { value, negated } => {
                label = words(world.pipeline, value);
                Read::Flag { value: rows.condition(value)?, words: ["否".into(), "是".into()], negated: *negated }
            }
        };
        Ok(TestReading { label, holds: rows.condition(&test.holds)?, measured, read })
    }

    fn seen(&self, row: usize) -> Seen {
        let holds = self.holds.get(row);
        let gap = self.gap(row);
        let (value, threshold, margin) = match &self.read {
            Read::Bound { value, op, bound, unit } => {
                let threshold = match op {
                    Comparison::Equal => bound.text(row),
                    op => format!("{} {}", sign(*op), bound.text(row)),
                };
                (value.text(row), threshold, gap.map(|g| g.margin(margin::lacks(*op), |n| margin::amount(value, unit, n))))
            }
            Read::Window { date, from, to } => {
                let window = window_text(from.as_ref(), to.as_ref(), row);
                (date.text(row), window, gap.map(|g| g.margin("差", |days| format!("{days} 天"))))
            }
            Read::Ratio { part, whole, op, rate, growth } => {
                let of = if *growth { format!(" {GROWTH}") } else { String::new() };
                let lacks = if margin::lacks(*op) == "差" { "还差" } else { "超出" };
                let value = match margin::of_ratio(part, whole, *op, rate, row) {
                    Some((ratio, _)) => format!("{}%", margin::percent(ratio)),
                    None => format!("{} ÷ {}", part.text(row), whole.text(row)),
                };
                let margin = gap.map(|g| g.margin(lacks, |n| format!("{} %{of}", margin::percent(n))));
                (value, format!("{} {}", sign(*op), rate.text(row)), margin)
            }
            Read::Words { value, list, negated } => {
                let list: Vec<String> = list.iter().map(|v| v.text(row)).collect();
                (value.text(row), but(list.join("、"), *negated), None)
            }
            Read::Prefix { value, prefix, negated } => (value.text(row), but(format!("{prefix}…"), *negated), None),
            Read::Present { value, negated } => {
                let value = if value.cell(row) == Cell::Null { "空".to_string() } else { value.text(row) };
                (value, if *negated { "空" } else { "不为空" }.to_string(), None)
            }
            Read::Flag { value, words, negated } => {
                let say = |b: bool| words[usize::from(b)].clone();
                (value.get(row).map_or_else(|| "（缺）".to_string(), say), say(!negated), None)
            }
        };
        Seen { label: self.label.clone(), value, threshold, margin, holds }
    }

    /// By how much the row meets or misses it, where that can be measured.
    fn gap(&self, row: usize) -> Option<Gap> {
        match &self.read {
            Read::Bound { value, op, bound, .. } => margin::of_numbers(value, *op, bound, row),
            Read::Window { date, from, to } => margin::of_window(date, from.as_ref(), to.as_ref(), row),
            Read::Ratio { part, whole, op, rate, .. } => margin::of_ratio(part, whole, *op, rate, row).map(|(_, gap)| gap),
            _ => None,
        }
    }

    /// How far the row is beyond a band, below zero within it; nothing where the test is not measured so.
    fn beyond(&self, row: usize, band: &Band) -> Option<i128> {
        self.measured.as_ref().filter(|measured| measured.fits(band))?;
        match band {
            Band::Any => None,
            Band::Share(share) => self.gap(row)?.share?.checked_sub(share.checked_mul(SHARE / 10_i128.pow(RATE_SCALE))?),
            Band::Gap { number, scale, .. } => {
                let (missing, step) = match &self.read {
                    Read::Bound { value, .. } => (self.gap(row)?.missing, value.scale()),
                    Read::Words { .. } => (self.grades(row)?, 0),
                    _ => (self.gap(row)?.missing, 0),
                };
                let power = |n: u32| 10_i128.checked_pow(n);
                missing.checked_mul(power(*scale)?)?.checked_sub(number.checked_mul(power(step)?)?)
            }
        }
    }

    /// From the value of an enum to the nearest of those that are wanted.
    fn grades(&self, row: usize) -> Option<i128> {
        let (Some(Measured::Grades), Read::Words { value, list, .. }) = (&self.measured, &self.read) else { return None };
        let (own, _) = value.number(row)?;
        list.iter().filter_map(|wanted| Some((wanted.number(row)?.0 - own).abs())).min()
    }
}

/// A difference over what it is the difference to.
const GROWTH: &str = "增速";

fn listed(e: &Expr) -> Option<MeasureId> {
    match e.node {
        Node::OnList { measure, .. } => Some(measure),
        _ => None,
    }
}

fn but(text: String, negated: bool) -> String {
    if negated { format!("除{text}以外") } else { text }
}

fn window_text(from: Option<&Values<'_>>, to: Option<&Values<'_>>, row: usize) -> String {
    match (from.map(|v| v.text(row)), to.map(|v| v.text(row))) {
        (Some(from), Some(to)) if from == to => from,
        (Some(from), Some(to)) => format!("{from} 至 {to}"),
        (Some(from), None) => format!("不早于 {from}"),
        (None, Some(to)) => format!("不晚于 {to}"),
        (None, None) => String::new(),
    }
}

/// Three-valued AND (decided by a false part) or OR (decided by a true one).
fn kleene(parts: &[Reading<'_>], row: usize, decides: bool) -> Option<bool> {
    let values = || parts.iter().map(|p| p.holds(row));
    if values().any(|v| v == Some(decides)) {
        return Some(decides);
    }
    if values().any(|v| v.is_none()) { None } else { Some(!decides) }
}
