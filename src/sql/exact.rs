//! Exact arithmetic over columns: sums, products and quotients of integers of known scale as one fraction, rounded once.
//!
//! A program is computed for a batch of rows at a time, in checked `i64`; a batch that overflows is computed again in `i128`, a row
//! of it that still does in big integers. One evaluator serves all three (`lanes` has the integers), so the result is right
//! whatever the cells say. A NULL operand makes the result NULL, and so does a zero divisor.

use super::ir::Comparison;
use super::lanes::{Batch, Int, Overflow};
pub use super::lanes::{Bits, Cells, Values};
use num_bigint::BigInt;
use polars_arrow::bitmap::{Bitmap, MutableBitmap};
use rayon::prelude::*;
use std::cmp::Ordering;
use std::ops::Range;

/// An arithmetic expression over the cells of one row.
#[derive(Debug, Clone)]
pub enum Program {
    /// The value of an input, stored at this scale.
    Input {
        index: usize,
        scale: u32,
    },
    Constant {
        value: i128,
        scale: u32,
    },
    Null,
    Add(Box<Program>, Box<Program>),
    Subtract(Box<Program>, Box<Program>),
    Multiply(Box<Program>, Box<Program>),
    Divide(Box<Program>, Box<Program>),
    Negate(Box<Program>),
    Least(Vec<Program>),
    Greatest(Vec<Program>),
    Coalesce(Vec<Program>),
    /// Conditions are inputs: 1 true, 0 false, NULL counts as false.
    Case {
        branches: Vec<(usize, Program)>,
        otherwise: Option<Box<Program>>,
    },
    /// Rounded to this many places, as an amount is.
    Round(Box<Program>, u32),
}

/// What the rows' inputs hold.
pub trait Inputs: Sync {
    /// The cells of one input in these rows.
    fn cells(&self, index: usize, rows: &Range<usize>) -> Cells<'_>;
}

/// Rows computed at a time. The results do not depend on it.
const BATCH: usize = 1024;

/// Fewer rows are computed before another thread has woken up.
pub const MANY: usize = 1 << 15;

/// One integer per row; what stands where there is none means nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Figures {
    pub values: Values,
    /// `None`: every row has one.
    pub known: Option<Bitmap>,
}

impl Program {
    /// The values of so many rows rounded to `places`, half away from zero; `Err` names the first row whose rounded value is beyond
    /// `i128`.
    pub fn rounded(&self, inputs: &impl Inputs, rows: usize, places: u32) -> Result<Figures, TooLarge> {
        let pieces = Asked::Rounded(self, places).of(inputs, rows);
        match pieces.iter().filter_map(|piece| piece.too_large).min() {
            Some(row) => Err(TooLarge { row }),
            None => Ok(Figures::joined(pieces, rows)),
        }
    }

    /// How the values of so many rows stand to another's; what the comparison says, and where it says anything.
    pub fn compare(&self, other: &Program, op: Comparison, inputs: &impl Inputs, rows: usize) -> (Bitmap, Option<Bitmap>) {
        let pieces = Asked::Compared(self, other, op).of(inputs, rows);
        let mut flags = MutableBitmap::with_capacity(rows);
        for piece in &pieces {
            match &piece.values {
                Values::Small(values) => flags.extend_from_trusted_len_iter(values.iter().map(|flag| *flag != 0)),
                Values::Large(values) => flags.extend_from_trusted_len_iter(values.iter().map(|flag| *flag != 0)),
            }
        }
        (flags.into(), known(&pieces, rows))
    }

    /// Which of so many rows have a value, whatever its size; `None`: all.
    pub fn known(&self, inputs: &impl Inputs, rows: usize) -> Option<Bitmap> {
        known(&Asked::Known(self).of(inputs, rows), rows)
    }

