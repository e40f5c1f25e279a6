//! Money at its boundary: every spelling of the data contract, and 100,000 cases against big rationals.

use huiqi::money::{self, NumberFault, Unit};
use huiqi::period;
use huiqi::value::{Cell, EnumType, EnumValues, Type};
use num_bigint::BigInt;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

#[track_caller]
fn money(text: &str, expected: Result<i64, NumberFault>) {
    assert_eq!(money::parse_money(text, &[]), expected, "{text}");
    if let (Ok(expected), Some(plain)) = (expected, money::parse_plain_money(text.as_bytes())) {
        assert_eq!(plain, expected, "{text} in the first try");
    }
    if expected.is_err() {
        assert_eq!(money::parse_plain_money(text.as_bytes()), None, "{text} in the first try");
    }
}

#[track_caller]
fn capital(text: &str, expected: Result<i64, NumberFault>) {
    assert_eq!(money::parse_money(text, &Unit::spellings("万元").expect("a unit")), expected, "{text}");
}

#[test]
fn yuan() {
    money("0", Ok(0));
    money("1234.5", Ok(123450));
    money("1234.50", Ok(123450));
    money("1234.500", Ok(123450));
    money("-0.01", Ok(-1));
    money("+12", Ok(1200));
    money("\u{2212}12", Ok(-1200));
    money(".5", Ok(50));
    money("00012", Ok(1200));
    money("1,234,567.89", Ok(123456789));
    money("9999999999999.99", Ok(999_999_999_999_999));
    money("-9,999,999,999,999.99", Ok(-999_999_999_999_999));
    money("10000000000000", Err(NumberFault::Range));
    money("99999999999999999999999999999999999999999999", Err(NumberFault::Range));
    money("1234.567", Err(NumberFault::Scale));
    money("0.001", Err(NumberFault::Scale));
    money("12,34", Err(NumberFault::Grouping));
    money("1234,567", Err(NumberFault::Grouping));
    money(",123", Err(NumberFault::Grouping));
    money("1.2E+11", Err(NumberFault::Scientific));
    money("2,072(万)", Err(NumberFault::Unit));
    money("12元", Err(NumberFault::Unit));
    money("¥12", Err(NumberFault::Unit));
    money("3%", Err(NumberFault::Unit));
    for text in ["", "-", "无", "N/A", "1.", ".", "1.2.3", "--1", "1-", "1 2", "1.2,3", "(123.45)"] {
        money(text, Err(NumberFault::Form));
    }
}

#[test]
fn units_where_the_source_says_so() {
    capital("68.8万人民币", Ok(68_800_000));
    capital("22.5000(万元)", Ok(22_500_000));
    capital("2,072(万)", Ok(2_072_000_000));
    capital("245,838.8100(万元)", Ok(245_838_810_000));
    capital("100(万元人民币)", Ok(100_000_000));
    capital("100万人民币元", Ok(100_000_000));
    capital("0.123456万", Ok(123_456));
    capital("0.1234567万", Err(NumberFault::Scale));
    capital("500000", Ok(50_000_000));
    capital("500000元", Ok(50_000_000));
    capital("30(万美元)", Err(NumberFault::Currency));
    capital("USD 30", Err(NumberFault::Currency));
    capital("人民币30万元", Err(NumberFault::Unit));
    capital("美元", Err(NumberFault::Form));
    capital("30万港币", Err(NumberFault::Currency));
    money("30美元", Err(NumberFault::Currency));
    capital("30亿", Err(NumberFault::Unit));
    capital("无", Err(NumberFault::Form));
    assert_eq!(money::parse_money("1.5亿元", &Unit::spellings("亿元").expect("a unit")), Ok(15_000_000_000));
}

#[test]
fn rates_decimals_and_whole_numbers() {
    assert_eq!(money::parse_rate("0.0435"), Ok(4_350_000));
    assert_eq!(money::parse_rate("4.35%"), Ok(4_350_000));
    assert_eq!(money::parse_rate("100%"), Ok(100_000_000));
    assert_eq!(money::parse_rate("4.123456%"), Ok(4_123_456));
    assert_eq!(money::parse_rate("4.1234567%"), Err(NumberFault::Scale));
    assert_eq!(money::parse_rate("0.123456789"), Err(NumberFault::Scale));
    assert_eq!(money::parse_rate("0.123456780"), Ok(12_345_678));
    assert_eq!(money::parse_decimal("12345.6789"), Ok(1_234_567_890_000));
    assert_eq!(money::parse_decimal("4.35%"), Err(NumberFault::Unit));
    assert_eq!(money::parse_decimal("1,000.5"), Err(NumberFault::Grouping));
    assert_eq!(money::parse_int("1,234"), Ok(1234));
    assert_eq!(money::parse_int("-3"), Ok(-3));
    assert_eq!(money::parse_int("2022.0"), Err(NumberFault::Scale));
    assert_eq!(money::parse_int("9223372036854775808"), Err(NumberFault::Range));
    assert_eq!(money::parse_int("二"), Err(NumberFault::Form));
}

