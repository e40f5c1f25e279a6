//! Writes refused rows down: whole, with the key as far as it can be read, persons' numbers masked.

use super::Reject;
use super::contract::{Check, Contract, Value};
use super::damage::{Damage, place_note};
use super::fault::FileFault;
use super::header::Layout;
use super::normal;
use super::records::{Block, record_at};
use super::rules::Rule;
use super::text::Text;
use crate::schema::{Personal, SourceId};
use crate::uscc;
use std::borrow::Cow;

/// The most of one cell that is repeated in 原值; the row itself is kept whole.
const MAX_VALUE: usize = 1000;

/// A file whose rows may be refused.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    pub id: SourceId,
    pub contract: &'a Contract<'a>,
    pub text: &'a Text,
    pub layout: &'a Layout,
    /// Path under the data folder.
    pub file: &'a str,
}

/// A broken rule: declared column, rule, what only the place knows.
pub type Breach = (usize, Rule, String);

impl Place<'_> {
    /// One reject per breach of the row at `start`. The line is what the caller counts.
    pub fn refuse_row(&self, start: usize, line: u32, breaches: &[Breach]) -> Vec<Reject> {
        let (block, cut) = record_at(self.text, self.layout.dialect, Some(self.layout.width), start);
        let cells = self.cells(&block);
        let (raw, key) = (self.masked_row(&block, &cells, start, cut.end), self.key(&cells));
        let header = &self.text.bytes[self.layout.header.0..self.layout.header.1];
        if self.text.bytes[start..cut.end] == *header {
            let reason = Rule::RowHeader.reason(None, "") + &place_note(self.text, start);
            return vec![self.reject(line, Rule::RowHeader, None, (key, String::new(), raw), reason)];
        }
        let refuse = |(column, rule, note): &Breach| {
            let value = self.masked_cell(*column, &cells);
            let is_row = matches!(rule, Rule::KeyDuplicate);
            let column = if is_row { None } else { Some(&self.contract.columns[*column]) };
            let value = if is_row { String::new() } else { value };
            // A text that stands for nothing is no value either.
            let is_said = *rule == Rule::ValueRequired && !normal::trim(&value).is_empty();
            let note = if is_said {
                format!("（“{value}”表示没有；可以空缺的栏目，直接留空就行）")
            } else {
                note.clone()
            };
            let reason = rule.reason(column.map(|check| check.column), &note);
            self.reject(line, *rule, column, (key.clone(), value, raw.clone()), reason)
        };
        breaches.iter().map(refuse).collect()
    }

    /// The reject of a record that could not be cut.
    pub fn refuse_damage(&self, damage: &Damage) -> Reject {
        let mut raw = self.raw(damage.start, damage.end).into_owned();
        if damage.fault.rule == Rule::RowFields {
            let (block, _) = record_at(self.text, self.layout.dialect, None, damage.start);
            let personal = |column: &usize| self.contract.columns[*column].column.personal == Personal::Always;
            let columns: Vec<usize> = (0..self.contract.columns.len()).filter(personal).collect();
            raw = mask_spans(raw, damage.start, self.spans(&block, &columns));
        }
        let raw = mask_tokens(&raw, self.names_persons());
        let reason = damage.fault.reason(self.text);
        self.reject(damage.line, damage.fault.rule, None, (String::new(), String::new(), raw), reason)
    }

    fn reject(&self, line: u32, rule: Rule, check: Option<&Check>, texts: (String, String, String), reason: String) -> Reject {
        let (key, value, raw) = texts;
        let sheet = self.text.sheet.as_ref().map(|sheet| format!("（工作表“{sheet}”）")).unwrap_or_default();
        Reject {
            source: self.id,
            file: self.file.to_owned(),
            line,
            key,
            column: check.map(|check| check.column.name.clone()).unwrap_or_default(),
            value,
            rule: rule.code(),
            reason: reason + &sheet,
            raw,
        }
    }

    /// Per declared column the cell, empty where the file lacks the column.
    fn cells<'b>(&'b self, block: &'b Block) -> Vec<Cow<'b, str>> {
        let cells: Vec<&[u8]> = block.cells(&self.text.bytes).collect();
        let cell = |field: &Option<usize>| field.and_then(|field| cells.get(field)).copied().unwrap_or_default();
        self.layout.fields.iter().map(|field| String::from_utf8_lossy(cell(field))).collect()
    }

    fn raw(&self, start: usize, end: usize) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.text.bytes[start..end])
    }

    /// Places in the text of the cells of some declared columns.
    fn spans(&self, block: &Block, columns: &[usize]) -> Vec<(usize, usize)> {
        let field = |&column: &usize| self.layout.fields[column];
        columns.iter().filter_map(field).filter_map(|field| block.place(0, field)).collect()
    }

    fn masked_row(&self, block: &Block, cells: &[Cow<str>], start: usize, end: usize) -> String {
        let personal: Vec<usize> = (0..cells.len()).filter(|&column| self.is_personal(column, cells)).collect();
        let raw = mask_spans(self.raw(start, end).into_owned(), start, self.spans(block, &personal));
        mask_tokens(&raw, false)
    }

    fn masked_cell(&self, column: usize, cells: &[Cow<str>]) -> String {
        let mut end = cells[column].len().min(MAX_VALUE);
        while !cells[column].is_char_boundary(end) {
            end -= 1;
        }
        let cell = &cells[column][..end];
        if self.is_personal(column, cells) { uscc::mask(cell.trim()) } else { mask_tokens(cell, false) }
    }

    /// The parts of the key joined as in 来源单据; a part that cannot be read as it stands.
    fn key(&self, cells: &[Cow<str>]) -> String {
        let part = |&column: &usize| {
            let check = &self.contract.columns[column];
            let text = match check.read(&cells[column]) {
                Ok(value) => value.map(|value| show(check, &value)).unwrap_or_default(),
                Err(_) => normal::trim(&cells[column]).to_owned(),
            };
            if self.is_personal(column, cells) { uscc::mask(&text) } else { mask_tokens(&text, false) }
        };
        self.contract.source.primary_key.iter().map(part).collect::<Vec<_>>().join("|")
    }

    /// Whether the cell of a column is a person's number.
    fn is_personal(&self, column: usize, cells: &[Cow<str>]) -> bool {
        let rule = &self.contract.columns[column].column.personal;
        let word = || {
            let Personal::If { column: other, .. } = rule else { return None };
            let check = &self.contract.columns[*other];
            check.read(&cells[*other]).ok().flatten().map(|value| show(check, &value).into())
        };
        rule.holds(&normal::code(&cells[column]), word)
    }

    fn names_persons(&self) -> bool {
        self.contract.columns.iter().any(|check| check.column.personal != Personal::Never)
    }
}