    /// Whether a quotient may make the value a true fraction.
    pub fn divides(&self) -> bool {
        match self {
            Program::Divide(..) => true,
            Program::Input { .. } | Program::Constant { .. } | Program::Null | Program::Round(..) => false,
            Program::Add(a, b) | Program::Subtract(a, b) | Program::Multiply(a, b) => a.divides() || b.divides(),
            Program::Negate(a) => a.divides(),
            Program::Least(list) | Program::Greatest(list) | Program::Coalesce(list) => list.iter().any(Program::divides),
            Program::Case { branches, otherwise } => {
                branches.iter().any(|(_, p)| p.divides()) || otherwise.as_ref().is_some_and(|p| p.divides())
            }
        }
    }

    /// The value of a batch of rows.
    fn value<'i, I: Int>(&self, inputs: &'i impl Inputs, rows: &Range<usize>) -> Result<Batch<'i, I>, Overflow> {
        let both = |a: &Program, b: &Program| Ok((a.value::<I>(inputs, rows)?, b.value::<I>(inputs, rows)?));
        match self {
            Program::Input { index, scale } => Batch::of(inputs.cells(*index, rows), *scale, rows.len()),
            Program::Constant { value, scale } => Batch::of(Cells::Same(Some(*value)), *scale, rows.len()),
            Program::Null => Batch::of(Cells::Same(None), 0, rows.len()),
            Program::Negate(a) => a.value::<I>(inputs, rows)?.negated(),
            Program::Add(a, b) => both(a, b).and_then(|(a, b)| a.plus(b)),
            Program::Subtract(a, b) => both(a, b).and_then(|(a, b)| a.minus(b)),
            Program::Multiply(a, b) => both(a, b).and_then(|(a, b)| a.times(b)),
            Program::Divide(a, b) => both(a, b).and_then(|(a, b)| a.over(b, rows.len())),
            Program::Least(list) => Self::extreme(list, Ordering::Less, inputs, rows),
            Program::Greatest(list) => Self::extreme(list, Ordering::Greater, inputs, rows),
            Program::Coalesce(list) => {
                let mut found = Batch::of(Cells::Same(None), 0, rows.len())?;
                for item in list {
                    let Some(known) = found.known.clone() else { break };
                    found = found.where_else(&known, item.value(inputs, rows)?)?;
                }
                Ok(found)
            }
            Program::Case { branches, otherwise } => {
                let mut found = match otherwise {
                    Some(otherwise) => otherwise.value(inputs, rows)?,
                    None => Batch::of(Cells::Same(None), 0, rows.len())?,
                };
                for (condition, value) in branches.iter().rev() {
                    let chosen = truths(inputs.cells(*condition, rows), rows.len());
                    found = value.value::<I>(inputs, rows)?.where_else(&chosen, found)?;
                }
                Ok(found)
            }
            Program::Round(a, places) => a.value::<I>(inputs, rows)?.rounded(*places),
        }
    }

    fn extreme<'i, I: Int>(
        list: &[Program],
        wanted: Ordering,
        inputs: &'i impl Inputs,
        rows: &Range<usize>,
    ) -> Result<Batch<'i, I>, Overflow> {
        let mut best: Option<Batch<'i, I>> = None;
        for item in list {
            let value = item.value::<I>(inputs, rows)?;
            best = Some(match best {
                Some(best) => value.extreme(best, wanted, rows.len())?,
                None => value,
            });
        }
        best.map_or_else(|| Batch::of(Cells::Same(None), 0, rows.len()), Ok)
    }
}

/// For which rows a condition is true.
fn truths(cells: Cells<'_>, rows: usize) -> Vec<bool> {
    match cells {
        Cells::Same(value) => vec![value == Some(1); rows],
        Cells::Flags { values, known: None } => values.to_vec(),
        Cells::Flags { values, known: Some(known) } => (0..rows).map(|at| values.get(at) && known.get(at)).collect(),
        Cells::Small { values, known } => truths_of(values.iter().map(|v| *v == 1), known),
        Cells::Days { values, known } => truths_of(values.iter().map(|v| *v == 1), known),
        Cells::Large { values, known } => truths_of(values.iter().map(|v| *v == 1), known),
    }
}

