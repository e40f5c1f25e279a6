//! Amounts as the engine computes them, against big rationals: every operation in each of the three ways (64 bits, 128 bits, big integers).

use huiqi::sql::exact::{Bits, Cells, Figures, Inputs, Program, TooLarge};
use huiqi::sql::ir::Comparison;
use num_bigint::BigInt;
use proptest::prelude::*;
use std::cmp::Ordering;
use std::ops::Range;

/// Columns by input, each with a bitmap of what is known.
struct Columns {
    values: Vec<Vec<i128>>,
    small: Vec<Option<Vec<i64>>>,
    known: Vec<Vec<u8>>,
}

impl Columns {
    /// From rows of cells.
    fn of(rows: &[Vec<Option<i128>>]) -> Columns {
        let inputs = rows.first().map_or(0, Vec::len);
        let column = |input: usize| rows.iter().map(|row| row[input]).collect::<Vec<_>>();
        let mut columns = Columns { values: Vec::new(), small: Vec::new(), known: Vec::new() };
        for cells in (0..inputs).map(column) {
            // What stands where nothing is known means nothing.
            let values: Vec<i128> = cells.iter().map(|cell| cell.unwrap_or(i128::from(i64::MAX))).collect();
            let mut known = vec![0_u8; rows.len().div_ceil(8)];
            cells.iter().enumerate().filter(|(_, cell)| cell.is_some()).for_each(|(at, _)| known[at / 8] |= 1 << (at % 8));
            columns.small.push(values.iter().map(|value| i64::try_from(*value).ok()).collect());
            columns.values.push(values);
            columns.known.push(known);
        }
        columns
    }
}

impl Inputs for Columns {
    fn cells(&self, index: usize, rows: &Range<usize>) -> Cells<'_> {
        let known = Some(Bits { bytes: &self.known[index], from: rows.start, len: rows.len() });
        match &self.small[index] {
            Some(values) => Cells::Small { values: &values[rows.clone()], known },
            None => Cells::Large { values: &self.values[index][rows.clone()], known },
        }
    }
}

fn input(index: usize, scale: u32) -> Box<Program> {
    Box::new(Program::Input { index, scale })
}

fn constant(value: i128) -> Box<Program> {
    Box::new(Program::Constant { value, scale: 0 })
}

/// The values of one row.
fn row_of(program: &Program, cells: &[Option<i128>], places: u32) -> Result<Option<i128>, TooLarge> {
    let figures = program.rounded(&Columns::of(&[cells.to_vec()]), 1, places)?;
    Ok(figures.iter().next().flatten())
}

/// A big rational; the denominator is positive.
#[derive(Debug, Clone)]
struct Rational(BigInt, BigInt);

impl Rational {
    fn of(value: i128, scale: u32) -> Rational {
        Rational(value.into(), BigInt::from(10).pow(scale))
    }

    fn compare(&self, other: &Rational) -> Ordering {
        (&self.0 * &other.1).cmp(&(&other.0 * &self.1))
    }

    /// Rounded half away from zero, the slow way.
    fn rounded(&self, places: u32) -> BigInt {
        let (zero, numerator) = (BigInt::from(0), &self.0 * BigInt::from(10).pow(places));
        let magnitude = if numerator < zero { -&numerator } else { numerator.clone() };
        let up: BigInt = (magnitude * 2 + &self.1) / (&self.1 * 2);
        if numerator < zero { -up } else { up }
    }
}

/// What a program comes to, by the definition of each operation, one row alone.
fn meant(program: &Program, cells: &[Option<i128>]) -> Option<Rational> {
    let of = |p: &Program| meant(p, cells);
    match program {
        Program::Input { index, scale } => cells[*index].map(|value| Rational::of(value, *scale)),
        Program::Constant { value, scale } => Some(Rational::of(*value, *scale)),
        Program::Null => None,
        Program::Negate(a) => of(a).map(|a| Rational(-a.0, a.1)),
        Program::Add(a, b) => of(a).zip(of(b)).map(|(a, b)| Rational(&a.0 * &b.1 + &b.0 * &a.1, a.1 * b.1)),
        Program::Subtract(a, b) => of(a).zip(of(b)).map(|(a, b)| Rational(&a.0 * &b.1 - &b.0 * &a.1, a.1 * b.1)),
        Program::Multiply(a, b) => of(a).zip(of(b)).map(|(a, b)| Rational(a.0 * b.0, a.1 * b.1)),
        Program::Divide(a, b) => {
            let (a, b) = of(a).zip(of(b))?;
            match b.0.cmp(&BigInt::from(0)) {
                Ordering::Equal => None,
                Ordering::Greater => Some(Rational(a.0 * b.1, a.1 * b.0)),
                Ordering::Less => Some(Rational(-a.0 * b.1, a.1 * -b.0)),
            }
        }
        Program::Least(list) | Program::Greatest(list) => {
            let all: Option<Vec<Rational>> = list.iter().map(of).collect();
            let best = |a: Rational, b: Rational| {
                let is_less = b.compare(&a) == Ordering::Less;
                if is_less == matches!(program, Program::Least(_)) { b } else { a }
            };
            all?.into_iter().reduce(best)
        }
        Program::Coalesce(list) => list.iter().find_map(of),
        Program::Case { branches, otherwise } => {
            let chosen = branches.iter().find(|(condition, _)| cells[*condition] == Some(1)).map(|(_, p)| p);
            chosen.or(otherwise.as_deref()).and_then(of)
        }
        Program::Round(a, places) => of(a).map(|a| Rational(a.rounded(*places), BigInt::from(10).pow(*places))),
    }
}

