//! Turns a file's bytes into UTF-8 text of records, whatever its encoding.
//!
//! Decides per file: byte order mark, then strict UTF-8, then GB18030. Bytes that are no text become U+FFFD and their
//! places are kept, so that they cost their own rows and nothing else. Never drops a byte that could be a row.

use super::rules::Rule;
use encoding_rs::{Encoding, GB18030, UTF_16BE, UTF_16LE};
use memchr::{memchr, memrchr};
use rayon::prelude::*;

/// Work for one thread at a time.
const CHUNK: usize = 4 << 20;
/// Lines outside ASCII that are asked where the first one does not decide.
const SAMPLE: usize = 1000;

/// A file as UTF-8.
pub struct Text {
    /// Valid UTF-8.
    pub bytes: Vec<u8>,
    /// Where the records begin: after the byte order mark.
    pub start: usize,
    /// The name of the encoding for people.
    pub encoding: String,
    /// Places of replaced bytes, ascending.
    pub bad: Vec<usize>,
    /// The byte that ends a line: CR only where the file has no LF at all.
    pub newline: u8,
    /// Whether a place in `bytes` is the same place in the file.
    pub direct: bool,
    /// Line numbers by physical line, where the text was made from rows with numbers of their own.
    pub lines: Option<Vec<u32>>,
    /// What parts cells, where that is known.
    pub delimiter: Option<u8>,
    /// Cells that were no text, in the order of their rows.
    pub faults: Vec<CellFault>,
}

/// A cell that cannot be taken as it stands.
#[derive(Debug)]
pub struct CellFault {
    /// Where its row starts.
    pub row: usize,
    /// Its place in the row.
    pub field: usize,
    pub rule: Rule,
}

impl Text {
    /// Decodes a file; `fixed` is an encoding label of the source file.
    pub fn decode(raw: Vec<u8>, fixed: Option<&str>) -> Text {
        let fixed = fixed.and_then(|label| Encoding::for_label(label.as_bytes()));
        let (encoding, mark) = match Encoding::for_bom(&raw) {
            Some((encoding, mark)) => (Some(encoding), mark),
            None => (fixed, 0),
        };
        match encoding {
            Some(encoding) if encoding == UTF_16LE || encoding == UTF_16BE => decode_whole(&raw[mark..], encoding),
            Some(encoding) if encoding != encoding_rs::UTF_8 => decode_lines(&raw[mark..], encoding),
            Some(_) => utf8(raw, mark),
            None if is_utf8(&raw) => Text::direct(raw, 0, "utf-8"),
            None if prefers_utf8(&raw) => utf8(raw, 0),
            None => decode_lines(&raw, GB18030),
        }
    }

    /// The physical line as people count it, from its number in this text.
    pub fn line(&self, line: u32) -> u32 {
        match &self.lines {
            Some(lines) => lines.get(line as usize - 1).copied().unwrap_or(line),
            None => line,
        }
    }

    /// Whether a record holds replaced bytes.
    pub fn is_bad(&self, start: usize, end: usize) -> bool {
        let first = self.bad.partition_point(|&place| place < start);
        self.bad.get(first).is_some_and(|&place| place < end)
    }

    /// The faults in the row that starts at a place.
    pub fn faults(&self, row: usize) -> impl Iterator<Item = &CellFault> {
        let first = self.faults.partition_point(|fault| fault.row < row);
        self.faults[first..].iter().take_while(move |fault| fault.row == row)
    }

    fn direct(bytes: Vec<u8>, start: usize, encoding: &str) -> Text {
        Text { start, direct: true, ..Text::decoded(bytes, Vec::new(), encoding) }
    }

    fn decoded(bytes: Vec<u8>, bad: Vec<usize>, encoding: &str) -> Text {
        let newline = newline(&bytes);
        let encoding = encoding.into();
        Text { bytes, start: 0, encoding, bad, newline, direct: false, lines: None, delimiter: None, faults: Vec::new() }
    }
}

