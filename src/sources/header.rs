//! Finds the row that names the columns, and with it the delimiter.
//!
//! The header is the row among the first ones that names most of the source's columns: titles may stand above it,
//! columns may come in any order, be absent where they are not required, or belong to nobody.

use super::contract::Contract;
use super::normal;
use super::records::{Cut, Dialect, record_at};
use super::rules::Rule;
use super::text::Text;

/// Rows that are looked at for a header.
pub const SEARCHED: usize = 32;
/// Delimiters in the order of preference.
const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];

/// How a file's columns lie.
#[derive(Debug)]
pub struct Layout {
    pub dialect: Dialect,
    /// Cells of a row.
    pub width: usize,
    /// Per declared column: its place in a row, none where the file lacks it.
    pub fields: Vec<Option<usize>>,
    /// The headers that name no declared column, as they stand.
    pub strangers: Vec<String>,
    /// The header as it stands.
    pub header: (usize, usize),
    /// Where the first data row starts, and the lines before it.
    pub start: usize,
    pub lines: u32,
}

/// Why a whole file cannot be read.
#[derive(Debug)]
pub struct FileFault {
    pub rule: Rule,
    pub column: String,
    pub note: String,
}

/// A candidate: a row, and the declared columns that it names.
struct Candidate {
    layout: Layout,
    names: Vec<String>,
    matched: usize,
}

/// Finds the header of a text. The fault's place is the whole file.
pub fn find(text: &Text, contract: &Contract) -> Result<Layout, Vec<FileFault>> {
    let best = best(text, contract);
    let faults = match &best {
        None => missing(contract, None),
        Some(best) => {
            let mut faults = ambiguous(contract, best);
            if faults.is_empty() {
                faults = missing(contract, Some(&best.layout));
            }
            faults
        }
    };
    match best {
        Some(best) if faults.is_empty() => Ok(best.layout),
        _ => Err(faults),
    }
}

/// The row that names most columns, whatever it lacks.
fn best(text: &Text, contract: &Contract) -> Option<Candidate> {
    let fixed = text.delimiter.or(contract.source.delimiter);
    let delimiters = fixed.as_slice().iter().chain(if fixed.is_none() { &DELIMITERS[..] } else { &[] });
    let mut best: Option<Candidate> = None;
    for candidate in delimiters.flat_map(|&delimiter| candidates(text, contract, delimiter)) {
        if best.as_ref().is_none_or(|best| best.matched < candidate.matched) {
            best = Some(candidate);
        }
    }
    best
}

/// As [`find`] for a file that need not be complete: its layout, its columns' names, and how many of them the source has.
pub fn nearest(text: &Text, contract: &Contract) -> Option<(Layout, Vec<String>, usize)> {
    let Candidate { layout, matched, .. } = best(text, contract)?;
    let names = cell_texts(text, &layout);
    Some((layout, names, matched))
}

/// The most likely header of a table that nobody declares: of the first rows the one with most cells that are all there,
/// all different, and no numbers.
pub fn guess(text: &Text) -> Option<(Layout, Vec<String>)> {
    let mut best: Option<Layout> = None;
    let delimiters = text.delimiter.as_slice().iter().chain(if text.delimiter.is_none() { &DELIMITERS[..] } else { &[] });
    for &delimiter in delimiters {
        for layout in rows(text, delimiter) {
            let names = cell_texts(text, &layout);
            let is_name = |name: &String| !name.is_empty() && !name.starts_with(|character: char| character.is_ascii_digit());
            let different: std::collections::BTreeSet<&String> = names.iter().filter(|name| is_name(name)).collect();
            if different.len() == names.len() && best.as_ref().is_none_or(|best| best.width < layout.width) {
                best = Some(layout);
            }
        }
    }
    best.map(|layout| {
        let names = cell_texts(text, &layout);
        (layout, names)
    })
}

