//! Exact arithmetic, row by row: sums, products and quotients of integers of known scale as one fraction, rounded once.
//!
//! A program is computed in checked `i128`; a row that overflows is computed again in big integers, so that the
//! result is right whatever the cells say. A NULL operand makes the result NULL, and so does a zero divisor.

use super::ir::Comparison;
use crate::money;
use num_bigint::BigInt;
use num_traits::{One, Signed, Zero};
use std::cmp::Ordering;

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

/// What a row's inputs hold.
pub trait Inputs {
    fn get(&self, index: usize) -> Option<i128>;
}

/// The integers a program may be computed in.
trait Int: Clone + Ord + Zero + One + Signed + From<i128> {
    fn plus(&self, other: &Self) -> Option<Self>;
    fn times(&self, other: &Self) -> Option<Self>;
    /// Rounded half away from zero; the divisor is positive.
    fn over(&self, divisor: &Self) -> Option<Self>;
    fn small(self) -> Option<i128>;
}

impl Int for i128 {
    fn plus(&self, other: &Self) -> Option<Self> {
        self.checked_add(*other)
    }
    fn times(&self, other: &Self) -> Option<Self> {
        self.checked_mul(*other)
    }
    fn over(&self, divisor: &Self) -> Option<Self> {
        money::round_half_away(*self, *divisor)
    }
    fn small(self) -> Option<i128> {
        Some(self)
    }
}

impl Int for BigInt {
    fn plus(&self, other: &Self) -> Option<Self> {
        Some(self + other)
    }
    fn times(&self, other: &Self) -> Option<Self> {
        Some(self * other)
    }
    fn over(&self, divisor: &Self) -> Option<Self> {
        money::round_big(self, divisor)
    }
    fn small(self) -> Option<i128> {
        i128::try_from(self).ok()
    }
}

/// `numerator / denominator` at a scale, the denominator positive.
struct Fraction<I> {
    numerator: I,
    denominator: I,
    scale: u32,
}

/// A step did not fit the integers it was computed in.
struct Overflow;

fn fits<T>(value: Option<T>) -> Result<T, Overflow> {
    value.ok_or(Overflow)
}

fn power<I: Int>(exponent: u32) -> Result<I, Overflow> {
    if let Some(small) = 10_i128.checked_pow(exponent) {
        return Ok(I::from(small));
    }
    let mut value = I::one();
    let ten = I::from(10);
    for _ in 0..exponent {
        value = fits(value.times(&ten))?;
    }
    Ok(value)
}

impl<I: Int> Fraction<I> {
    fn whole(value: i128, scale: u32) -> Self {
        Fraction { numerator: I::from(value), denominator: I::one(), scale }
    }

    fn at_scale(self, scale: u32) -> Result<Self, Overflow> {
        if scale <= self.scale {
            return Ok(self);
        }
        let numerator = fits(self.numerator.times(&power(scale - self.scale)?))?;
        Ok(Fraction { numerator, denominator: self.denominator, scale })
    }

    /// Both at one scale and one denominator.
    fn aligned(a: Self, b: Self) -> Result<(I, I, I, u32), Overflow> {
        let scale = a.scale.max(b.scale);
        let (a, b) = (a.at_scale(scale)?, b.at_scale(scale)?);
        if a.denominator == b.denominator {
            return Ok((a.numerator, b.numerator, a.denominator, scale));
        }
        let left = fits(a.numerator.times(&b.denominator))?;
        let right = fits(b.numerator.times(&a.denominator))?;
        Ok((left, right, fits(a.denominator.times(&b.denominator))?, scale))
    }

    fn compare(a: Self, b: Self) -> Result<Ordering, Overflow> {
        let (a, b, _, _) = Self::aligned(a, b)?;
        Ok(a.cmp(&b))
    }

    fn rounded(self, places: u32) -> Result<I, Overflow> {
        let up = places.saturating_sub(self.scale);
        let down = self.scale.saturating_sub(places);
        let numerator = fits(self.numerator.times(&power(up)?))?;
        let denominator = fits(self.denominator.times(&power(down)?))?;
        if denominator.is_one() {
            return Ok(numerator);
        }
        fits(numerator.over(&denominator))
    }
}

type Outcome<I> = Result<Option<Fraction<I>>, Overflow>;

impl Program {
    /// The value rounded to `places`, half away from zero; `Err` if even the rounded value is beyond `i128`.
    pub fn rounded(&self, inputs: &impl Inputs, places: u32) -> Result<Option<i128>, TooLarge> {
        match self.round_in::<i128>(inputs, places) {
            Ok(value) => Ok(value),
            Err(Overflow) => match self.round_in::<BigInt>(inputs, places) {
                Ok(None) => Ok(None),
                Ok(Some(value)) => value.small().map(Some).ok_or(TooLarge),
                Err(Overflow) => Err(TooLarge),
            },
        }
    }