fn truths_of(values: impl Iterator<Item = bool>, known: Option<Bits<'_>>) -> Vec<bool> {
    values.enumerate().map(|(at, is_true)| is_true && known.is_none_or(|known| known.get(at))).collect()
}

/// What is asked of every row.
#[derive(Clone, Copy)]
enum Asked<'p> {
    Rounded(&'p Program, u32),
    /// 1 true, 0 false.
    Compared(&'p Program, &'p Program, Comparison),
    /// Only whether there is a value.
    Known(&'p Program),
}

/// The answers for some rows.
struct Piece {
    values: Values,
    /// `None`: all are.
    known: Option<Vec<bool>>,
    /// The first row whose value no `i128` holds.
    too_large: Option<usize>,
}

impl Asked<'_> {
    /// The answers for so many rows, piece by piece; by several threads where there are many.
    fn of(self, inputs: &impl Inputs, rows: usize) -> Vec<Piece> {
        let batch = |at: usize| self.widening(inputs, at * BATCH..rows.min((at + 1) * BATCH));
        let batches = rows.div_ceil(BATCH);
        if rows < MANY { (0..batches).map(batch).collect() } else { (0..batches).into_par_iter().with_min_len(8).map(batch).collect() }
    }

    /// The answers for a batch in the narrowest integers that hold every step.
    fn widening(self, inputs: &impl Inputs, rows: Range<usize>) -> Piece {
        let narrow = self.answer::<i64>(inputs, &rows).or_else(|Overflow| self.answer::<i128>(inputs, &rows));
        narrow.unwrap_or_else(|Overflow| {
            let one = |row: usize| {
                let row = row..row + 1;
                self.answer::<i128>(inputs, &row).or_else(|Overflow| self.answer::<BigInt>(inputs, &row)).unwrap_or_else(|Overflow| {
                    // Big integers do not overflow.
                    Piece { values: Values::Small(vec![0]), known: None, too_large: Some(row.start) }
                })
            };
            let rows_alone: Vec<Piece> = rows.clone().map(one).collect();
            let too_large = rows_alone.iter().find_map(|piece| piece.too_large);
            let known = rows_alone.iter().map(|piece| piece.known.as_ref().is_none_or(|known| known[0])).collect();
            Piece { values: Values::joined(rows_alone, rows.len()), known: Some(known), too_large }
        })
    }

    fn answer<I: Int>(self, inputs: &impl Inputs, rows: &Range<usize>) -> Result<Piece, Overflow> {
        match self {
            Asked::Rounded(program, places) => {
                let found = program.value::<I>(inputs, rows)?.rounded(places)?;
                let known = found.known;
                let (values, large) = I::stored(found.numerator.into_vec(rows.len()));
                let too_large = large.into_iter().find(|at| known.as_ref().is_none_or(|known| known[*at])).map(|at| rows.start + at);
                Ok(Piece { values, known, too_large })
            }
            Asked::Compared(a, b, op) => {
                let (a, b) = (a.value::<I>(inputs, rows)?, b.value::<I>(inputs, rows)?);
                let (flags, known) = match op {
                    Comparison::Equal => a.compared(b, rows.len(), Ordering::is_eq),
                    Comparison::NotEqual => a.compared(b, rows.len(), Ordering::is_ne),
                    Comparison::Less => a.compared(b, rows.len(), Ordering::is_lt),
                    Comparison::LessOrEqual => a.compared(b, rows.len(), Ordering::is_le),
                    Comparison::Greater => a.compared(b, rows.len(), Ordering::is_gt),
                    Comparison::GreaterOrEqual => a.compared(b, rows.len(), Ordering::is_ge),
                }?;
                Ok(Piece { values: Values::Small(flags.into_iter().map(i64::from).collect()), known, too_large: None })
            }
            Asked::Known(program) => {
                let known = program.value::<I>(inputs, rows)?.known;
                Ok(Piece {
                    values: Values::Small(Vec::new()),
                    known: Some(known.unwrap_or_else(|| vec![true; rows.len()])),
                    too_large: None,
                })
            }
        }
    }
}

