//! A share of rows, exact.

use crate::money::decimal;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ratio {
    pub numerator: u64,
    pub denominator: u64,
}

impl Ratio {
    /// All of them.
    pub const WHOLE: Ratio = Ratio { numerator: 1, denominator: 1 };

    /// A fraction from 0 to 1 with at most nine decimals.
    pub fn parse(text: &str) -> Option<Ratio> {
        let (value, scale) = decimal(text)?;
        let denominator = 10_u64.checked_pow(scale.min(19))?;
        let numerator = u64::try_from(value).ok()?;
        (scale <= 9 && numerator <= denominator).then_some(Ratio { numerator, denominator })
    }

    /// Whether `part` of `whole` is a larger share than this.
    pub fn is_exceeded(self, part: u64, whole: u64) -> bool {
        u128::from(part) * u128::from(self.denominator) > u128::from(whole) * u128::from(self.numerator)
    }
}