#[test]
fn amounts_as_text() {
    assert_eq!(money::Fen(123450).plain(), "1234.50");
    assert_eq!(money::Fen(-5).plain(), "-0.05");
    assert_eq!(money::Fen(123450).grouped(), "1,234.50");
    assert_eq!(money::Fen(-12345678900_i64).grouped(), "-123,456,789.00");
    assert_eq!(money::Fen(99999).grouped(), "999.99");
    assert_eq!(money::format_plain(4_350_000, 8), "0.0435");
    assert_eq!(money::format_plain(-1_200_000_000, 8), "-12");
    let sum: money::FenSum = [i64::MAX, i64::MAX, -1].map(money::Fen).into_iter().sum();
    assert_eq!(sum, money::Fen(i64::MAX as i128 * 2 - 1));
}

#[test]
fn halves_go_away_from_zero() {
    assert_eq!(money::round_half_away(5, 10), Some(1));
    assert_eq!(money::round_half_away(-5, 10), Some(-1));
    assert_eq!(money::round_half_away(4, 10), Some(0));
    assert_eq!(money::round_half_away(5, -10), Some(-1));
    assert_eq!(money::round_half_away(1, 0), None);
    assert_eq!(money::round_half_away(i128::MIN, -1), None);
    assert_eq!(money::round_half_away(i128::MIN, 1), Some(i128::MIN));
    assert_eq!(money::round_half_away(i128::MAX, i128::MAX), Some(1));
    // 33,333.35 yuan × 3 % is 1,000.0005 yuan, 1,000.00; the next two end in half a 分.
    assert_eq!(rounded(&[3_333_335, 3_000_000], &[100_000_000]), Some(100_000.into()));
    assert_eq!(rounded(&[10_005, 5, 10], &[1_000]), Some(500.into()));
    assert_eq!(rounded(&[10_050, 5], &[1_000]), Some(50.into()));
    assert_eq!(rounded(&[i128::MAX, i128::MAX], &[i128::MAX, i128::MAX]), Some(1.into()));
    assert_eq!(rounded(&[i128::MAX, i128::MAX], &[-1]), Some(-BigInt::from(i128::MAX) * i128::MAX));
    assert_eq!(rounded(&[1], &[0]), None);
}

fn product(factors: &[i128]) -> BigInt {
    factors.iter().map(|&factor| BigInt::from(factor)).product()
}

/// The quotient of two products, rounded in big integers and, where 128 bits hold both, also in those.
fn rounded(numerator: &[i128], denominator: &[i128]) -> Option<BigInt> {
    let (n, d) = (product(numerator), product(denominator));
    let big = money::round_big(&n, &d);
    if let (Ok(n), Ok(d)) = (i128::try_from(n), i128::try_from(d)) {
        let small = money::round_half_away(n, d).map(BigInt::from);
        assert_eq!(small, big.clone().filter(|value| i128::try_from(value.clone()).is_ok()), "{n} / {d}");
    }
    big
}