/// Inputs 0 to 3 are numbers, 4 is a condition.
const SCALES: [u32; 4] = [2, 8, 0, 2];

fn program() -> impl Strategy<Value = Program> {
    let leaf = prop_oneof![
        4 => (0..4_usize).prop_map(|index| Program::Input { index, scale: SCALES[index] }),
        1 => (-1_000_i128..1_000, 0..9_u32).prop_map(|(value, scale)| Program::Constant { value, scale }),
        1 => Just(Program::Null),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let two = || (inner.clone().prop_map(Box::new), inner.clone().prop_map(Box::new));
        let list = || prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            2 => two().prop_map(|(a, b)| Program::Add(a, b)),
            2 => two().prop_map(|(a, b)| Program::Subtract(a, b)),
            2 => two().prop_map(|(a, b)| Program::Multiply(a, b)),
            2 => two().prop_map(|(a, b)| Program::Divide(a, b)),
            1 => inner.clone().prop_map(|a| Program::Negate(Box::new(a))),
            1 => list().prop_map(Program::Least),
            1 => list().prop_map(Program::Greatest),
            1 => list().prop_map(Program::Coalesce),
            1 => (inner.clone(), prop::option::of(inner.clone())).prop_map(|(value, otherwise)| Program::Case {
                branches: vec![(4, value)],
                otherwise: otherwise.map(Box::new),
            }),
            1 => (inner.clone(), 0..9_u32).prop_map(|(a, places)| Program::Round(Box::new(a), places)),
        ]
    })
}

/// Numbers that 64 bits multiply, such that only 128 bits do, and such that neither does.
fn number() -> impl Strategy<Value = Option<i128>> {
    prop_oneof![
        1 => Just(None),
        1 => Just(Some(0)),
        4 => (-100_000_i128..100_000).prop_map(Some),
        2 => any::<i64>().prop_map(|value| Some(value.into())),
        1 => any::<i128>().prop_map(Some),
    ]
}

fn row() -> impl Strategy<Value = Vec<Option<i128>>> {
    let flag = prop_oneof![Just(None), Just(Some(0)), Just(Some(1))];
    (prop::collection::vec(number(), 4), flag).prop_map(|(mut cells, flag)| {
        cells.push(flag);
        cells
    })
}

/// Rows that 64 bits are enough for in most programs: the fast way by itself.
fn small_row() -> impl Strategy<Value = Vec<Option<i128>>> {
    let number = || prop_oneof![1 => Just(None), 8 => (-1_000_i128..1_000).prop_map(Some)];
    let flag = prop_oneof![Just(None), Just(Some(0)), Just(Some(1))];
    (prop::collection::vec(number(), 4), flag).prop_map(|(mut cells, flag)| {
        cells.push(flag);
        cells
    })
}

/// Everything that may be asked of a program over these rows is what the rationals say, row by row.
fn agrees(program: &Program, other: &Program, rows: &[Vec<Option<i128>>], places: u32) -> Result<(), TestCaseError> {
    let columns = Columns::of(rows);
    let wanted: Vec<Option<Rational>> = rows.iter().map(|cells| meant(program, cells)).collect();
    let known = program.known(&columns, rows.len());
    for (row, wanted) in wanted.iter().enumerate() {
        prop_assert_eq!(known.as_ref().is_none_or(|known| known.get_bit(row)), wanted.is_some(), "row {}", row);
    }
    let rounded: Vec<Option<BigInt>> = wanted.iter().map(|w| w.as_ref().map(|w| w.rounded(places))).collect();
    let large = rounded.iter().position(|value| value.as_ref().is_some_and(|value| i128::try_from(value.clone()).is_err()));
    match (program.rounded(&columns, rows.len(), places), large) {
        (Err(TooLarge { row }), large) => prop_assert_eq!(Some(row), large),
        (Ok(_), Some(row)) => prop_assert!(false, "row {} fits no i128", row),
        (Ok(found), None) => {
            let found: Vec<Option<BigInt>> = found.iter().map(|value| value.map(BigInt::from)).collect();
            prop_assert_eq!(found, rounded);
        }
    }
    let others: Vec<Option<Rational>> = rows.iter().map(|cells| meant(other, cells)).collect();
    for (op, holds) in [
        (Comparison::Less, Ordering::is_lt as fn(Ordering) -> bool),
        (Comparison::Equal, Ordering::is_eq),
        (Comparison::GreaterOrEqual, Ordering::is_ge),
    ] {
        let (flags, known) = program.compare(other, op, &columns, rows.len());
        for (row, pair) in wanted.iter().zip(&others).enumerate() {
            let wanted = pair.0.as_ref().zip(pair.1.as_ref()).map(|(a, b)| holds(a.compare(b)));
            let found = known.as_ref().is_none_or(|known| known.get_bit(row)).then(|| flags.get_bit(row));
            prop_assert_eq!(found, wanted, "row {} {:?}", row, op);
        }
    }
    Ok(())
}

