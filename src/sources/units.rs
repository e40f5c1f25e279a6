//! Units of money that a file says above its table or in its headers.

use super::contract::Contract;
use super::header::{self, Layout};
use super::normal;
use super::seen::UnitSeen;
use super::text::Text;
use crate::money;
use crate::schema::ColumnKind;

/// All that a file says about the money of a source: above the header once for each unit, in the headers once for each column.
pub fn look(text: &Text, layout: &Layout, contract: &Contract) -> Vec<UnitSeen> {
    if !contract.columns.iter().any(|check| check.column.kind == ColumnKind::Money) {
        return Vec::new();
    }
    let above = String::from_utf8_lossy(&text.bytes[text.start..layout.header.0]);
    let mut seen: Vec<UnitSeen> = Vec::new();
    for (unit, words) in above_header(&normal::half_width(&above)) {
        if seen.iter().all(|known| known.unit != unit) {
            seen.push(UnitSeen { unit, column: None, words });
        }
    }
    let headers = header::units(text, layout, contract).into_iter();
    seen.extend(headers.map(|(column, unit, words)| UnitSeen { unit, column: Some(column), words }));
    seen
}

/// What ends the word of a unit.
fn is_end(character: char) -> bool {
    character.is_whitespace() || character.is_control() || ",;|\"'、/()[]【】〔〕。，；".contains(character)
}

/// The units behind every 单位： of a text in half-width.
fn above_header(text: &str) -> Vec<(String, String)> {
    let characters: Vec<char> = text.chars().collect();
    let skip = |mut at: usize, is_skipped: fn(char) -> bool| {
        while characters.get(at).is_some_and(|&character| is_skipped(character)) {
            at += 1;
        }
        at
    };
    let is_blank = |character: char| character.is_whitespace();
    let mut found = Vec::new();
    for (start, _) in characters.iter().enumerate().filter(|(_, character)| **character == '单') {
        let second = skip(start + 1, is_blank);
        let colon = skip(second + 1, is_blank);
        if characters.get(second) != Some(&'位') || characters.get(colon) != Some(&':') {
            continue;
        }
        // The unit may stand in the next cell.
        let mut at = skip(colon + 1, |character| is_end(character) && character != '\n');
        // 单位：人、万元 has two.
        loop {
            let end = (at..characters.len()).find(|&end| is_end(characters[end])).unwrap_or(characters.len());
            let word: String = characters[at..end].iter().collect();
            found.extend(money::unit_word(&word).map(|unit| (unit, format!("单位：{word}"))));
            if word.is_empty() || !matches!(characters.get(end), Some('、' | '/')) {
                break;
            }
            at = end + 1;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_above_a_header() {
        for (text, units) in [
            ("增值税申报,,\n,,单位:万元\n", vec!["万元"]),
            ("表一(金额单位:元)", vec!["元"]),
            ("计量单位: 人民币千元", vec!["千元"]),
            ("单 位 : 人、万元", vec!["万元"]),
            ("单位:,\"万美元\"", vec!["万美元"]),
            ("单位:元(人民币)", vec!["元"]),
            ("填报单位:元亨公司,单位:人", vec![]),
            ("单位:万元/万美元", vec!["万元", "万美元"]),
            ("单位:\n万元", vec![]),
            ("单位万元", vec![]),
        ] {
            let found: Vec<String> = above_header(text).into_iter().map(|(unit, _)| unit).collect();
            assert_eq!(found, units, "{text}");
        }
    }
}