/// floor(2·|n| + |d| over 2·|d|), signed: the definition by another path, in big integers.
fn rational(numerator: &BigInt, denominator: &BigInt) -> BigInt {
    let negative = (*numerator < BigInt::ZERO) != (*denominator < BigInt::ZERO);
    let (n, d) = (BigInt::from(numerator.magnitude().clone()), BigInt::from(denominator.magnitude().clone()));
    let rounded: BigInt = (&n * 2 + &d) / (&d * 2);
    if negative { -rounded } else { rounded }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(50_000))]

    #[test]
    fn rounds_as_big_rationals_do(
        amount in -money::MONEY_LIMIT..=money::MONEY_LIMIT,
        rate in prop_oneof![-1_000_000_000i64..1_000_000_000, Just(333_333), Just(3_000_000), Just(3_330_000)],
        days in 1i64..=366,
        base in prop_oneof![Just(360i64), Just(365), Just(12), Just(7), 1i64..1_000_000_000_000],
    ) {
        let factors = [amount as i128, rate as i128, days as i128];
        let divisors = [base as i128, 100_000_000];
        prop_assert_eq!(rounded(&factors, &divisors), Some(rational(&product(&factors), &product(&divisors))));
    }

    #[test]
    fn rounds_beyond_128_bits(n in prop::array::uniform3(any::<i64>()), d in prop::array::uniform3(1i64..)) {
        let (n, d) = (n.map(i128::from), d.map(i128::from));
        prop_assert_eq!(rounded(&n, &d), Some(rational(&product(&n), &product(&d))));
    }

    #[test]
    fn money_goes_there_and_back(fen in -money::MONEY_LIMIT..=money::MONEY_LIMIT) {
        let (plain, grouped) = (money::Fen(fen as i128).plain(), money::Fen(fen as i128).grouped());
        prop_assert_eq!(money::parse_money(&plain, &[]), Ok(fen));
        prop_assert_eq!(money::parse_money(&grouped, &[]), Ok(fen));
        prop_assert_eq!(money::parse_plain_money(plain.as_bytes()), Some(fen));
    }

    #[test]
    fn the_first_try_never_disagrees(text in "[-+]?[0-9]{0,15}[.,]?[0-9]{0,9}") {
        let plain = money::parse_plain_money(text.as_bytes());
        prop_assert!(plain.is_none() || plain == money::parse_money(&text, &[]).ok());
        let plain = money::parse_plain_decimal(text.as_bytes());
        prop_assert!(plain.is_none() || plain == money::parse_decimal(&text).ok());
        let plain = money::parse_plain_int(text.as_bytes());
        prop_assert!(plain.is_none() || plain == money::parse_int(&text).ok());
    }
}

/// A value of every type as it stands in a CSV and a row key, and as people read it.
#[test]
fn values_are_written_one_way() {
    let words = EnumType(Arc::new(EnumValues { values: vec!["个人".into(), "企业".into()], codes: BTreeMap::new() }));
    let moment = i128::from(period::parse_datetime("2022-04-08 09:30:00").unwrap());
    for (ty, cell, text, shown) in [
        (Type::MONEY, Cell::Number(-123_456), "-1234.56", "-1,234.56"),
        (Type::RATE, Cell::Number(4_350_000), "0.0435", "4.35%"),
        (Type::DECIMAL, Cell::Number(150_000_000), "1.5", "1.5"),
        (Type::INT, Cell::Number(1_200), "1200", "1200"),
        (Type::Bool, Cell::Number(1), "是", "是"),
        (Type::Date, Cell::Number(19_090), "2022-04-08", "2022-04-08"),
        (Type::DateTime, Cell::Number(moment), "2022-04-08 09:30:00", "2022-04-08 09:30:00"),
        (Type::Enum(words), Cell::Number(1), "企业", "企业"),
        (Type::Code, Cell::Text("911409"), "911409", "911409"),
        (Type::Text, Cell::Null, "", "（缺）"),
    ] {
        assert_eq!((ty.text(cell).as_ref(), ty.shown(cell).as_str()), (text, shown), "{ty:?}");
    }
}

/// What people set, and what it is at so many places.
const SET: [(&str, u32, Option<i64>); 16] = [
    ("0.015", 8, Some(1_500_000)),
    ("50000", 2, Some(5_000_000)),
    ("50000.00", 2, Some(5_000_000)),
    ("-3.10", 2, Some(-310)),
    (" 3 ", 0, Some(3)),
    ("3.000", 0, Some(3)),
    ("3.001", 2, None),
    ("0.000000001", 8, None),
    ("92233720368.54775807", 8, Some(i64::MAX)),
    ("92233720368.54775808", 8, None),
    ("79228162514264337593543950336", 0, None),
    ("1e5", 2, None),
    ("50000元", 2, None),
    ("５", 0, None),
    ("", 2, None),
    ("--5", 2, None),
];

#[test]
fn what_people_set_is_read_exactly_or_not_at_all() {
    for (text, places, expected) in SET {
        assert_eq!(money::parse_set(text, places), expected, "{text}");
    }
    assert_eq!(money::parse_set_money("9999999999999.99"), Some(money::Fen(money::MONEY_LIMIT)));
    assert_eq!(money::parse_set_money("10000000000000"), None);
    assert_eq!(money::decimal("0.0300"), Some((3, 2)));
}
