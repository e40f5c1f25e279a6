//! The order of reading: what is pointed to before what points to it; each source in parts, all parts in parallel.

use super::codes::{Dictionary, LOCAL, NO_ID, hash};
use super::contract::Contract;
use super::discover::{self, Delivery};
use super::file::{self, Loaded, State};
use super::fill::Values;
use super::format::Format;
use super::header;
use super::judge::{Fate, Opened, Seat, SourceRows};
use super::links::{self, Members};
use super::part::{self, Part};
use super::reject::{Place, refuse_file};
use super::sheet::Sheet;
use super::text::Text;
use super::{CheckedTables, FileReport, ReadError, Table, Unmatched, table};
use crate::schema::{BySource, Source, SourceId, Sources};
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use typed_index_collections::ti_vec;

/// Bytes of a part: small enough that all threads have work to the end, large enough to be worth one.
const PART: usize = 4 << 20;

/// Reads every wanted source, and those that their keys lead to.
///
/// `data` is the folder of the delivery, `tables` that of the pipeline's reference tables. Bad data is never an error
/// but a reject; in a reference table, which is part of the pipeline, a reject is an error.
pub fn read(sources: &Sources, data: &Path, tables: &Path, wanted: &BySource<bool>) -> Result<CheckedTables, ReadError> {
    let wanted = links::with_targets(sources, wanted);
    let found = discover::list(sources, data, tables, &wanted)?;
    let loaded = load_all(&found.deliveries)?;
    let states: Vec<(&Path, State)> = found
        .deliveries
        .iter()
        .zip(&loaded)
        .flat_map(|(deliveries, loaded)| deliveries.iter().zip(loaded))
        .filter_map(|(delivery, loaded)| Some((delivery.path.as_path(), loaded.state.clone()?)))
        .collect();
    let tables = read_loaded(sources, &found.deliveries, loaded, found.warnings)?;
    // A delivery that was still being written is no delivery, whichever of its files came late.
    states.into_iter().try_for_each(|(path, state)| state.must_hold(path))?;
    Ok(tables)
}

/// Reads CSV texts as if each had been delivered as the one file of its source, `<name>.csv`.
pub fn read_texts(sources: &Sources, texts: Vec<(SourceId, String)>) -> Result<CheckedTables, ReadError> {
    let mut deliveries = ti_vec![Vec::new(); sources.len()];
    let mut loaded: BySource<Vec<Loaded>> = sources.iter().map(|_| Vec::new()).collect();
    for (source, text) in texts {
        let shown = format!("{}.csv", sources[source].name);
        deliveries[source].push(Delivery { source, path: PathBuf::new(), shown, format: Format::Csv, refused: false });
        loaded[source].push(Loaded::text(text));
    }
    read_loaded(sources, &deliveries, loaded, Vec::new())
}

/// A source of which nobody has sent a row.
pub fn empty(source: &Source) -> Result<Table, ReadError> {
    let contract = Contract::new(source).map_err(ReadError::Contract)?;
    let frame = table::frame(&contract, table::join(&contract, &mut [], &[])).map_err(|e| ReadError::Engine(e.to_string()))?;
    Ok(Table { frame, file: Vec::new(), line: Vec::new() })
}

fn read_loaded(
    sources: &Sources,
    deliveries: &BySource<Vec<Delivery>>,
    mut loaded: BySource<Vec<Loaded>>,
    warnings: Vec<String>,
) -> Result<CheckedTables, ReadError> {
    let order = links::reading_order(sources).map_err(ReadError::Contract)?;
    let mut reading = Reading::new(sources, deliveries)?;
    reading.out.warnings = warnings;
    for id in order {
        if !deliveries[id].is_empty() {
            reading.read_source(id, &deliveries[id], std::mem::take(&mut loaded[id]))?;
        }
    }
    Ok(reading.finish())
}

/// Loads all files, by source.
fn load_all(deliveries: &BySource<Vec<Delivery>>) -> Result<BySource<Vec<Loaded>>, ReadError> {
    let load = |delivery: &Delivery| match delivery.refused {
        true => Ok(Loaded::refused()),
        false => file::load(&delivery.path, delivery.format),
    };
    let loaded: Result<Vec<Vec<Loaded>>, ReadError> = deliveries.raw.par_iter().map(|files| files.par_iter().map(load).collect()).collect();
    loaded.map(BySource::from)
}

/// What is known while reading.
struct Reading<'a> {
    sources: &'a Sources,
    dictionary: Dictionary,
    register: Option<SourceId>,
    /// Per source that was read: the ids of its keys.
    members: BySource<Option<Members>>,
    /// Per source: the report of its first file.
    first_report: BySource<usize>,
    out: CheckedTables,
}