    /// How the value stands to another's.
    pub fn compare(&self, other: &Program, op: Comparison, inputs: &impl Inputs) -> Option<bool> {
        let order = match self.compare_in::<i128>(other, inputs) {
            Ok(order) => order,
            Err(Overflow) => self.compare_in::<BigInt>(other, inputs).unwrap_or(None),
        }?;
        Some(match op {
            Comparison::Equal => order.is_eq(),
            Comparison::NotEqual => order.is_ne(),
            Comparison::Less => order.is_lt(),
            Comparison::LessOrEqual => order.is_le(),
            Comparison::Greater => order.is_gt(),
            Comparison::GreaterOrEqual => order.is_ge(),
        })
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

    fn round_in<I: Int>(&self, inputs: &impl Inputs, places: u32) -> Result<Option<I>, Overflow> {
        self.value::<I>(inputs)?.map(|f| f.rounded(places)).transpose()
    }

    fn compare_in<I: Int>(&self, other: &Program, inputs: &impl Inputs) -> Result<Option<Ordering>, Overflow> {
        match (self.value::<I>(inputs)?, other.value::<I>(inputs)?) {
            (Some(a), Some(b)) => Fraction::compare(a, b).map(Some),
            _ => Ok(None),
        }
    }

    fn value<I: Int>(&self, inputs: &impl Inputs) -> Outcome<I> {
        match self {
            Program::Input { index, scale } => Ok(inputs.get(*index).map(|v| Fraction::whole(v, *scale))),
            Program::Constant { value, scale } => Ok(Some(Fraction::whole(*value, *scale))),
            Program::Null => Ok(None),
            Program::Negate(a) => Ok(a.value::<I>(inputs)?.map(|f| Fraction { numerator: -f.numerator, ..f })),
            Program::Add(a, b) => Self::both(a, b, inputs, |a: Fraction<I>, b| {
                let (a, b, denominator, scale) = Fraction::aligned(a, b)?;
                Ok(Some(Fraction { numerator: fits(a.plus(&b))?, denominator, scale }))
            }),
            Program::Subtract(a, b) => Self::both(a, b, inputs, |a: Fraction<I>, b| {
                let (a, b, denominator, scale) = Fraction::aligned(a, b)?;
                Ok(Some(Fraction { numerator: fits(a.plus(&-b))?, denominator, scale }))
            }),
            Program::Multiply(a, b) => Self::both(a, b, inputs, |a: Fraction<I>, b: Fraction<I>| {
                let numerator = fits(a.numerator.times(&b.numerator))?;
                let denominator = fits(a.denominator.times(&b.denominator))?;
                Ok(Some(Fraction { numerator, denominator, scale: a.scale + b.scale }))
            }),
            Program::Divide(a, b) => Self::both(a, b, inputs, divide),
            Program::Least(list) => Self::extreme(list, inputs, Ordering::Less),
            Program::Greatest(list) => Self::extreme(list, inputs, Ordering::Greater),
            Program::Coalesce(list) => {
                for item in list {
                    if let Some(value) = item.value::<I>(inputs)? {
                        return Ok(Some(value));
                    }
                }
                Ok(None)
            }
            Program::Case { branches, otherwise } => {
                let chosen = branches.iter().find(|(c, _)| inputs.get(*c) == Some(1)).map(|(_, p)| p).or(otherwise.as_deref());
                chosen.map_or(Ok(None), |p| p.value(inputs))
            }
            Program::Round(a, places) => match a.value::<I>(inputs)? {
                Some(f) => Ok(Some(Fraction { numerator: f.rounded(*places)?, denominator: I::one(), scale: *places })),
                None => Ok(None),
            },
        }
    }

    fn both<I: Int>(a: &Program, b: &Program, inputs: &impl Inputs, f: impl Fn(Fraction<I>, Fraction<I>) -> Outcome<I>) -> Outcome<I> {
        match (a.value::<I>(inputs)?, b.value::<I>(inputs)?) {
            (Some(a), Some(b)) => f(a, b),
            _ => Ok(None),
        }
    }

    fn extreme<I: Int>(list: &[Program], inputs: &impl Inputs, wanted: Ordering) -> Outcome<I> {
        let mut best: Option<Fraction<I>> = None;
        for item in list {
            let Some(value) = item.value::<I>(inputs)? else {
                return Ok(None);
            };
            let better = match &best {
                Some(b) => Fraction::compare(value.clone(), b.clone())? == wanted,
                None => true,
            };
            if better {
                best = Some(value);
            }
        }
        Ok(best)
    }
}

fn divide<I: Int>(a: Fraction<I>, b: Fraction<I>) -> Outcome<I> {
    if b.numerator.is_zero() {
        return Ok(None);
    }
    // (na/da · 10^-sa) ÷ (nb/db · 10^-sb) = (na·db·10^sb) / (da·nb) · 10^-sa
    let sign = if b.numerator.is_negative() { -I::one() } else { I::one() };
    let numerator = fits(fits(a.numerator.times(&b.denominator))?.times(&power(b.scale)?))?;
    let denominator = fits(a.denominator.times(&fits(b.numerator.times(&sign))?))?;
    Ok(Some(Fraction { numerator: fits(numerator.times(&sign))?, denominator, scale: a.scale }))
}

impl<I: Clone> Clone for Fraction<I> {
    fn clone(&self) -> Self {
        Fraction { numerator: self.numerator.clone(), denominator: self.denominator.clone(), scale: self.scale }
    }
}

/// A result that no ledger can hold.
#[derive(Debug, PartialEq, Eq)]
pub struct TooLarge;