#[test]
fn products_that_end_in_half_a_fen() {
    let product = Program::Multiply(input(0, 2), input(1, 8));
    for (yuan, rate, fen) in
        [(3_333_335, 3_000_000, 100_000), (10_005, 3_330_000, 333), (50, 1_000_000, 1), (-50, 1_000_000, -1), (49, 1_000_000, 0)]
    {
        assert_eq!(row_of(&product, &[Some(yuan), Some(rate)], 2), Ok(Some(fen)), "{yuan} × {rate}");
    }
    assert_eq!(row_of(&product, &[None, Some(1)], 2), Ok(None));
}

#[test]
fn a_zero_divisor_gives_nothing() {
    let quotient = Program::Divide(input(0, 2), input(1, 2));
    assert_eq!(row_of(&quotient, &[Some(1), Some(0)], 2), Ok(None));
}

/// One row of a batch that overflows leaves the others as they are, at the edges of batches and beyond the rows that threads share.
#[test]
fn a_row_that_overflows_spoils_no_other() {
    let rows = 70_000_i128;
    let wide = |row: i128| row % 1_024 == 0 || row % 1_024 == 1_023;
    let cell = |row: i128| if wide(row) { i128::from(i64::MAX) - row } else { row - 35_000 };
    let cells: Vec<Vec<Option<i128>>> =
        (0..rows).map(|row| vec![(row % 7 != 0).then(|| cell(row)), Some(i128::from(i64::MAX) / 3)]).collect();
    let product = Program::Multiply(Box::new(Program::Multiply(input(0, 2), input(1, 2))), input(0, 2));
    let quotient = Program::Divide(Box::new(product), input(1, 2));
    let wanted: Vec<Option<i128>> = cells.iter().map(|row| row[0].map(|value| value * value)).collect();
    let found: Figures = quotient.rounded(&Columns::of(&cells), rows as usize, 4).expect("fits");
    assert!(found.iter().eq(wanted));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    /// Any program over rows of all sizes.
    #[test]
    fn every_operation(program in program(), other in program(), rows in prop::collection::vec(row(), 1..12), places in 0_u32..9) {
        agrees(&program, &other, &rows, places)?;
    }

    /// The same where 64 bits are mostly enough.
    #[test]
    fn every_operation_on_small_numbers(program in program(), other in program(), rows in prop::collection::vec(small_row(), 1..12), places in 0_u32..9) {
        agrees(&program, &other, &rows, places)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100_000))]

    /// 本金 × 年利率 × 天数 × 比例 ÷ 360, beyond i128 as well.
    #[test]
    fn interest(money in -999_999_999_999_999_i64..=999_999_999_999_999, rate: i64, days in 0_i128..=366, share: i64, divisor in 1_i128..=366) {
        let product = Program::Multiply(Box::new(Program::Multiply(Box::new(Program::Multiply(input(0, 2), input(1, 8))), input(2, 0))), input(3, 8));
        let amount = Program::Divide(Box::new(product), constant(divisor));
        let cells = [Some(money.into()), Some(rate.into()), Some(days), Some(share.into())];
        let numerator = BigInt::from(money) * rate * days * share;
        let wanted = Rational(numerator, BigInt::from(divisor) * BigInt::from(10_i128.pow(18))).rounded(2);
        match row_of(&amount, &cells, 2) {
            Ok(found) => prop_assert_eq!(found.map(BigInt::from), Some(wanted)),
            Err(_) => prop_assert!(i128::try_from(wanted).is_err()),
        }
    }

    /// (T − R × P ÷ Y) × 50 %: a quotient inside, a non-terminating base.
    #[test]
    fn reduced_tax(tax in 0_i64..=999_999_999_999_999, relief in 0_i64..=999_999_999_999_999, part in 1_i64..=200_000_000, base in 1_i64..=999_999_999_999_999) {
        let share = Program::Divide(input(2, 2), input(3, 2));
        let less = Program::Subtract(input(0, 2), Box::new(Program::Multiply(input(1, 2), Box::new(share))));
        let amount = Program::Multiply(Box::new(less), Box::new(Program::Constant { value: 50, scale: 2 }));
        let cells: Vec<Option<i128>> = [tax, relief, part, base].iter().map(|v| Some(i128::from(*v))).collect();
        let numerator = (BigInt::from(tax) * base - BigInt::from(relief) * part) * 50;
        let wanted = Rational(numerator, BigInt::from(base) * 10_000).rounded(2);
        prop_assert_eq!(row_of(&amount, &cells, 2).ok().flatten().map(BigInt::from), Some(wanted));
    }
}
