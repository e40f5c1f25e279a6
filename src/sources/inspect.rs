//! Looks at a delivered file without reading it into a table: what it is, whose it is, what stands in its cells.
//!
//! Whatever a run would refuse, this shows; nothing here decides what a run accepts.

use super::contract::{Contract, Value};
use super::discover::{self, Delivery};
use super::fault::FileFault;
use super::file::{self, Loaded};
use super::format::Format;
use super::header::{self, Layout};
use super::normal;
use super::records::{Block, Records};
use super::text::Text;
use super::{ReadError, reject};
use crate::schema::{BySource, Personal, Source, SourceId, Sources};
use crate::uscc;
use std::path::Path;

/// A file in a data folder that can be looked at.
pub struct Entry(Delivery);

impl Entry {
    /// Path under the folder, `/` between parts.
    pub fn shown(&self) -> &str {
        &self.0.shown
    }

    /// The table that its name, or its folder's, says it is.
    pub fn stem(&self) -> &str {
        let name = self.0.shown.split('/').next().unwrap_or_default();
        Format::of(name).map_or(name, |(stem, _)| stem)
    }

    /// Whether its name, or its folder's, is this source's.
    fn is_of(&self, source: &Source) -> bool {
        [&source.name, &source.title].into_iter().any(|name| name == self.stem())
    }
}

/// Every file of a known format under a folder, parts among them, and the names of all others.
pub fn list(folder: &Path) -> Result<(Vec<Entry>, Vec<String>), ReadError> {
    let (files, others) = discover::all(folder)?;
    Ok((files.into_iter().map(Entry).collect(), others))
}

/// A file, its header found as well as can be.
pub struct Inspected {
    pub encoding: String,
    /// None where cells are not parted by text.
    pub delimiter: Option<char>,
    /// The header as it stands.
    pub names: Vec<String>,
    /// The header's line.
    pub header_line: u32,
    /// The source whose columns it has.
    pub source: Option<SourceId>,
    /// Per column of that source: its place, none where the file lacks it.
    pub fields: Vec<Option<usize>>,
    /// Why it could not be read, or would not be, in Chinese.
    pub faults: Vec<String>,
    body: Option<(Text, Layout)>,
}

/// Opens a file and finds the source whose columns it has most of.
pub fn inspect(entry: &Entry, sources: &Sources) -> Result<Inspected, ReadError> {
    let delivery = &entry.0;
    let loaded = if delivery.refused { Loaded::refused() } else { file::load(&delivery.path, delivery.format)? };
    if let Some(fault) = &loaded.fault {
        return Ok(Inspected::broken(fault.reason()));
    }
    let contracts: BySource<Contract> = sources.iter().map(Contract::new).collect::<Result<_, _>>().map_err(ReadError::Contract)?;
    let open = |contract: &Contract| file::open_book(delivery.format, &loaded, contract)?.parts.into_iter().next();
    let nobody = Source::default();
    let Some(sheet) = open(&Contract { source: &nobody, columns: Vec::new() }) else {
        let fixed = sources.iter().find(|source| entry.is_of(source)).and_then(|source| source.encoding.as_deref());
        return Ok(Inspected::of(Text::decode(loaded.bytes, fixed), &contracts, entry));
    };
    // The sheet depends on the source: the one that the name says is asked first.
    let mut order: Vec<&Contract> = contracts.iter().collect();
    order.sort_by_key(|contract| !entry.is_of(contract.source));
    if let Some(sheet) = order.into_iter().filter_map(open).find(|sheet| sheet.layout.is_ok()) {
        return Ok(Inspected::of(sheet.text, &contracts, entry));
    }
    match (&sheet.layout, sheet.text.bytes.is_empty()) {
        (Err(faults), true) => {
            let reason = faults.first().map(FileFault::reason);
            Ok(Inspected::broken(reason.unwrap_or_default()))
        }
        _ => Ok(Inspected::of(sheet.text, &contracts, entry)),
    }
}

/// A record of a file.
pub enum Record<'a> {
    Row(u32, &'a [&'a str]),
    /// Line, rule, reason.
    Damaged(u32, &'static str, String),
}

impl Inspected {
    fn broken(fault: String) -> Inspected {
        let (encoding, names, fields, faults) = (String::new(), Vec::new(), Vec::new(), vec![fault]);
        Inspected { encoding, delimiter: None, names, header_line: 0, source: None, fields, faults, body: None }
    }