impl<'a> Reading<'a> {
    fn new(sources: &'a Sources, deliveries: &BySource<Vec<Delivery>>) -> Result<Reading<'a>, ReadError> {
        let (mut files, mut first_report) = (Vec::new(), BySource::new());
        for delivered in deliveries {
            first_report.push(files.len());
            files.extend(delivered.iter().map(|delivery| FileReport::new(delivery.source, &delivery.shown)));
        }
        if files.len() > u16::MAX as usize {
            return Err(ReadError::TooManyFiles);
        }
        let out = CheckedTables {
            codes: Arc::default(),
            tables: sources.iter().map(|_| None).collect(),
            files,
            rejects: Vec::new(),
            unmatched: Vec::new(),
            warnings: Vec::new(),
        };
        let (register, members) = (links::register(sources), ti_vec![None; sources.len()]);
        Ok(Reading { sources, dictionary: Dictionary::default(), register, members, first_report, out })
    }

    fn read_source(&mut self, id: SourceId, deliveries: &[Delivery], loaded: Vec<Loaded>) -> Result<(), ReadError> {
        let source = &self.sources[id];
        let contract = Contract::new(source).map_err(ReadError::Contract)?;
        let first_reject = self.out.rejects.len();
        self.warn_of_unread(id);
        let opened = self.open(&contract, deliveries, loaded);
        let (parts, seats) = read_parts(id, &contract, &opened, &self.dictionary);
        let mut rows = SourceRows { id, contract: &contract, opened: &opened, parts, seats };
        self.merge_codes(&mut rows.parts);
        self.out.rejects.extend(rows.take_rejects());
        let fate = rows.judge(self.sources, &self.members, &mut self.out.rejects);
        rows.account(&fate, &mut self.out.files);
        if source.reference && self.out.rejects.len() > first_reject {
            let rejects = self.out.rejects.split_off(first_reject);
            return Err(ReadError::ReferenceTable { table: source.name.clone(), rejects });
        }
        if self.register == Some(id) {
            self.number_register(&mut rows, &fate);
        }
        // What was refused whole was not delivered: nobody knows what stood in it.
        if opened.is_empty() { Ok(()) } else { self.keep(rows, &fate) }
    }

    fn warn_of_unread(&mut self, id: SourceId) {
        for (_, target) in links::strict(&self.sources[id]) {
            if self.members[target].is_none() {
                let (from, to) = (&self.sources[id].name, &self.sources[target].name);
                self.out.warnings.push(format!("{from}: {to} was not delivered, so codes that point to it are not checked"));
            }
        }
    }

    /// Decodes each file and finds its header; a file that has none is refused whole.
    fn open(&mut self, contract: &Contract, deliveries: &[Delivery], loaded: Vec<Loaded>) -> Vec<Opened> {
        let texts: Vec<_> = deliveries.par_iter().zip(loaded).map(|(delivery, loaded)| decode(delivery, loaded, contract)).collect();
        let mut opened = Vec::new();
        for (at, (delivery, (sha256, Sheet { text, layout, unread }))) in deliveries.iter().zip(texts).enumerate() {
            let report = self.first_report[delivery.source] + at;
            let file = &mut self.out.files[report];
            (file.sha256, file.encoding) = (sha256, text.encoding.clone());
            let shown = &delivery.shown;
            self.out.warnings.extend(unread.iter().map(|sheet| format!("{shown}: sheet {sheet} fits too; only the first is read")));
            match layout {
                Ok(layout) => {
                    file.absent = (0..layout.fields.len()).filter(|&column| layout.fields[column].is_none()).collect();
                    file.strangers.clone_from(&layout.strangers);
                    opened.push(Opened { shown: shown.clone(), report, text, layout });
                }
                Err(faults) => {
                    let content = String::from_utf8_lossy(&text.bytes[text.start..]);
                    let mut lines = content.split(text.newline as char).filter(|line| !line.trim().is_empty());
                    let header = lines.next().unwrap_or_default().trim_end_matches('\r');
                    self.out.rejects.extend(refuse_file(delivery.source, shown, header, &faults));
                    file.rows = lines.count() as u64;
                    file.rejected = file.rows;
                }
            }
        }
        opened
    }

    /// Gives every part's new codes their ids, in the order of parts and rows.
    fn merge_codes(&mut self, parts: &mut [Part]) {
        let dictionary = &mut self.dictionary;
        let mut merge = |part: &mut Part| {
            let new = std::mem::take(&mut part.new).codes;
            let texts = (0..new.len()).map(|id| new.get(id));
            texts.map(|code| dictionary.find_or_push(hash(code.as_bytes()), code)).collect()
        };
        let maps: Vec<Vec<u32>> = parts.iter_mut().map(&mut merge).collect();
        parts.par_iter_mut().zip(maps).for_each(|(part, map)| {
            if !map.is_empty() {
                renumber(part, |id| if id & LOCAL == 0 { id } else { map[(id & !LOCAL) as usize] });
            }
        });
    }

    /// Makes the id of an accepted row's key its row number, whatever other codes stood before it.
    fn number_register(&mut self, rows: &mut SourceRows, fate: &[Fate]) {
        let Some(key) = links::key_column(rows.contract) else {
            return;
        };
        let old = std::mem::take(&mut self.dictionary).codes;
        let keys = rows.parts.iter().flat_map(|part| if let Values::Id(ids) = &part.columns[key] { &ids[..] } else { &[] });
        let accepted = keys.zip(fate).filter(|(_, fate)| **fate == Fate::Accepted).map(|(&id, _)| id);
        let mut map = vec![NO_ID; old.len()];
        let mut codes = super::Codes::default();
        for id in accepted.chain(0..old.len() as u32) {
            if map[id as usize] == NO_ID {
                map[id as usize] = codes.push(old.get(id as usize)) as u32;
            }
        }
        self.dictionary = Dictionary::of(codes);
        rows.parts.par_iter_mut().for_each(|part| renumber(part, |id| map[id as usize]));
    }

    /// Keeps the accepted rows as a table.
    fn keep(&mut self, rows: SourceRows, fate: &[Fate]) -> Result<(), ReadError> {
        let SourceRows { id, contract, opened, mut parts, seats } = rows;
        let keep: Vec<bool> = fate.iter().map(|fate| *fate == Fate::Accepted).collect();
        let mut lines: Vec<Vec<u32>> = Vec::new();
        let mut files: Vec<Vec<u16>> = Vec::new();
        for (part, seat) in parts.iter_mut().zip(&seats) {
            let Opened { text, report, .. } = &opened[seat.file];
            files.push(vec![*report as u16; part.rows()]);
            let before = std::mem::take(&mut part.lines);
            lines.push(before.into_iter().map(|before| text.line(seat.lines + before + 1)).collect());
        }
        let (file, line) = (table::join_slices(&files, &keep), table::join_slices(&lines, &keep));
        let columns = table::join(contract, &mut parts, &keep);
        if let Some(key) = links::key_column(contract)
            && let Values::Id(ids) = &columns[key]
        {
            self.members[id] = Some(Members::of(ids));
        }
        let (listed, unmatched) = links::unmatched(contract, &columns, &self.members, &self.dictionary.codes);
        self.out.unmatched.extend(listed.into_iter().map(|entry| Unmatched::of(id, entry)));
        for (&file, _) in file.iter().zip(&unmatched).filter(|(_, unmatched)| **unmatched) {
            self.out.files[file as usize].unmatched += 1;
        }
        let frame = table::frame(contract, columns).map_err(|error| ReadError::Engine(error.to_string()))?;
        self.out.tables[id] = Some(Table { frame, file, line });
        Ok(())
    }

    fn finish(self) -> CheckedTables {
        let mut out = self.out;
        out.codes = Arc::new(self.dictionary.codes);
        out.rejects.sort_by(|one, other| (one.source, &one.file, one.line).cmp(&(other.source, &other.file, other.line)));
        out.unmatched.sort_by(|one, other| (one.source, &one.column, &one.code).cmp(&(other.source, &other.column, &other.code)));
        out
    }
}

/// A delivered file as text, with its header.
fn decode(delivery: &Delivery, loaded: Loaded, contract: &Contract) -> (String, Sheet) {
    let Loaded { bytes, sha256, fault, .. } = loaded;
    let sheet = if fault.is_none() { file::open_sheet(delivery.format, &bytes, contract) } else { None };
    let sheet = sheet.unwrap_or_else(|| {
        let text = Text::decode(bytes, contract.source.encoding.as_deref());
        let layout = fault.map_or_else(|| header::find(&text, contract), |fault| Err(vec![fault]));
        Sheet { text, layout, unread: Vec::new() }
    });
    (sha256, sheet)
}

/// Reads the parts of all files of a source, in file order.
fn read_parts(id: SourceId, contract: &Contract, opened: &[Opened], known: &Dictionary) -> (Vec<Part>, Vec<Seat>) {
    let places: Vec<Place> =
        opened.iter().map(|Opened { shown: file, text, layout, .. }| Place { id, contract, text, layout, file }).collect();
    let cuts: Vec<(usize, usize, usize)> = places
        .iter()
        .enumerate()
        .flat_map(|(file, place)| part::cut(place, PART).into_iter().map(move |(start, stop)| (file, start, stop)))
        .collect();
    let read: Vec<Part> = cuts.par_iter().map(|&(file, start, stop)| part::read(&places[file], known, start, stop)).collect();
    let (mut parts, mut seats) = (Vec::new(), Vec::new());
    let mut next: Option<(usize, usize, u32)> = None;
    for (&(file, start, stop), mut part) in cuts.iter().zip(read) {
        let (_, at, lines) = next.filter(|&(current, ..)| current == file).unwrap_or((file, start, places[file].layout.lines));
        if at >= stop {
            // A record of an earlier part reaches over this one.
            continue;
        }
        if at != start {
            // The cut fell into a record: what was read from there is no row.
            part = part::read(&places[file], known, at, stop);
        }
        next = Some((file, part.end, lines + part.line_count));
        seats.push(Seat { file, lines });
        parts.push(part);
    }
    (parts, seats)
}

fn renumber(part: &mut Part, new: impl Fn(u32) -> u32) {
    for values in &mut part.columns {
        if let Values::Id(ids) = values {
            ids.iter_mut().filter(|id| **id != NO_ID).for_each(|id| *id = new(*id));
        }
    }
}
