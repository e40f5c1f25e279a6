//! What a column that nobody declares may be.

use crate::money::{self, Unit};
use crate::sources::inspect::Meaning;
use crate::{period, uscc};
use std::collections::BTreeMap;

/// Texts that exports write where there is nothing.
const NOTHING: [&str; 16] = ["N/A", "NA", "NULL", "NONE", "NAN", "-", "--", "/", "\\", "无", "空", "暂无", "不详", "未知", "—", "——"];
/// Values that are kept to see whether they are a list of choices.
const CHOICES: usize = 24;

/// How many cells would fit which type.
#[derive(Default)]
pub struct Guess {
    pub filled: u64,
    uscc: u64,
    person: u64,
    date: u64,
    datetime: u64,
    flag: u64,
    int: u64,
    plain_money: u64,
    money: u64,
    percent: u64,
    decimal: u64,
    code: u64,
    /// Suffixes behind numbers.
    suffixes: BTreeMap<String, u64>,
    pub nothing: BTreeMap<String, u64>,
    /// Values and how often; none where there are too many.
    pub choices: BTreeMap<String, u64>,
    many: bool,
}

impl Guess {
    /// Takes a cell that is trimmed and half-width.
    pub fn take(&mut self, cell: &str) -> Meaning {
        let upper = cell.to_uppercase();
        if cell.is_empty() || NOTHING.contains(&upper.as_str()) {
            if !cell.is_empty() {
                *self.nothing.entry(cell.to_owned()).or_default() += 1;
            }
            return Meaning::Missing;
        }
        self.filled += 1;
        let (code, day) = (upper.as_bytes(), period::parse_date(cell));
        let is_digits = cell.bytes().all(|byte| byte.is_ascii_digit());
        self.uscc += u64::from(uscc::is_uscc(code));
        self.person += u64::from(uscc::is_identity_number(code));
        self.date += u64::from(day.is_ok() && !is_digits || day.is_ok() && cell.len() == 8);
        self.datetime += u64::from(period::parse_datetime(cell).is_ok());
        self.flag += u64::from(matches!(upper.as_str(), "是" | "否" | "Y" | "N" | "TRUE" | "FALSE"));
        self.int += u64::from(money::parse_int(cell).is_ok());
        self.plain_money += u64::from(money::parse_money(cell, &[]).is_ok());
        self.percent += u64::from(cell.ends_with('%') && money::parse_rate(cell).is_ok());
        self.decimal += u64::from(money::parse_decimal(cell).is_ok());
        self.code += u64::from(cell.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_()/.".contains(&byte)));
        self.take_suffix(cell);
        if !self.many {
            *self.choices.entry(cell.to_owned()).or_default() += 1;
            self.many = self.choices.len() > CHOICES;
        }
        Meaning::Value(match (day, money::parse_money(cell, &[])) {
            (Ok(day), _) if !is_digits => Some(day as i64),
            (_, Ok(fen)) => Some(fen),
            _ => None,
        })
    }

    /// Counts what stands behind a number.
    fn take_suffix(&mut self, cell: &str) {
        let at = cell.rfind(|character: char| character.is_ascii_digit()).map_or(0, |at| at + 1);
        let (number, suffix) = cell.split_at(at);
        let is_number = number.starts_with(|character: char| character.is_ascii_digit() || character == '-');
        let is_word = suffix.chars().count() <= 8 && suffix.contains(['万', '元', '亿', '币']);
        if is_number && is_word && money::parse_money(number, &[]) != Err(money::NumberFault::Form) {
            self.money += 1;
            *self.suffixes.entry(suffix.to_owned()).or_default() += 1;
        }
    }

    /// Nearly all cells: some are always wrong.
    fn is_nearly(&self, fits: u64) -> bool {
        self.filled > 0 && fits * 100 >= self.filled * 95
    }

    /// The word of its type; `repeated`: how many cells say what another says.
    pub fn kind(&self, repeated: u64) -> &'static str {
        let tests = [
            ("id", self.person > 0 && (self.uscc + self.person) * 100 >= self.filled * 80),
            ("uscc", self.filled > 0 && self.uscc * 100 >= self.filled * 80),
            ("datetime", self.is_nearly(self.datetime)),
            ("date", self.is_nearly(self.date)),
            ("bool", self.is_nearly(self.flag)),
            ("money", self.money > 0 && self.is_nearly(self.money + self.plain_money)),
            ("rate", self.percent > 0 && self.is_nearly(self.percent + self.decimal)),
            ("enum", !self.many && repeated >= self.choices.len() as u64 * 4),
            ("code", self.is_nearly(self.code) && self.int == self.filled && self.choices.keys().any(|value| value.starts_with('0'))),
            ("int", self.is_nearly(self.int)),
            ("money", self.is_nearly(self.plain_money)),
            ("decimal", self.is_nearly(self.decimal)),
            ("code", self.is_nearly(self.code)),
        ];
        tests.iter().find(|(_, fits)| *fits).map_or("text", |(kind, _)| kind)
    }

    /// The units of yuan among the suffixes.
    pub fn units(&self) -> Vec<Unit> {
        let known: Vec<Unit> = ["元", "千元", "万元", "百万元", "亿元"].iter().filter_map(|unit| Unit::spellings(unit)).flatten().collect();
        let mut units: Vec<Unit> = Vec::new();
        for suffix in self.suffixes.keys().filter_map(|suffix| Unit::new(suffix, "1")) {
            if let Some(unit) = known.iter().find(|unit| unit.suffix == suffix.suffix)
                && !units.contains(unit)
            {
                units.push(unit.clone());
            }
        }
        units
    }
}
