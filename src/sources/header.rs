//! Finds the row that names the columns, and with it the delimiter.
//!
//! The header is the row among the first ones that names most of the source's columns: titles may stand above it,
//! columns may come in any order, be absent where they are not required, or belong to nobody.

use super::contract::{Check, Contract};
use super::fault::FileFault;
use super::heads::{self, Head};
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
    /// The headers that name no declared column, as they stand; those that nobody wants are left out.
    pub strangers: Vec<String>,
    /// The header as it stands.
    pub header: (usize, usize),
    /// Where the first data row starts, and the lines before it.
    pub start: usize,
    pub lines: u32,
}

/// A candidate: a row, and the declared columns that it names.
struct Candidate {
    layout: Layout,
    /// Per declared column the headers that name it.
    owners: Vec<Vec<usize>>,
    matched: usize,
}

/// Finds the header of a text. The fault's place is the whole file.
pub fn find(text: &Text, contract: &Contract) -> Result<Layout, Vec<FileFault>> {
    let best = best(text, contract);
    let faults = match &best {
        None => missing(text, contract, None),
        Some(best) => {
            let mut faults = ambiguous(text, contract, best);
            if faults.is_empty() {
                faults = missing(text, contract, Some(&best.layout));
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
        let heads: Vec<Head> = block.cells(&text.bytes).map(|cell| Head::of(contract.source, &String::from_utf8_lossy(cell))).collect();
        let owners = heads::owners(contract, &heads);
        layout.fields = owners.iter().map(|owners| owners.first().copied()).collect();
        let matched = layout.fields.iter().flatten().count();
        let wanted = |(at, _): &(usize, String)| heads.get(*at).is_none_or(|head| !head.is_ignored());
        layout.strangers = strangers(text, &layout).into_iter().filter(wanted).map(|(_, name)| name).collect();
        (matched > 0).then_some(Candidate { layout, owners, matched })
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

/// The headers that name no declared column, with their places.
fn strangers(text: &Text, layout: &Layout) -> Vec<(usize, String)> {
    let is_strange = |(at, name): &(usize, String)| !layout.fields.contains(&Some(*at)) && !name.is_empty();
    cell_texts(text, layout).into_iter().enumerate().filter(is_strange).collect()
}

/// The units of money that headers say in their brackets: the column, the unit, the header.
pub fn units(text: &Text, layout: &Layout, contract: &Contract) -> Vec<(usize, String, String)> {
    let of = |name: String| {
        let head = Head::of(contract.source, &name);
        let found = contract.columns.iter().enumerate().find_map(|(column, check)| Some((column, head.unit(check)?)));
        found.map(|(column, unit)| (column, unit, name))
    };
    cell_texts(text, layout).into_iter().filter_map(of).collect()
}

fn ambiguous(text: &Text, contract: &Contract, candidate: &Candidate) -> Vec<FileFault> {
    let headers = cell_texts(text, &candidate.layout);
    let twice = contract.columns.iter().zip(&candidate.owners).filter(|(_, owners)| owners.len() > 1);
    let fault = |(check, owners): (&Check, &Vec<usize>)| {
        let column = check.column.name.clone();
        let headers: Vec<&str> = owners.iter().filter_map(|&at| headers.get(at)).map(String::as_str).collect();
        let is_same = headers.iter().all(|header| *header == column);
        let note = if is_same { column.clone() } else { format!("{column}”（“{}”）中的“{column}", headers.join("”“")) };
        FileFault { column, ..FileFault::new(Rule::FileHeaderTwice, note) }
    };
    twice.map(fault).collect()
}

/// Columns that must be there: how many are, and the names of the others.
pub fn required(text: &Text, contract: &Contract) -> (usize, Vec<String>) {
    let layout = best(text, contract).map(|best| best.layout);
    let lacks = lacking(contract, layout.as_ref());
    let all = contract.columns.iter().filter(|check| check.must_be_there()).count();
    (all - lacks.len(), lacks.into_iter().map(|(_, check)| check.column.name.clone()).collect())
}

/// Whether a text begins as if it went on below a header: as wide, no header of its own, and cells of at least half of the columns'
/// types.
pub fn goes_on(text: &Text, layout: &Layout, contract: &Contract) -> bool {
    if best(text, contract).is_some() {
        return false;
    }
    let mut rows = rows(text, layout.dialect.delimiter).filter(|row| row.width == layout.width);
    let Some(first) = rows.next() else { return false };
    let cells = cell_texts(text, &first);
    let there: Vec<(&Check, usize)> = contract.columns.iter().zip(&layout.fields).filter_map(|(check, at)| Some((check, (*at)?))).collect();
    let passes = |&&(check, at): &&(&Check, usize)| cells.get(at).is_some_and(|cell| matches!(check.read(cell), Ok(Some(_))));
    there.iter().filter(passes).count() * 2 >= there.len()
}

fn lacking<'c>(contract: &'c Contract, layout: Option<&Layout>) -> Vec<(usize, &'c Check<'c>)> {
    let is_there = |column: usize| layout.is_some_and(|layout| layout.fields[column].is_some());
    contract.columns.iter().enumerate().filter(|(at, check)| check.must_be_there() && !is_there(*at)).collect()
}

fn missing(text: &Text, contract: &Contract, layout: Option<&Layout>) -> Vec<FileFault> {
    let lacking = lacking(contract, layout);
    let names: Vec<&str> = lacking.iter().map(|(_, check)| check.column.name.as_str()).collect();
    let Some(layout) = layout else {
        let what = if text.bytes.len() == text.start { "文件是空的" } else { "没有一行是表头" };
        return vec![FileFault::new(Rule::FileHeader, format!("{what}（必需的列：{}）", names.join("、")))];
    };
    if lacking.is_empty() {
        return Vec::new();
    }
    let column = if let [only] = names[..] { only.to_owned() } else { String::new() };
    let note = names.join("、") + &stand_ins(text, layout, &lacking);
    vec![FileFault { column, ..FileFault::new(Rule::FileHeader, note) }]
}

/// What stands in the place of the columns that a file lacks: the unknown header whose first cells are of a column's type and of no
/// other's that is lacking, or that stands where it should.
fn stand_ins(text: &Text, layout: &Layout, lacking: &[(usize, &Check)]) -> String {
    let strangers = strangers(text, layout);
    let cells = first_cells(text, layout);
    let fits = |check: &Check, at: usize| {
        let said: Vec<&String> = cells.iter().filter_map(|row| row.get(at)).filter(|cell| !cell.is_empty()).collect();
        !said.is_empty() && said.iter().all(|cell| matches!(check.read(cell), Ok(Some(_))))
    };
    let stands_for = |&(column, check): &(usize, &Check)| {
        let fitting: Vec<&(usize, String)> = strangers.iter().filter(|(at, _)| fits(check, *at)).collect();
        // Behind the column that is declared before it.
        let place = layout.fields[..column].iter().rev().flatten().next().map_or(0, |before| before + 1);
        let found = fitting.iter().find(|(at, _)| *at == place).or(if let [only] = &fitting[..] { Some(only) } else { None });
        found.map(|(_, name)| format!("“{name}”的位置上应是“{}”", check.column.name))
    };
    let found: Vec<String> = lacking.iter().filter_map(stands_for).collect();
    let names: Vec<String> = strangers.iter().map(|(_, name)| format!("“{name}”")).collect();
    match (found.is_empty(), names.is_empty()) {
        (false, _) => format!("（{}）", found.join("，")),
        (true, false) => format!("（不认识的列：{}）", names.join("")),
        (true, true) => String::new(),
    }
}

/// The cells of the first rows below a header.
fn first_cells(text: &Text, layout: &Layout) -> Vec<Vec<String>> {
    let (mut at, mut rows) = (layout.start, Vec::new());
    while at < text.bytes.len() && rows.len() < SEARCHED {
        let (block, cut) = record_at(text, layout.dialect, None, at);
        let cells = block.cells(&text.bytes).map(|cell| normal::trim(&String::from_utf8_lossy(cell)).to_owned());
        if !cut.blank && cut.fault.is_none() {
            rows.push(cells.collect());
        }
        at = cut.next;
    }
    rows
}
