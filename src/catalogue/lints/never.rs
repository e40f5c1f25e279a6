//! Measures that no data can reach: clauses that contradict each other, the rule on the subject, the rows that are judged
//! or the dates of effect; dates of effect that were over before the document began; lists that are always empty.

use super::left::{Columns, Constant, Left};
use crate::diagnostic::{Diagnostic, Mistake, Place};
use crate::period;
use crate::policy::model::{Measure, Pipeline, Setting};
use crate::sql::ir::{Comparison, Expr, Item, MeasureId, Node, Row};
use crate::sql::rebase;
use crate::value::{Type, Value};
use std::collections::BTreeSet;
use typed_index_collections::{TiVec, ti_vec};

pub fn never_reached(pipeline: &Pipeline) -> Vec<Diagnostic> {
    let mut found: TiVec<MeasureId, Option<Diagnostic>> = ti_vec![None; pipeline.measures.len()];
    // A list that is always empty may empty those that read it.
    loop {
        let empty: BTreeSet<MeasureId> = found.keys().filter(|&m| found[m].is_some()).collect();
        let mut reasoner = Reasoner { pipeline, empty };
        let more: Vec<(MeasureId, Diagnostic)> = pipeline
            .measures
            .iter_enumerated()
            .filter(|(m, _)| found[*m].is_none())
            .filter_map(|(m, measure)| Some((m, reasoner.finding(measure)?)))
            .collect();
        if more.is_empty() {
            return found.into_iter().flatten().collect();
        }
        more.into_iter().for_each(|(m, diagnostic)| found[m] = Some(diagnostic));
    }
}

struct Reasoner<'p> {
    pipeline: &'p Pipeline,
    /// The measures on whose lists nobody can be.
    empty: BTreeSet<MeasureId>,
}