fn newline(bytes: &[u8]) -> u8 {
    if memchr(b'\n', bytes).is_none() && memchr(b'\r', bytes).is_some() { b'\r' } else { b'\n' }
}

/// Cuts at ends of lines, so that no character is cut in any encoding read here.
fn chunks(bytes: &[u8]) -> Vec<&[u8]> {
    let newline = newline(bytes);
    let mut chunks = Vec::new();
    let mut rest = bytes;
    while rest.len() > CHUNK {
        let at = memrchr(newline, &rest[..CHUNK]).or_else(|| memchr(newline, rest)).map_or(rest.len(), |at| at + 1);
        let (chunk, after) = rest.split_at(at);
        chunks.push(chunk);
        rest = after;
    }
    chunks.push(rest);
    chunks
}

fn is_utf8(bytes: &[u8]) -> bool {
    chunks(bytes).into_par_iter().all(|chunk| std::str::from_utf8(chunk).is_ok())
}

/// Whether a file with invalid bytes is damaged UTF-8 rather than GB18030. Chinese in GB18030 is almost never valid
/// UTF-8, so the first line outside ASCII (the header) decides; where it is the damaged one, the majority does.
fn prefers_utf8(bytes: &[u8]) -> bool {
    let newline = newline(bytes);
    let mut valid =
        bytes.split(|&byte| byte == newline).filter(|line| !line.is_ascii()).map(|line| std::str::from_utf8(line).is_ok()).take(SAMPLE);
    if valid.next() == Some(true) {
        return true;
    }
    let (mut good, mut all) = (0, 1);
    for is_valid in valid {
        good += usize::from(is_valid);
        all += 1;
    }
    good * 2 > all
}

fn utf8(raw: Vec<u8>, mark: usize) -> Text {
    let label = if mark > 0 { "utf-8-bom" } else { "utf-8" };
    if is_utf8(&raw) {
        return Text::direct(raw, mark, label);
    }
    let mut bytes = Vec::with_capacity(raw.len() + 64);
    let mut bad = Vec::new();
    for chunk in raw[mark..].utf8_chunks() {
        bytes.extend_from_slice(chunk.valid().as_bytes());
        if !chunk.invalid().is_empty() {
            bad.push(bytes.len());
            bytes.extend_from_slice("\u{FFFD}".as_bytes());
        }
    }
    Text::decoded(bytes, bad, label)
}

fn decode_lines(raw: &[u8], encoding: &'static Encoding) -> Text {
    let decoded: Vec<(String, Vec<usize>)> = chunks(raw).into_par_iter().map(|chunk| decode_chunk(chunk, encoding)).collect();
    let mut bytes = Vec::with_capacity(decoded.iter().map(|(text, _)| text.len()).sum());
    let mut bad = Vec::new();
    for (text, places) in decoded {
        bad.extend(places.into_iter().map(|place| place + bytes.len()));
        bytes.extend_from_slice(text.as_bytes());
    }
    Text::decoded(bytes, bad, &encoding.name().to_ascii_lowercase())
}

/// Line by line only where something is wrong: an error belongs to its line.
fn decode_chunk(chunk: &[u8], encoding: &'static Encoding) -> (String, Vec<usize>) {
    let (text, wrong) = encoding.decode_without_bom_handling(chunk);
    if !wrong {
        return (text.into_owned(), Vec::new());
    }
    let newline = newline(chunk);
    let (mut out, mut bad) = (String::with_capacity(text.len()), Vec::new());
    for line in chunk.split_inclusive(|&byte| byte == newline) {
        let (text, wrong) = encoding.decode_without_bom_handling(line);
        if wrong {
            bad.push(out.len());
        }
        out.push_str(&text);
    }
    (out, bad)
}

fn decode_whole(raw: &[u8], encoding: &'static Encoding) -> Text {
    let (text, wrong) = encoding.decode_without_bom_handling(raw);
    let bad = if wrong { text.match_indices('\u{FFFD}').map(|(place, _)| place).collect() } else { Vec::new() };
    Text::decoded(text.into_owned().into_bytes(), bad, &encoding.name().to_ascii_lowercase())
}
