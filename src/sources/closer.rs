//! A second look at values that are read: how codes are written, and which values are unusual. Only at the columns that need it.

use super::contract::{Contract, Store};
use super::fill::{NO_NUMBER, TextColumn, Values};
use super::part::Part;
use super::seen::{CodesSeen, UnusualSeen};
use crate::schema::ColumnKind;

/// How the codes of a file or sheet are written, of every column of codes that keeps its text.
pub fn codes(contract: &Contract, parts: &[&Part]) -> Vec<CodesSeen> {
    let is_code =
        |column: &usize| contract.columns[*column].column.kind == ColumnKind::Code && contract.columns[*column].store == Store::Text;
    let mut seen = Vec::new();
    for column in (0..contract.columns.len()).filter(is_code) {
        let mut codes = CodesSeen { column, padded: 0, longest: 0, bare: 0, shortest: usize::MAX };
        for part in parts {
            if let Values::Text(texts) = &part.columns[column] {
                count(texts, &mut codes);
            }
        }
        if codes.padded + codes.bare > 0 {
            seen.push(codes);
        }
    }
    seen
}

fn count(texts: &TextColumn, codes: &mut CodesSeen) {
    for row in 0..texts.views.len() {
        let code = texts.get(row);
        // Most codes begin with a letter.
        if !code.first().is_some_and(u8::is_ascii_digit) || !code.iter().all(u8::is_ascii_digit) {
            continue;
        }
        if code[0] == b'0' && code.len() > 1 {
            codes.padded += 1;
            codes.longest = codes.longest.max(code.len());
        } else {
            codes.bare += 1;
            codes.shortest = codes.shortest.min(code.len());
        }
    }
}

/// The values of a file that are not the usual ones, of every column that has usual ones.
pub fn unusual(contract: &Contract, parts: &[&Part]) -> Vec<UnusualSeen> {
    let mut found = Vec::new();
    for (column, check) in contract.columns.iter().enumerate().filter(|(_, check)| !check.usual.is_empty()) {
        let numbers =
            parts.iter().filter_map(|part| if let Values::Number(numbers) = &part.columns[column] { Some(numbers) } else { None });
        let mut seen = UnusualSeen { column, values: 0, unusual: 0, example: 0 };
        for &value in numbers.flatten().filter(|&&value| value != NO_NUMBER) {
            seen.values += 1;
            if check.usual.binary_search(&value).is_err() {
                seen.example = if seen.unusual == 0 { value } else { seen.example };
                seen.unusual += 1;
            }
        }
        if seen.unusual > 0 {
            found.push(seen);
        }
    }
    found
}