impl Reasoner<'_> {
    /// Why nothing can reach a measure.
    fn finding(&mut self, measure: &Measure) -> Option<Diagnostic> {
        let warning = |code, place: &Place, text: String| {
            let hint = format!("no data can reach `{}`", measure.id);
            Some(Diagnostic::warning(code, place.clone(), text).hint(hint))
        };
        let effect = measure.effect.place.as_ref().unwrap_or(&measure.place);
        if let Some(text) = out_of_force(self.pipeline, measure) {
            return warning(Mistake::NeverInForce, effect, text);
        }
        let (place, alone) = self.contradiction(measure)?;
        let lists = std::mem::take(&mut self.empty);
        let without_lists = self.contradiction(measure).is_none();
        self.empty = lists;
        if without_lists {
            return warning(Mistake::EmptyList, &place, "this clause can never be true: nobody can be on the list that it asks for".into());
        }
        let text = match alone {
            true => "no row can meet this condition: it contradicts itself",
            false => "no row can meet this condition where it meets the ones before it: they contradict each other",
        };
        warning(Mistake::NeverTrue, &place, text.into())
    }

    /// The first condition that leaves no row, and whether it does so by itself.
    fn contradiction(&self, measure: &Measure) -> Option<(Place, bool)> {
        let judged = measure.judged.iter().map(|e| (e, measure.judged_place.as_ref().unwrap_or(&measure.place)));
        let conditions = measure.conditions();
        let tests = conditions.iter().filter_map(|c| Some((c.when?, c.place)));
        let mut together = Columns::new();
        for (e, place) in judged.chain(tests) {
            if !self.add(&mut together, e, true) {
                return Some((place.clone(), !self.add(&mut Columns::new(), e, true)));
            }
        }
        None
    }

    /// Narrows what is left by a condition that must be true (or false); false where nothing is left.
    fn add(&self, columns: &mut Columns, e: &Expr, wanted: bool) -> bool {
        match &e.node {
            Node::And(list) if wanted => list.iter().all(|part| self.add(columns, part, true)),
            Node::Or(list) if !wanted => list.iter().all(|part| self.add(columns, part, false)),
            Node::And(list) | Node::Or(list) => self.one_of(columns, list, wanted),
            Node::Named { body, .. } => self.add(columns, body, wanted),
            Node::Not(inner) => self.add(columns, inner, !wanted),
            Node::Literal(Value::Bool(b)) => *b == wanted,
            Node::Literal(Value::Null) => false,
            Node::Is(is, inner) if wanted => self.add(columns, inner, *is),
            Node::IsNull(inner) => narrow(columns, inner, |left| left.set_null(wanted)),
            Node::Compare(op, a, b) => self.compare(columns, if wanted { *op } else { op.denied() }, a, b),
            Node::InList { value, list } => match list.iter().map(literal).collect::<Option<BTreeSet<_>>>() {
                Some(set) if wanted => narrow(columns, value, |left| left.keep(set)),
                Some(set) => narrow(columns, value, |left| left.exclude(set)),
                None => true,
            },
            Node::StartsWith { value, prefix } if wanted => narrow(columns, value, |left| left.begin_with(prefix)),
            Node::OnList { measure, .. } if wanted && self.empty.contains(measure) => false,
            Node::Item { row: Row::Own, item: Item::Fact(f), .. } if self.pipeline.facts[*f].per.is_some() => {
                self.add(columns, &self.pipeline.facts[*f].value, wanted)
            }
            Node::Through { key, item: Item::Fact(f), .. } => {
                self.add(columns, &rebase::through(&self.pipeline.facts[*f].value, key), wanted)
            }
            Node::Is(..) | Node::Case { .. } => true,
            _ => narrow(columns, e, |left| left.keep(BTreeSet::from([Constant::Number(i128::from(wanted))]))),
        }
    }

    /// One of these must be so: where only one can, it is.
    fn one_of(&self, columns: &mut Columns, list: &[Expr], wanted: bool) -> bool {
        let mut open = list.iter().filter_map(|part| {
            let mut branch = columns.clone();
            self.add(&mut branch, part, wanted).then_some(branch)
        });
        let (first, second) = (open.next(), open.next());
        drop(open);
        match (first, second) {
            (None, _) => false,
            (Some(only), None) => {
                *columns = only;
                true
            }
            _ => true,
        }
    }

    fn compare(&self, columns: &mut Columns, op: Comparison, a: &Expr, b: &Expr) -> bool {
        match (self.constants(a), self.constants(b)) {
            (None, Some(set)) => narrow(columns, a, |left| left.compare(op, set)),
            (Some(set), None) => narrow(columns, b, |left| left.compare(op.turned(), set)),
            (None, None) => {
                // Two values of the row: which is the greater is one value as well.
                let pair =
                    |a: &Expr, b: &Expr| Expr::new(Node::Compare(Comparison::Equal, Box::new(a.clone()), Box::new(b.clone())), Type::INT);
                let turned = columns.contains_key(&pair(b, a));
                let (key, op) = if turned { (pair(b, a), op.turned()) } else { (pair(a, b), op) };
                narrow(columns, &key, |left| left.compare(op, BTreeSet::from([Constant::Number(0)])))
            }
            (Some(_), Some(_)) => true,
        }
    }

    /// What a literal or a parameter may be; `None` for anything else, and where a value is not set.
    fn constants(&self, e: &Expr) -> Option<BTreeSet<Constant>> {
        let Node::Parameter { parameter, .. } = &e.node else {
            return Some(BTreeSet::from([literal(e)?]));
        };
        let mut set = BTreeSet::new();
        for entry in &self.pipeline.parameters[*parameter].entries {
            match &entry.value {
                Setting::One(value) => set.extend([constant(value, &e.ty)?]),
                Setting::Unset | Setting::Keyed(_) => return None,
            }
        }
        Some(set)
    }
}

/// Dates of effect between which no day of the document lies.
fn out_of_force(pipeline: &Pipeline, measure: &Measure) -> Option<String> {
    let (from, to) = (measure.effect.from, measure.effect.to?);
    let day = period::format_date;
    let begins = pipeline.document.effective_from;
    match from {
        Some(from) if from > to => Some(format!("this begins on {} and ends on {}: it is never in force", day(from), day(to))),
        _ if to < begins => Some(format!("this was over on {}, before the document's first day, {}", day(to), day(begins))),
        _ => None,
    }
}

fn narrow(columns: &mut Columns, e: &Expr, by: impl FnOnce(&mut Left)) -> bool {
    let left = columns.entry(e.clone()).or_insert_with(|| Left::of(&e.ty));
    by(left);
    left.possible()
}

fn literal(e: &Expr) -> Option<Constant> {
    match &e.node {
        Node::Literal(value) => constant(value, &e.ty),
        _ => None,
    }
}

fn constant(value: &Value, ty: &Type) -> Option<Constant> {
    Some(match (value, ty) {
        (Value::Number(n), Type::Number(number)) => Constant::Number(n.checked_mul(10i128.checked_pow(12u32.checked_sub(number.scale)?)?)?),
        (Value::Enum(i), _) => Constant::Number(i128::from(*i)),
        (Value::Date(d), _) => Constant::Number(i128::from(*d)),
        (Value::DateTime(ms), _) => Constant::Number(i128::from(*ms)),
        (Value::Bool(b), _) => Constant::Number(i128::from(*b)),
        (Value::Text(t), _) => Constant::Text(t.clone()),
        _ => return None,
    })
}
