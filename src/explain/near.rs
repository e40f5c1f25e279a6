//! Whether a row is within the band (`near`) of a clause, and whether a band can be measured in what its clause compares.

use super::shape::{About, Shape, Test, shape};
use super::values::unit_word;
use crate::diagnostic::{Diagnostic, Mistake};
use crate::policy::model::Pipeline;
use crate::policy::near::{Band, DAYS, GRADES};
use crate::value::Type;

/// In what a test says how far a row is from meeting it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Measured {
    /// Steps of this unit, if it has one, and shares of the bound.
    Number(Option<String>),
    /// Shares of the rate.
    Ratio,
    Days,
    /// From one value of an enum to the next.
    Grades,
}

impl Measured {
    pub fn of(pipeline: &Pipeline, about: &About) -> Option<Measured> {
        match about {
            About::Bound { value, bound, .. } if matches!(value.ty, Type::Number(_)) => {
                Some(Measured::Number(unit_word(pipeline, bound).or_else(|| unit_word(pipeline, value))))
            }
            About::Window { .. } => Some(Measured::Days),
            About::Ratio { .. } => Some(Measured::Ratio),
            About::OneOf { value, negated: false, .. } if matches!(value.ty, Type::Enum(_)) => Some(Measured::Grades),
            _ => None,
        }
    }

    pub fn fits(&self, band: &Band) -> bool {
        match (self, band) {
            (Measured::Number(_) | Measured::Ratio, Band::Share(_)) => true,
            (Measured::Number(Some(own)), Band::Gap { unit, .. }) => own == unit,
            (Measured::Days, Band::Gap { unit, .. }) => unit == DAYS,
            (Measured::Grades, Band::Gap { unit, .. }) => unit == GRADES,
            _ => false,
        }
    }

    fn examples(&self) -> Vec<String> {
        let share = "\"10%\"".to_string();
        match self {
            Measured::Number(Some(unit)) => vec![share, format!("\"3{unit}\"")],
            Measured::Number(None) | Measured::Ratio => vec![share],
            Measured::Days => vec![format!("\"30{DAYS}\"")],
            Measured::Grades => vec![format!("\"1{GRADES}\"")],
        }
    }
}

/// The bands that no test of their clause can be measured in, and those of clauses that only pick the row.
pub fn bands(pipeline: &Pipeline) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for condition in pipeline.measures.iter().flat_map(|m| m.conditions()) {
        let (Some(near), Some(when)) = (condition.near, condition.when) else { continue };
        let error = |message: &str| Diagnostic::error(Mistake::Near, near.place.clone(), message);
        let mut tests = Vec::new();
        let shape = shape(pipeline, when);
        tests_of(&shape, &mut tests);
        let measured: Vec<Measured> = tests.iter().filter_map(|test| Measured::of(pipeline, &test.about)).collect();
        if condition.picks {
            found.push(error("a clause that only picks the row is out of reach").hint("leave `near` out, or `picks`"));
        } else if near.band != Band::Any && !measured.iter().any(|one| one.fits(&near.band)) {
            let mut known: Vec<String> = measured.iter().flat_map(Measured::examples).chain(["true".to_string()]).collect();
            known.sort_unstable();
            known.dedup();
            found.push(error("nothing in this clause is measured so").hint(format!("possible here: {}", known.join(", "))));
        }
    }
    found
}

fn tests_of<'s>(shape: &'s Shape, found: &mut Vec<&'s Test>) {
    match shape {
        Shape::All(parts) | Shape::Any(parts) => parts.iter().for_each(|part| tests_of(part, found)),
        Shape::Chosen { branches, otherwise } => {
            branches.iter().map(|(_, branch)| branch).chain([&**otherwise]).for_each(|part| tests_of(part, found));
        }
        Shape::Test(test) => found.push(test),
    }
}