impl Figures {
    /// What `value` gives for each of so many rows; by several threads where there are many. Of several errors the least.
    pub fn of<E: Ord + Send>(rows: usize, value: impl Fn(usize) -> Result<Option<i128>, E> + Sync) -> Result<Figures, E> {
        let batch = |at: usize| {
            let rows = at * BATCH..rows.min((at + 1) * BATCH);
            let (mut values, mut known, mut error) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()), None);
            for found in rows.map(&value) {
                let found = found.unwrap_or_else(|e| {
                    error = error.take().into_iter().chain([e]).min();
                    None
                });
                known.push(found.is_some());
                values.push(found.unwrap_or_default());
            }
            let known = known.contains(&false).then_some(known);
            (Piece { values: i128::stored(values).0, known, too_large: None }, error)
        };
        let batches = rows.div_ceil(BATCH);
        let (pieces, errors): (Vec<Piece>, Vec<Option<E>>) =
            if rows < MANY { (0..batches).map(batch).unzip() } else { (0..batches).into_par_iter().with_min_len(8).map(batch).unzip() };
        match errors.into_iter().flatten().min() {
            Some(error) => Err(error),
            None => Ok(Figures::joined(pieces, rows)),
        }
    }

    fn joined(pieces: Vec<Piece>, rows: usize) -> Figures {
        let known = known(&pieces, rows);
        Figures { values: Values::joined(pieces, rows), known }
    }

    /// The value of each row.
    pub fn iter(&self) -> impl Iterator<Item = Option<i128>> {
        (0..self.len()).map(|at| {
            let value = match &self.values {
                Values::Small(values) => i128::from(values[at]),
                Values::Large(values) => values[at],
            };
            self.known.as_ref().is_none_or(|known| known.get_bit(at)).then_some(value)
        })
    }

    pub fn len(&self) -> usize {
        match &self.values {
            Values::Small(values) => values.len(),
            Values::Large(values) => values.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl FromIterator<Option<i128>> for Figures {
    fn from_iter<T: IntoIterator<Item = Option<i128>>>(list: T) -> Figures {
        let (values, known): (Vec<i128>, Vec<bool>) = list.into_iter().map(|value| (value.unwrap_or_default(), value.is_some())).unzip();
        let known = known.contains(&false).then(|| known.into_iter().collect());
        Figures { values: i128::stored(values).0, known }
    }
}

impl Values {
    fn joined(pieces: Vec<Piece>, rows: usize) -> Values {
        if pieces.iter().all(|piece| matches!(piece.values, Values::Small(_))) {
            let mut all = Vec::with_capacity(rows);
            for piece in &pieces {
                if let Values::Small(values) = &piece.values {
                    all.extend_from_slice(values);
                }
            }
            return Values::Small(all);
        }
        let mut all = Vec::with_capacity(rows);
        for piece in pieces {
            match piece.values {
                Values::Small(values) => all.extend(values.into_iter().map(i128::from)),
                Values::Large(values) => all.extend(values),
            }
        }
        Values::Large(all)
    }
}

/// Which rows of the pieces have a value; `None`: all.
fn known(pieces: &[Piece], rows: usize) -> Option<Bitmap> {
    if pieces.iter().all(|piece| piece.known.is_none()) {
        return None;
    }
    let mut all = MutableBitmap::with_capacity(rows);
    for (at, piece) in pieces.iter().enumerate() {
        match &piece.known {
            Some(known) => all.extend_from_trusted_len_iter(known.iter().copied()),
            None => all.extend_constant(BATCH.min(rows - at * BATCH), true),
        }
    }
    Some(all.into())
}

/// A result that no ledger can hold, of this row.
#[derive(Debug, PartialEq, Eq)]
pub struct TooLarge {
    pub row: usize,
}
