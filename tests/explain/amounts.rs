//! The arithmetic of every printed formula, done again by hand from the text alone.

use crate::setup::{generated, on_threads, settled};
use huiqi::explain::{Question, answer};
use huiqi::ledger::Subjects;
use huiqi::sql::ir::MeasureId;
use huiqi::value::Cell;
use num_bigint::BigInt;
use num_traits::{Signed, Zero};
use std::collections::{BTreeMap, BTreeSet};

/// Awards of each measure that are recomputed.
const PER_MEASURE: usize = 12;

#[test]
fn every_amount_follows_from_the_printed_numbers() {
    let inputs = generated();
    let world = inputs.world();
    let mut asked: BTreeMap<String, BTreeSet<MeasureId>> = BTreeMap::new();
    for one in settled(&world) {
        let measure = &inputs.pipeline.measures[one.measure()];
        let mut rows = one.decided.rows.clone();
        let subjects = Subjects::of(&inputs.pipeline, measure, &mut rows).unwrap();
        for award in one.awards.iter().filter(|a| a.money.is_some()).take(PER_MEASURE) {
            if let Cell::Text(code) = subjects.stored(award.row) {
                asked.entry(code.to_string()).or_default().insert(one.measure());
            }
        }
    }
    let recomputed = |(code, measures): (String, BTreeSet<MeasureId>)| {
        let mut seen = Vec::new();
        let few = inputs.world().for_few();
        let question = Question { code, measures: measures.into_iter().collect(), document: None, rows: PER_MEASURE };
        let answer = answer(&few, &question).map_err(|e| format!("{e:?}")).unwrap().unwrap();
        for measure in &answer.measures {
            for row in &measure.rows {
                let Some(entry) = row.ledger.as_ref().filter(|l| l.before.is_some()) else { continue };
                let formula = &row.amount.as_ref().unwrap().formula;
                let (left, right) = formula.split_once(" = ").unwrap_or_else(|| panic!("{}: {formula}", measure.id));
                // A measure may say more after the amount.
                let right = right.split_once('（').map_or(right, |(right, _)| right);
                assert_eq!(rounded(&evaluate(left)), fen(right), "{} {}: {formula}", measure.id, row.document);
                assert_eq!(Some(right), entry.before.as_deref());
                let part = |text: &Option<String>| fen(text.as_deref().unwrap());
                assert_eq!(part(&entry.before) - part(&entry.cut), part(&entry.amount));
                seen.push(measure.id.clone());
            }
        }
        seen
    };
    let measures_seen: BTreeSet<String> = on_threads(asked.into_iter().collect(), recomputed).into_iter().collect();
    assert!(measures_seen.len() > 40, "{} measures only: {measures_seen:?}", measures_seen.len());
}

/// `1,234.50` in 分.
fn fen(text: &str) -> i128 {
    text.replace([',', '.'], "").parse().unwrap_or_else(|_| panic!("{text} is no amount"))
}

/// A fraction with a positive denominator.
type Fraction = (BigInt, BigInt);

/// To 分, half away from zero.
fn rounded((n, d): &Fraction) -> i128 {
    let n: BigInt = n * 100;
    let (quotient, rest): (BigInt, BigInt) = (&n / d, &n % d);
    let away = rest.abs() * 2 >= *d;
    let step = if !away {
        0
    } else if n.is_negative() {
        -1
    } else {
        1
    };
    i128::try_from(quotient + step).unwrap()
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Number(Fraction),
    Sign(char),
    Least,
    Greatest,
}

/// A formula as it is printed: names are left out, numbers and signs count.
fn evaluate(text: &str) -> Fraction {
    let mut tokens = tokens(text);
    tokens.reverse();
    let value = sum(&mut tokens);
    assert!(tokens.is_empty(), "{text}: {tokens:?} is left");
    value
}

fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_number = first.is_ascii_digit() || first == '-' && rest[1..].starts_with(|c: char| c.is_ascii_digit());
        if is_number {
            let end = rest[1..].find(|c: char| !c.is_ascii_digit() && c != ',' && c != '.').map_or(rest.len(), |at| at + 1);
            let (number, after) = rest.split_at(end);
            let (scale, after) = match after.strip_prefix('%') {
                Some(after) => (2, after),
                None => (0, after),
            };
            found.push(Token::Number(number_of(number, scale)));
            rest = after;
            continue;
        }
        if let Some(after) = rest.strip_prefix("取小（") {
            found.push(Token::Least);
            rest = after;
        } else if let Some(after) = rest.strip_prefix("取大（") {
            found.push(Token::Greatest);
            rest = after;
        } else {
            if "+−×÷（），".contains(first) {
                found.push(Token::Sign(first));
            }
            rest = &rest[first.len_utf8()..];
        }
    }
    found
}

fn number_of(text: &str, percent: u32) -> Fraction {
    let plain = text.replace(',', "");
    let places = plain.split_once('.').map_or(0, |(_, f)| f.len() as u32) + percent;
    (plain.replace('.', "").parse().unwrap(), BigInt::from(10).pow(places))
}

/// The tokens stand in reverse: the next one is the last.
fn sum(tokens: &mut Vec<Token>) -> Fraction {
    let mut value = product(tokens);
    while let Some(Token::Sign(sign @ ('+' | '−'))) = tokens.last().cloned() {
        tokens.pop();
        let other = product(tokens);
        let right = &other.0 * &value.1;
        let left = &value.0 * &other.1;
        value = (if sign == '+' { left + right } else { left - right }, value.1 * other.1);
    }
    value
}

fn product(tokens: &mut Vec<Token>) -> Fraction {
    let mut value = single(tokens);
    while let Some(Token::Sign(sign @ ('×' | '÷'))) = tokens.last().cloned() {
        tokens.pop();
        let other = single(tokens);
        value = if sign == '×' {
            (value.0 * other.0, value.1 * other.1)
        } else {
            assert!(!other.0.is_zero());
            let sign = if other.0.is_negative() { -1 } else { 1 };
            (value.0 * other.1 * sign, value.1 * other.0.abs())
        };
    }
    value
}

fn single(tokens: &mut Vec<Token>) -> Fraction {
    match tokens.pop().expect("a value") {
        Token::Number(value) => value,
        Token::Sign('（') => {
            let value = sum(tokens);
            assert_eq!(tokens.pop(), Some(Token::Sign('）')));
            value
        }
        kind @ (Token::Least | Token::Greatest) => {
            let mut values = vec![sum(tokens)];
            while tokens.last() == Some(&Token::Sign('，')) {
                tokens.pop();
                values.push(sum(tokens));
            }
            assert_eq!(tokens.pop(), Some(Token::Sign('）')));
            let order = |a: &Fraction, b: &Fraction| (&a.0 * &b.1).cmp(&(&b.0 * &a.1));
            let chosen = if kind == Token::Least { values.into_iter().min_by(order) } else { values.into_iter().max_by(order) };
            chosen.expect("one at least")
        }
        other => panic!("{other:?} is no value"),
    }
}

#[test]
fn the_hand_calculation_is_right() {
    assert_eq!(rounded(&evaluate("实际支付额 2,000,000.00 × 补助比例 3%")), 6_000_000);
    assert_eq!(rounded(&evaluate("取大（0，（甲 10.00 − 乙 -0.50） × 1.5% ÷ 2）")), 8);
    assert_eq!(rounded(&evaluate("取小（甲 3.00，乙 2.00 + 0.005）")), 201);
}
