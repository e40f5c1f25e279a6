//! Fractions of a batch of rows, in integers of one width: what [`super::exact`] computes with.
//!
//! Every step says whether a value left the integers; then the whole batch is computed again in wider ones. What stands in rows
//! without a value means nothing: it may overflow, which costs time and changes no result.

use crate::money;
use num_bigint::BigInt;
use num_traits::{One, Signed, Zero};
use std::borrow::Cow;
use std::cmp::Ordering;

/// The cells of some rows, as they are stored; not NULL where `known` says so, or where there is no `known`.
#[derive(Debug, Clone, Copy)]
pub enum Cells<'a> {
    /// One value for all rows.
    Same(Option<i128>),
    Small {
        values: &'a [i64],
        known: Option<Bits<'a>>,
    },
    Days {
        values: &'a [i32],
        known: Option<Bits<'a>>,
    },
    Large {
        values: &'a [i128],
        known: Option<Bits<'a>>,
    },
    Flags {
        values: Bits<'a>,
        known: Option<Bits<'a>>,
    },
}

/// Some bits of a bitmap.
#[derive(Debug, Clone, Copy)]
pub struct Bits<'a> {
    pub bytes: &'a [u8],
    /// Of the first of them.
    pub from: usize,
    pub len: usize,
}

impl Bits<'_> {
    #[inline]
    pub fn get(&self, at: usize) -> bool {
        let at = self.from + at;
        self.bytes[at / 8] >> (at % 8) & 1 == 1
    }

    pub fn to_vec(&self) -> Vec<bool> {
        (0..self.len).map(|at| self.get(at)).collect()
    }
}

/// Integers as they are stored.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    Small(Vec<i64>),
    Large(Vec<i128>),
}

/// A step did not fit the integers it was computed in.
#[derive(Debug)]
pub struct Overflow;

/// The integers that a batch may be computed in. A flag beside a result says that it did not fit.
pub trait Int: Clone + Ord + Zero + One + Signed {
    fn of(value: i128) -> Option<Self>;
    fn plus(&self, other: &Self) -> (Self, bool);
    fn minus(&self, other: &Self) -> (Self, bool);
    fn times(&self, other: &Self) -> (Self, bool);
    /// Rounded half away from zero; the divisor is positive.
    fn over(&self, divisor: &Self) -> (Self, bool);
    /// As they are stored, and which of them nothing stores.
    fn stored(values: Vec<Self>) -> (Values, Vec<usize>);

    /// Cells as they stand, if these integers are what they are stored in.
    fn borrowed(_: &[i64]) -> Option<&[Self]> {
        None
    }
}

impl Int for i64 {
    #[inline]
    fn of(value: i128) -> Option<Self> {
        i64::try_from(value).ok()
    }
    #[inline]
    fn plus(&self, other: &Self) -> (Self, bool) {
        self.overflowing_add(*other)
    }
    #[inline]
    fn minus(&self, other: &Self) -> (Self, bool) {
        self.overflowing_sub(*other)
    }
    #[inline]
    fn times(&self, other: &Self) -> (Self, bool) {
        self.overflowing_mul(*other)
    }
    #[inline]
    fn over(&self, divisor: &Self) -> (Self, bool) {
        let (quotient, rest) = (self / divisor, (self % divisor).abs());
        let up = rest >= divisor - rest;
        (quotient + if up { self.signum() } else { 0 }, false)
    }
    fn stored(values: Vec<Self>) -> (Values, Vec<usize>) {
        (Values::Small(values), Vec::new())
    }
    fn borrowed(cells: &[i64]) -> Option<&[Self]> {
        Some(cells)
    }
}

impl Int for i128 {
    fn of(value: i128) -> Option<Self> {
        Some(value)
    }
    fn plus(&self, other: &Self) -> (Self, bool) {
        self.overflowing_add(*other)
    }
    fn minus(&self, other: &Self) -> (Self, bool) {
        self.overflowing_sub(*other)
    }
    fn times(&self, other: &Self) -> (Self, bool) {
        self.overflowing_mul(*other)
    }
    fn over(&self, divisor: &Self) -> (Self, bool) {
        money::round_half_away(*self, *divisor).map_or((0, true), |rounded| (rounded, false))
    }
    fn stored(values: Vec<Self>) -> (Values, Vec<usize>) {
        let small: Result<Vec<i64>, _> = values.iter().map(|value| i64::try_from(*value)).collect();
        (small.map_or(Values::Large(values), Values::Small), Vec::new())
    }
}