/// The rejects of a file that cannot be read as a whole.
pub fn refuse_file(id: SourceId, file: &str, header: &str, faults: &[FileFault]) -> Vec<Reject> {
    let reject = |fault: &FileFault| Reject {
        source: id,
        file: file.to_owned(),
        line: 1,
        key: String::new(),
        column: fault.column.clone(),
        value: String::new(),
        rule: fault.rule.code(),
        reason: fault.reason(),
        raw: mask_tokens(header, true),
    };
    faults.iter().map(reject).collect()
}

/// A value as 来源单据 shows it.
fn show(check: &Check, value: &Value) -> String {
    check.column.kind.ty().text(value.cell()).into_owned()
}

/// Masks what stands at these places of the text, of which `raw` is the piece from `start`.
fn mask_spans(mut raw: String, start: usize, mut spans: Vec<(usize, usize)>) -> String {
    spans.sort_unstable_by(|one, other| other.cmp(one));
    for (from, to) in spans {
        let (from, to) = (from - start, to - start);
        // Masking may change the length, so places are used from the last to the first.
        if let Some(cell) = raw.get(from..to) {
            let masked = cell.replace(normal::trim(cell), &uscc::mask(normal::trim(cell)));
            raw.replace_range(from..to, &masked);
        }
    }
    raw
}

/// Masks every token that is a valid identity number, or (`strict`) has the form of one.
pub fn mask_tokens(text: &str, strict: bool) -> String {
    let is_part = |character: char| normal::half_width_character(character).is_ascii_alphanumeric();
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(from) = rest.find(is_part) {
        let token = &rest[from..];
        let token = &token[..token.find(|character| !is_part(character)).unwrap_or(token.len())];
        let code = normal::code(token);
        let is_number = uscc::is_identity_number(code.as_bytes()) || (strict && uscc::looks_like_identity_number(code.as_bytes()));
        masked.push_str(&rest[..from]);
        if is_number {
            masked.push_str(&uscc::mask(token))
        } else {
            masked.push_str(token)
        }
        rest = &rest[from + token.len()..];
    }
    masked.push_str(rest);
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_masked_wherever_they_stand() {
        let row = "HT1,张三11010519491231002X,１１０１０５１９４９１２３１００２Ｘ,110105194912310021";
        let masked = "HT1,张三110105********002X,１１０１０５********００２Ｘ,110105194912310021";
        assert_eq!(mask_tokens(row, false), masked);
        assert!(mask_tokens(row, true).ends_with("110105********0021"));
    }
}