/// The cells of a header as they stand, trimmed.
fn cell_texts(text: &Text, layout: &Layout) -> Vec<String> {
    let (block, _) = record_at(text, layout.dialect, None, layout.header.0);
    block.cells(&text.bytes).map(|cell| normal::trim(&String::from_utf8_lossy(cell)).to_owned()).collect()
}

/// The rows that name at least one column.
fn candidates<'a>(text: &'a Text, contract: &'a Contract, delimiter: u8) -> impl Iterator<Item = Candidate> + 'a {
    rows(text, delimiter).filter_map(move |mut layout| {
        let (block, _) = record_at(text, layout.dialect, None, layout.header.0);
        let names: Vec<String> = block.cells(&text.bytes).map(|cell| normal::name(&String::from_utf8_lossy(cell))).collect();
        layout.fields = (0..contract.columns.len()).map(|column| field_of(contract, column, &names)).collect();
        let matched = layout.fields.iter().flatten().count();
        let taken = |at: usize| layout.fields.contains(&Some(at));
        let strangers = cell_texts(text, &layout).into_iter().enumerate().filter(|(at, name)| !taken(*at) && !name.is_empty());
        layout.strangers = strangers.map(|(_, name)| name).collect();
        (matched > 0).then_some(Candidate { layout, names, matched })
    })
}

/// The first rows that are whole, each as if it were the header; their columns are nobody's yet.
fn rows(text: &Text, delimiter: u8) -> impl Iterator<Item = Layout> {
    let dialect = Dialect { delimiter, newline: text.newline };
    let (mut at, mut lines) = (text.start, 0);
    (0..SEARCHED).filter_map(move |_| {
        if at >= text.bytes.len() {
            return None;
        }
        let start = at;
        let (block, cut) = record_at(text, dialect, None, start);
        let Cut { end, next, .. } = cut;
        (at, lines) = (next, lines + cut.lines);
        let is_row = !cut.blank && cut.fault.is_none();
        let width = block.cells(&text.bytes).count();
        is_row.then(|| Layout { dialect, width, fields: Vec::new(), strangers: Vec::new(), header: (start, end), start: next, lines })
    })
}

/// The place of a declared column: its own name, else its first alias that is there.
fn field_of(contract: &Contract, column: usize, names: &[String]) -> Option<usize> {
    let place = |wanted: &str| {
        let wanted = normal::name(wanted);
        names.iter().position(|name| *name == wanted)
    };
    let column = contract.columns[column].column;
    place(&column.name).or_else(|| column.aliases.iter().find_map(|alias| place(alias)))
}

fn ambiguous(contract: &Contract, candidate: &Candidate) -> Vec<FileFault> {
    let mut faults = Vec::new();
    for (check, field) in contract.columns.iter().zip(&candidate.layout.fields) {
        let Some(field) = *field else { continue };
        let own = normal::name(&check.column.name);
        let is_own = candidate.names[field] == own;
        let aliases: Vec<String> = check.column.aliases.iter().map(|alias| normal::name(alias)).collect();
        // The official name wins over an alias; two of a kind cannot be told apart.
        let same = |name: &String| {
            if is_own { *name == own } else { aliases.contains(name) }
        };
        if candidate.names.iter().filter(|name| same(name)).count() > 1 {
            let column = check.column.name.clone();
            faults.push(FileFault { rule: Rule::FileHeaderTwice, note: column.clone(), column });
        }
    }
    faults
}

fn missing(contract: &Contract, layout: Option<&Layout>) -> Vec<FileFault> {
    let is_missing = |column: usize| layout.is_none_or(|layout| layout.fields[column].is_none());
    let missing: Vec<&str> = contract
        .columns
        .iter()
        .enumerate()
        .filter(|(at, check)| check.column.required && check.default.is_none() && is_missing(*at))
        .map(|(_, check)| check.column.name.as_str())
        .collect();
    if missing.is_empty() && layout.is_some() {
        return Vec::new();
    }
    let column = if let [only] = missing[..] { only.to_owned() } else { String::new() };
    vec![FileFault { rule: Rule::FileHeader, column, note: missing.join("、") }]
}