    fn of(text: Text, contracts: &BySource<Contract>, entry: &Entry) -> Inspected {
        let mut best: Option<(SourceId, Layout, Vec<String>, usize)> = None;
        for (id, contract) in contracts.iter_enumerated() {
            let Some((layout, names, matched)) = header::nearest(&text, contract) else { continue };
            let required = contract.columns.iter().filter(|check| check.column.required).count();
            let is_named = entry.is_of(contract.source);
            // One shared column (a credit code) does not make it this source.
            if !is_named && (matched < 2 || matched * 2 < required) {
                continue;
            }
            let matched = matched * 2 + usize::from(is_named);
            if best.as_ref().is_none_or(|(.., best)| matched > *best) {
                best = Some((id, layout, names, matched));
            }
        }
        let encoding = text.encoding.clone();
        let found = match best {
            Some((id, layout, names, _)) => {
                let faults = header::find(&text, &contracts[id]).err().unwrap_or_default();
                Some((Some(id), layout, names, faults.iter().map(FileFault::reason).collect()))
            }
            None => header::guess(&text).map(|(layout, names)| (None, layout, names, Vec::new())),
        };
        let Some((source, layout, names, faults)) = found else {
            return Inspected { encoding, ..Inspected::broken("没有找到表头".into()) };
        };
        let delimiter = text.delimiter.is_none().then_some(layout.dialect.delimiter as char);
        let header_line = text.line(layout.lines);
        Inspected { encoding, delimiter, names, header_line, source, fields: layout.fields.clone(), faults, body: Some((text, layout)) }
    }

    /// Hands over every record below the header.
    pub fn records(&self, mut take: impl FnMut(Record)) {
        let Some((text, layout)) = &self.body else { return };
        let mut records = Records::new(text, layout.dialect, layout.width, layout.start, text.bytes.len());
        let (mut block, mut damages) = (Block::default(), Vec::new());
        while records.fill(&mut block, &mut damages) {
            for row in 0..block.rows() {
                let cells = (0..layout.width).map(|field| std::str::from_utf8(block.cell(&text.bytes, row, field)).unwrap_or_default());
                let cells: Vec<&str> = cells.collect();
                take(Record::Row(text.line(layout.lines + block.line(row) + 1), &cells));
            }
            for damage in damages.drain(..) {
                let line = text.line(layout.lines + damage.line + 1);
                take(Record::Damaged(line, damage.fault.rule.code(), damage.fault.reason(text)));
            }
        }
    }
}

/// What a cell is to its column.
pub enum Meaning {
    Missing,
    /// Its order among the column's values, where they have one.
    Value(Option<i64>),
    /// Rule and reason.
    Bad(&'static str, String),
}

/// The checks of a source's columns.
pub struct Checks<'a>(Contract<'a>);

impl<'a> Checks<'a> {
    pub fn new(source: &'a Source) -> Result<Checks<'a>, ReadError> {
        Contract::new(source).map(Checks).map_err(ReadError::Contract)
    }

    /// What a cell of a column means.
    pub fn read(&self, column: usize, cell: &str) -> Meaning {
        let check = &self.0.columns[column];
        match check.read(cell) {
            Ok(None) => Meaning::Missing,
            Ok(Some(_)) if normal::trim(cell).is_empty() => Meaning::Missing,
            Ok(Some(Value::Number(value))) => Meaning::Value(Some(value)),
            Ok(Some(Value::Day(day))) => Meaning::Value(Some(day as i64)),
            Ok(Some(_)) => Meaning::Value(None),
            Err(super::Rule::ValueRequired) => Meaning::Missing,
            Err(rule) => Meaning::Bad(rule.code(), rule.reason(Some(check.column), "")),
        }
    }

    /// A cell for the eye, what may be a person's number masked: a column is looked at without its rows.
    pub fn show(&self, column: usize, cell: &str) -> String {
        match self.0.columns[column].column.personal {
            Personal::Always | Personal::If { .. } => uscc::mask(normal::trim(cell)),
            Personal::Never | Personal::IfIdentityNumber => show(cell),
        }
    }
}

/// A cell for the eye: what has the form of an identity number masked, one line, not too long.
pub fn show(cell: &str) -> String {
    const SHOWN: usize = 40;
    let cell = reject::mask_tokens(normal::trim(cell), true);
    let mut shown: String = cell.chars().take(SHOWN).map(|character| if character.is_control() { ' ' } else { character }).collect();
    if cell.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

/// A cell trimmed and half-width, as values are compared.
pub fn plain(cell: &str) -> String {
    normal::half_width(normal::trim(cell)).into_owned()
}