impl Int for BigInt {
    fn of(value: i128) -> Option<Self> {
        Some(BigInt::from(value))
    }
    fn plus(&self, other: &Self) -> (Self, bool) {
        (self + other, false)
    }
    fn minus(&self, other: &Self) -> (Self, bool) {
        (self - other, false)
    }
    fn times(&self, other: &Self) -> (Self, bool) {
        (self * other, false)
    }
    fn over(&self, divisor: &Self) -> (Self, bool) {
        money::round_big(self, divisor).map_or((BigInt::zero(), true), |rounded| (rounded, false))
    }
    fn stored(values: Vec<Self>) -> (Values, Vec<usize>) {
        let small: Vec<Option<i128>> = values.into_iter().map(|value| i128::try_from(value).ok()).collect();
        let large = small.iter().enumerate().filter(|(_, value)| value.is_none()).map(|(at, _)| at).collect();
        (i128::stored(small.into_iter().map(Option::unwrap_or_default).collect()).0, large)
    }
}

/// One integer for all rows of a batch, or one for each.
#[derive(Clone)]
pub enum Lane<'i, I: Clone> {
    One(I),
    Each(Cow<'i, [I]>),
}

impl<I: Int> Lane<'_, I> {
    fn at(&self, row: usize) -> &I {
        match self {
            Lane::One(value) => value,
            Lane::Each(values) => &values[row],
        }
    }

    pub fn into_vec(self, rows: usize) -> Vec<I> {
        match self {
            Lane::One(value) => vec![value; rows],
            Lane::Each(values) => values.into_owned(),
        }
    }

    fn is_one(&self) -> bool {
        matches!(self, Lane::One(value) if value.is_one())
    }
}

