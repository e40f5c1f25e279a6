//! What measures cost and whom they reach under some parameters: by measure, by county and by size, base beside scenario.
//!
//! Kinds are never added together. Subjects are counted once per group, by their unmasked codes. Money is what settlement leaves.

use super::table::{Cell as Shown, Table};
use crate::facts::World;
use crate::ledger::columns::{BY_COUNTY, BY_MEASURE, Column, NO_COUNTY, code, number, text};
use crate::ledger::{counties, of_registration};
use crate::measures::Verdict;
use crate::money::{Fen, FenSum};
use crate::policy::model::{Kind, Pipeline};
use crate::settlement::Settled;
use crate::sql::EvalError;
use crate::sql::ir::{Expr, Item, MeasureId, Node};
use crate::value::{Cell, Value};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// By what the totals are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dimension {
    All,
    Measure,
    County,
    Size,
}

impl Dimension {
    pub fn name(self) -> &'static str {
        match self {
            Dimension::All => "合计",
            Dimension::Measure => BY_MEASURE,
            Dimension::County => BY_COUNTY,
            Dimension::Size => "企业规模",
        }
    }
}

/// What the awards of one group come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sum {
    /// Different subjects.
    pub subjects: u64,
    /// Ledger lines.
    pub lines: u64,
    /// Of these 待定标准: nobody has named their amount.
    pub unset: u64,
    pub amount: FenSum,
}

#[derive(Debug, Default)]
struct Group {
    subjects: HashSet<Cell>,
    sum: Sum,
}

/// The totals of some measures, by dimension, group and kind.
#[derive(Debug, Default)]
pub struct Totals {
    groups: BTreeMap<(Dimension, String, Kind), Group>,
}

/// The group of subjects whose size is not known.
const UNKNOWN: &str = Verdict::Unknown.name();

impl Totals {
    /// Adds up the awards of these measures; of others nothing is counted.
    pub fn of(world: &World<'_>, settled: &[Settled<'_>], wanted: &[MeasureId]) -> Result<Totals, (MeasureId, EvalError)> {
        let mut totals = Totals::default();
        for one in settled.iter().filter(|s| wanted.contains(&s.measure())) {
            totals.add(world, one).map_err(|e| (one.measure(), e))?;
        }
        Ok(totals)
    }

    /// What all awards of a kind come to.
    pub fn all(&self, kind: Kind) -> Sum {
        self.sum(&(Dimension::All, String::new(), kind))
    }

    /// What the awards of one measure come to.
    pub fn measure(&self, id: &str, kind: Kind) -> Sum {
        self.sum(&(Dimension::Measure, id.to_string(), kind))
    }

    fn sum(&self, key: &(Dimension, String, Kind)) -> Sum {
        self.groups.get(key).map_or_else(Sum::default, |group| group.sum)
    }

    fn add(&mut self, world: &World<'_>, one: &Settled<'_>) -> Result<(), EvalError> {
        let pipeline = world.pipeline;
        let measure = &pipeline.measures[one.measure()];
        // A measure without awards is named all the same.
        for (dimension, group) in [(Dimension::All, String::new()), (Dimension::Measure, measure.id.clone())] {
            self.groups.entry((dimension, group, measure.kind)).or_default();
        }
        let positions: Vec<u32> = one.awards.iter().map(|a| a.row as u32).collect();
        if positions.is_empty() {
            return Ok(());
        }
        let mut rows = one.decided.rows.select(&positions)?;
        let subjects = rows.cells_of(&measure.subject.code)?;
        let counties = counties(pipeline, measure, &mut rows)?;
        let county = |at: usize| match counties.as_ref().map(|c| c.at(at)) {
            Some(Cell::Text(county)) => Some(county),
            _ => None,
        };
        let sizes = match size_of(pipeline, one.measure()) {
            Some(e) => rows.cells_of(&e)?,
            None => vec![Cell::Null; positions.len()],
        };
        for (at, award) in one.awards.iter().enumerate() {
            let (county, size) = match (county(at), &sizes[at]) {
                (None, _) => (NO_COUNTY, NO_COUNTY),
                (Some(county), Cell::Text(size)) => (county, size.as_str()),
                (Some(county), _) => (county, UNKNOWN),
            };
            let groups = [(Dimension::All, ""), (Dimension::Measure, &*measure.id), (Dimension::County, county), (Dimension::Size, size)];
            for (dimension, name) in groups {
                let group = self.groups.entry((dimension, name.to_string(), measure.kind)).or_default();
                group.sum.subjects += u64::from(group.subjects.insert(subjects[at].clone()));
                group.sum.lines += 1;
                group.sum.unset += u64::from(award.unset);
                group.sum.amount += award.money.as_ref().map_or(Fen::ZERO, |money| money.amount());
            }
        }
        Ok(())
    }
}

