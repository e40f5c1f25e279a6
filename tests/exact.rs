//! Amounts as the engine computes them, against big rationals: products, quotients, one rounding half away from zero.

use huiqi::sql::exact::{Inputs, Program};
use num_bigint::BigInt;
use proptest::prelude::*;

struct Cells(Vec<Option<i128>>);

impl Inputs for Cells {
    fn get(&self, index: usize) -> Option<i128> {
        self.0[index]
    }
}

fn input(index: usize, scale: u32) -> Box<Program> {
    Box::new(Program::Input { index, scale })
}

fn constant(value: i128) -> Box<Program> {
    Box::new(Program::Constant { value, scale: 0 })
}

/// `numerator / denominator` rounded half away from zero, the slow way.
fn rounded(numerator: BigInt, denominator: BigInt) -> BigInt {
    let zero = BigInt::from(0);
    let negative = (numerator < zero) != (denominator < zero);
    let magnitude = |n: BigInt| if n < BigInt::from(0) { -n } else { n };
    let (n, d) = (magnitude(numerator), magnitude(denominator));
    let up: BigInt = (n * 2 + &d) / (d * 2);
    if negative { -up } else { up }
}

#[test]
fn products_that_end_in_half_a_fen() {
    let product = Program::Multiply(input(0, 2), input(1, 8));
    for (yuan, rate, fen) in
        [(3_333_335, 3_000_000, 100_000), (10_005, 3_330_000, 333), (50, 1_000_000, 1), (-50, 1_000_000, -1), (49, 1_000_000, 0)]
    {
        assert_eq!(product.rounded(&Cells(vec![Some(yuan), Some(rate)]), 2), Ok(Some(fen)), "{yuan} × {rate}");
    }
    assert_eq!(product.rounded(&Cells(vec![None, Some(1)]), 2), Ok(None));
}

#[test]
fn a_zero_divisor_gives_nothing() {
    let quotient = Program::Divide(input(0, 2), input(1, 2));
    assert_eq!(quotient.rounded(&Cells(vec![Some(1), Some(0)]), 2), Ok(None));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100_000))]

    /// 本金 × 年利率 × 天数 × 比例 ÷ 360, beyond i128 as well.
    #[test]
    fn interest(money in -999_999_999_999_999_i64..=999_999_999_999_999, rate: i64, days in 0_i128..=366, share: i64, divisor in 1_i128..=366) {
        let product = Program::Multiply(Box::new(Program::Multiply(Box::new(Program::Multiply(input(0, 2), input(1, 8))), input(2, 0))), input(3, 8));
        let amount = Program::Divide(Box::new(product), constant(divisor));
        let cells = Cells(vec![Some(money.into()), Some(rate.into()), Some(days), Some(share.into())]);
        let numerator = BigInt::from(money) * rate * days * share;
        let wanted = rounded(numerator, BigInt::from(divisor) * BigInt::from(10_i128.pow(16)));
        match amount.rounded(&cells, 2) {
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
        let cells = Cells([tax, relief, part, base].iter().map(|v| Some(i128::from(*v))).collect());
        let numerator = (BigInt::from(tax) * base - BigInt::from(relief) * part) * 50;
        let wanted = rounded(numerator, BigInt::from(base) * 100);
        prop_assert_eq!(amount.rounded(&cells, 2).ok().flatten().map(BigInt::from), Some(wanted));
    }
}