impl<'i, I: Int> Lane<'i, I> {
    fn with(self, other: Lane<'i, I>, step: impl Fn(&I, &I) -> (I, bool)) -> Result<Lane<'i, I>, Overflow> {
        let mut over = false;
        let mut step = |a: &I, b: &I| {
            let (value, left) = step(a, b);
            over |= left;
            value
        };
        let lane = match (self, other) {
            (Lane::One(a), Lane::One(b)) => Lane::One(step(&a, &b)),
            (Lane::One(a), Lane::Each(b)) => Lane::Each(b.iter().map(|b| step(&a, b)).collect()),
            (Lane::Each(a), Lane::One(b)) => Lane::Each(a.iter().map(|a| step(a, &b)).collect()),
            (Lane::Each(a), Lane::Each(b)) => Lane::Each(a.iter().zip(b.iter()).map(|(a, b)| step(a, b)).collect()),
        };
        if over { Err(Overflow) } else { Ok(lane) }
    }

    fn times(self, other: Lane<'i, I>) -> Result<Lane<'i, I>, Overflow> {
        if other.is_one() {
            return Ok(self);
        }
        if self.is_one() {
            return Ok(other);
        }
        self.with(other, I::times)
    }

    /// Of each row the one or the other.
    fn where_else(self, chosen: &[bool], other: Lane<'i, I>) -> Lane<'i, I> {
        if let (Lane::One(a), Lane::One(b)) = (&self, &other)
            && a == b
        {
            return self;
        }
        let pick = |(row, chosen): (usize, &bool)| if *chosen { self.at(row).clone() } else { other.at(row).clone() };
        Lane::Each(chosen.iter().enumerate().map(pick).collect())
    }
}

/// 10 to this power.
fn power<'i, I: Int>(exponent: u32) -> Result<Lane<'i, I>, Overflow> {
    if let Some(small) = 10_i128.checked_pow(exponent) {
        return I::of(small).map(Lane::One).ok_or(Overflow);
    }
    let mut value = Lane::One(I::one());
    let ten = Lane::One(I::of(10).ok_or(Overflow)?);
    for _ in 0..exponent {
        value = value.with(ten.clone(), I::times)?;
    }
    Ok(value)
}

/// `numerator / denominator` at a scale, for each row that is known; the denominators are positive.
#[derive(Clone)]
pub struct Batch<'i, I: Clone> {
    pub numerator: Lane<'i, I>,
    denominator: Lane<'i, I>,
    scale: u32,
    /// `None`: all rows are.
    pub known: Option<Vec<bool>>,
}

impl<'i, I: Int> Batch<'i, I> {
    /// Cells at their scale.
    pub fn of(cells: Cells<'i>, scale: u32, rows: usize) -> Result<Self, Overflow> {
        let each = |values: Option<Vec<I>>| values.map(|values| Lane::Each(values.into())).ok_or(Overflow);
        let (numerator, known) = match cells {
            Cells::Same(None) => (Lane::One(I::zero()), Some(vec![false; rows])),
            Cells::Same(Some(value)) => (Lane::One(I::of(value).ok_or(Overflow)?), None),
            Cells::Small { values, known } => match I::borrowed(values) {
                Some(values) => (Lane::Each(values.into()), unpacked(known)),
                None => (each(values.iter().map(|v| I::of(i128::from(*v))).collect())?, unpacked(known)),
            },
            Cells::Days { values, known } => (each(values.iter().map(|v| I::of(i128::from(*v))).collect())?, unpacked(known)),
            Cells::Large { values, known } => {
                let of = |(at, v): (usize, &i128)| if known.is_none_or(|known| known.get(at)) { I::of(*v) } else { Some(I::zero()) };
                (each(values.iter().enumerate().map(of).collect())?, unpacked(known))
            }
            Cells::Flags { values, known } => (each((0..rows).map(|at| I::of(i128::from(values.get(at)))).collect())?, unpacked(known)),
        };
        Ok(Batch { numerator, denominator: Lane::One(I::one()), scale, known })
    }

    fn at_scale(self, scale: u32) -> Result<Self, Overflow> {
        if scale <= self.scale {
            return Ok(self);
        }
        let numerator = self.numerator.times(power(scale - self.scale)?)?;
        Ok(Batch { numerator, scale, ..self })
    }

    /// Both at one scale and one denominator: numerators, denominator, scale, and where both are known.
    fn aligned(self, other: Self) -> Result<(Lane<'i, I>, Self), Overflow> {
        let scale = self.scale.max(other.scale);
        let known = both_known(self.known.clone(), other.known.clone());
        let (a, b) = (self.at_scale(scale)?, other.at_scale(scale)?);
        if let (Lane::One(x), Lane::One(y)) = (&a.denominator, &b.denominator)
            && x == y
        {
            return Ok((a.numerator, Batch { known, ..b }));
        }
        let left = a.numerator.times(b.denominator.clone())?;
        let numerator = b.numerator.times(a.denominator.clone())?;
        let denominator = a.denominator.times(b.denominator)?;
        Ok((left, Batch { numerator, denominator, scale, known }))
    }

    pub fn plus(self, other: Self) -> Result<Self, Overflow> {
        let (left, right) = self.aligned(other)?;
        Ok(Batch { numerator: left.with(right.numerator, I::plus)?, ..right })
    }

    pub fn minus(self, other: Self) -> Result<Self, Overflow> {
        let (left, right) = self.aligned(other)?;
        Ok(Batch { numerator: left.with(right.numerator, I::minus)?, ..right })
    }

    pub fn negated(self) -> Result<Self, Overflow> {
        Ok(Batch { numerator: Lane::One(I::zero()).with(self.numerator, I::minus)?, ..self })
    }

    pub fn times(self, other: Self) -> Result<Self, Overflow> {
        let known = both_known(self.known, other.known);
        let numerator = self.numerator.times(other.numerator)?;
        let denominator = self.denominator.times(other.denominator)?;
        Ok(Batch { numerator, denominator, scale: self.scale + other.scale, known })
    }

    /// (na/da · 10^-sa) ÷ (nb/db · 10^-sb) = (na·db·10^sb) / (da·nb) · 10^-sa; there is none by zero.
    pub fn over(self, other: Self, rows: usize) -> Result<Self, Overflow> {
        let mut known = both_known(self.known, other.known);
        let divisor = match other.numerator {
            Lane::One(value) if value.is_zero() => {
                known = Some(vec![false; rows]);
                Lane::One(I::one())
            }
            Lane::One(value) => Lane::One(value),
            Lane::Each(values) if values.iter().any(I::is_zero) => {
                let known = known.get_or_insert_with(|| vec![true; rows]);
                known.iter_mut().zip(values.iter()).for_each(|(known, value)| *known &= !value.is_zero());
                Lane::Each(values.iter().map(|value| if value.is_zero() { I::one() } else { value.clone() }).collect())
            }
            each => each,
        };
        let sign = |value: &I, by: &I| if by.is_negative() { I::zero().minus(value) } else { (value.clone(), false) };
        let numerator = self.numerator.times(other.denominator)?.times(power(other.scale)?)?.with(divisor.clone(), sign)?;
        let denominator = self.denominator.times(divisor.clone().with(divisor, sign)?)?;
        Ok(Batch { numerator, denominator, scale: self.scale, known })
    }

    pub fn rounded(self, places: u32) -> Result<Self, Overflow> {
        let numerator = self.numerator.times(power(places.saturating_sub(self.scale))?)?;
        let denominator = self.denominator.times(power(self.scale.saturating_sub(places))?)?;
        let numerator = if denominator.is_one() { numerator } else { numerator.with(denominator, I::over)? };
        Ok(Batch { numerator, denominator: Lane::One(I::one()), scale: places, known: self.known })
    }

    /// Whether what is asked of their order holds, row by row, and where it is known.
    pub fn compared(self, other: Self, rows: usize, asked: impl Fn(Ordering) -> bool) -> Result<(Vec<bool>, Option<Vec<bool>>), Overflow> {
        let (left, right) = self.aligned(other)?;
        let flags = match (&left, &right.numerator) {
            (Lane::One(a), Lane::One(b)) => vec![asked(a.cmp(b)); rows],
            (Lane::Each(a), Lane::One(b)) => a.iter().map(|a| asked(a.cmp(b))).collect(),
            (Lane::One(a), Lane::Each(b)) => b.iter().map(|b| asked(a.cmp(b))).collect(),
            (Lane::Each(a), Lane::Each(b)) => a.iter().zip(b.iter()).map(|(a, b)| asked(a.cmp(b))).collect(),
        };
        Ok((flags, right.known))
    }

    /// Of each row this one where it stands so to the other, which comes first.
    pub fn extreme(self, other: Self, wanted: Ordering, rows: usize) -> Result<Self, Overflow> {
        let (better, known) = self.clone().compared(other.clone(), rows, |order| order == wanted)?;
        Ok(Batch { known, ..self.where_else(&better, other)? })
    }

    /// Of each row this one where it is chosen, else the other.
    pub fn where_else(self, chosen: &[bool], other: Self) -> Result<Self, Overflow> {
        let scale = self.scale.max(other.scale);
        let (a, b) = (self.at_scale(scale)?, other.at_scale(scale)?);
        let known = match (&a.known, &b.known) {
            (None, None) => None,
            (x, y) => {
                let is_known = |known: &Option<Vec<bool>>, row: usize| known.as_ref().is_none_or(|known| known[row]);
                Some(chosen.iter().enumerate().map(|(row, chosen)| is_known(if *chosen { x } else { y }, row)).collect())
            }
        };
        Ok(Batch {
            numerator: a.numerator.where_else(chosen, b.numerator),
            denominator: a.denominator.where_else(chosen, b.denominator),
            scale,
            known,
        })
    }
}

fn both_known(a: Option<Vec<bool>>, b: Option<Vec<bool>>) -> Option<Vec<bool>> {
    match (a, b) {
        (Some(mut a), Some(b)) => {
            a.iter_mut().zip(&b).for_each(|(a, b)| *a &= b);
            Some(a)
        }
        (a, b) => a.or(b),
    }
}

fn unpacked(known: Option<Bits<'_>>) -> Option<Vec<bool>> {
    known.map(|known| known.to_vec()).filter(|known| known.contains(&false))
}