/// The size of a measure's subjects, where the pipeline can tell it.
fn size_of(pipeline: &Pipeline, measure: MeasureId) -> Option<Expr> {
    let (id, fact) = pipeline.size.map(|id| (id, &pipeline.facts[id]))?;
    of_registration(&pipeline.measures[measure], fact.per?, Item::Fact(id), fact.value.ty.clone())
}

/// The columns of a comparison.
const COMPARED: [Column<'static>; 14] = [
    text("维度"),
    code("分组"),
    text("名称"),
    text("类型"),
    number("原主体"),
    number("现主体"),
    number("主体增减"),
    number("原件数"),
    number("现件数"),
    number("原待定"),
    number("现待定"),
    number("原金额"),
    number("现金额"),
    number("金额增减"),
];

/// Base beside scenario, one row per dimension, group and kind.
pub fn compared(pipeline: &Pipeline, head: Vec<(&'static str, String)>, base: &Totals, scenario: &Totals) -> Table {
    let keys: BTreeSet<&(Dimension, String, Kind)> = base.groups.keys().chain(scenario.groups.keys()).collect();
    let sizes = sizes(pipeline);
    let place = |(dimension, group, kind): &(Dimension, String, Kind)| {
        let size = (*dimension == Dimension::Size).then(|| sizes.iter().position(|s| s == group).unwrap_or(sizes.len()));
        (*dimension, size, group.clone(), *kind)
    };
    let mut keys: Vec<&(Dimension, String, Kind)> = keys.into_iter().collect();
    keys.sort_by_key(|key| place(key));
    let count = |n: u64| Shown::Count(i128::from(n));
    let row = |key: &(Dimension, String, Kind)| {
        let (old, new) = (base.sum(key), scenario.sum(key));
        vec![
            Shown::Text(key.0.name().to_string()),
            Shown::Text(key.1.clone()),
            Shown::Text(named(pipeline, key)),
            Shown::Text(key.2.name().to_string()),
            count(old.subjects),
            count(new.subjects),
            Shown::Count(i128::from(new.subjects) - i128::from(old.subjects)),
            count(old.lines),
            count(new.lines),
            count(old.unset),
            count(new.unset),
            Shown::Fen(old.amount),
            Shown::Fen(new.amount),
            Shown::Fen(new.amount - old.amount),
        ]
    };
    Table { head, columns: COMPARED.to_vec(), rows: keys.into_iter().map(row).collect(), sections: true }
}

/// What people call a group.
fn named(pipeline: &Pipeline, (dimension, group, _): &(Dimension, String, Kind)) -> String {
    match dimension {
        Dimension::Measure => pipeline.measure(group).map_or_else(String::new, |m| pipeline.measures[m].title.clone()),
        Dimension::County => pipeline.counties.get(group).cloned().unwrap_or_default(),
        Dimension::All | Dimension::Size => String::new(),
    }
}

/// The words of the size fact in the order in which it names them.
fn sizes(pipeline: &Pipeline) -> Vec<String> {
    let mut words = Vec::new();
    if let Some(size) = pipeline.size {
        pipeline.facts[size].value.walk(&mut |e| {
            if let Node::Literal(Value::Text(word)) = &e.node {
                words.push(word.clone());
            }
        });
    }
    words
}

/// The columns of a sweep.
const SWEPT: [Column<'static>; 6] = [number("取值"), text("类型"), number("主体"), number("件数"), number("待定标准"), number("金额")];

/// One row per value and kind.
pub fn swept(head: Vec<(&'static str, String)>, steps: &[(String, Totals)]) -> Table {
    let rows = steps.iter().flat_map(|(value, totals)| {
        let of_all = totals.groups.iter().filter(|((dimension, _, _), _)| *dimension == Dimension::All);
        of_all.map(move |((_, _, kind), group)| {
            let Sum { subjects, lines, unset, amount } = group.sum;
            let counts = [subjects, lines, unset].map(|n| Shown::Count(i128::from(n)));
            let named = [Shown::Text(value.clone()), Shown::Text(kind.name().to_string())];
            named.into_iter().chain(counts).chain([Shown::Fen(amount)]).collect()
        })
    });
    Table { head, columns: SWEPT.to_vec(), rows: rows.collect(), sections: false }
}
