//! Turns a file's bytes into UTF-8 text of records, whatever its encoding.
//!
//! Decides per file: byte order mark, then strict UTF-8, then GB18030. Bytes that are no text become U+FFFD and their
//! places are kept, so that they cost their own rows and nothing else. Never drops a byte that could be a row.

use super::rules::Rule;
use encoding_rs::{DecoderResult, Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};
use memchr::{memchr, memchr3_iter, memrchr};
use rayon::prelude::*;

/// Work for one thread at a time.
const CHUNK: usize = 4 << 20;
/// Bytes that tell what ends the records.
const HEAD: usize = 64 << 10;
/// Bytes that are decoded in one go: so much is encoded again to find a place in the file.
const PIECE: usize = 16 << 10;
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
    /// The byte that ends a line: CR only where records end in it alone.
    pub newline: u8,
    /// How places in `bytes` lead back to the file.
    pub origin: Origin,
    /// Line numbers by physical line, where the text was made from rows with numbers of their own.
    pub lines: Option<Vec<u32>>,
    /// What parts cells, where that is known.
    pub delimiter: Option<u8>,
    /// Cells that were no text, in the order of their rows.
    pub faults: Vec<CellFault>,
    /// The sheet that it was made from, where others of its file are read too.
    pub sheet: Option<String>,
}

/// How places of a text lead back to bytes of the file (of the unpacked file, where it was packed).
pub enum Origin {
    /// They are the same.
    Same,
    /// Places of the text with their places in the file, ascending: at the start, at every piece, and behind every bytes
    /// that are no text. Between them each character is as long as the encoding makes it.
    Decoded { encoding: &'static Encoding, anchors: Vec<(usize, usize)> },
    /// Cells of a table that is no text.
    Cells,
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
            Some(encoding) if encoding != UTF_8 => decoded(&raw, mark, encoding),
            None if !is_utf8(&raw) && !prefers_utf8(&raw) => decoded(&raw, 0, GB18030),
            _ => {
                let label = if mark > 0 { "utf-8-bom" } else { "utf-8" };
                let text = if is_utf8(&raw) { Text::new(raw, Vec::new(), Origin::Same) } else { decoded(&raw, mark, UTF_8) };
                let start = if matches!(text.origin, Origin::Same) { mark } else { 0 };
                Text { start, encoding: label.into(), ..text }
            }
        }
    }

    /// The physical line as people count it, from its number in this text.
    pub fn line(&self, line: u32) -> u32 {
        match &self.lines {
            Some(lines) => lines.get(line as usize - 1).copied().unwrap_or(line),
            None => line,
        }
    }

    /// The faults in the row that starts at a place.
    pub fn faults(&self, row: usize) -> impl Iterator<Item = &CellFault> {
        let first = self.faults.partition_point(|fault| fault.row < row);
        self.faults[first..].iter().take_while(move |fault| fault.row == row)
    }

    /// The first place of replaced bytes in a record.
    pub fn bad_in(&self, start: usize, end: usize) -> Option<usize> {
        let first = self.bad.partition_point(|&place| place < start);
        self.bad.get(first).copied().filter(|&place| place < end)
    }

    /// The byte of the file (the first is 0) where a place of the text stands.
    pub fn file_place(&self, place: usize) -> Option<usize> {
        match &self.origin {
            Origin::Same => Some(place),
            Origin::Decoded { encoding, anchors } => {
                let (from, byte) = *anchors.get(anchors.partition_point(|&(from, _)| from <= place).checked_sub(1)?)?;
                Some(byte + encoded_length(self.bytes.get(from..place)?, encoding))
            }
            Origin::Cells => None,
        }
    }

    fn new(bytes: Vec<u8>, bad: Vec<usize>, origin: Origin) -> Text {
        let newline = record_end(&bytes);
        Text {
            bytes,
            start: 0,
            encoding: String::new(),
            bad,
            newline,
            origin,
            lines: None,
            delimiter: None,
            faults: Vec::new(),
            sheet: None,
        }
    }
}

/// What ends the records of a text: LF or CR LF, or CR alone where the first line ends so and most do; line ends within
/// quotes do not count.
fn record_end(bytes: &[u8]) -> u8 {
    let head = &bytes[..bytes.len().min(HEAD)];
    let (mut inside, mut first, mut lone, mut feeds) = (false, None, 0, 0);
    for at in memchr3_iter(b'"', b'\r', b'\n', head) {
        match head[at] {
            b'"' => inside = !inside,
            _ if inside => {}
            b'\r' if head.get(at + 1) == Some(&b'\n') => {}
            b'\r' => lone += 1,
            _ => feeds += 1,
        }
        first = first.or((lone + feeds > 0).then_some(lone > 0));
    }
    if first == Some(true) && lone > feeds { b'\r' } else { newline(bytes) }
}

/// An end of lines, whichever there is.
fn newline(bytes: &[u8]) -> u8 {
    if memchr(b'\n', bytes).is_none() && memchr(b'\r', bytes).is_some() { b'\r' } else { b'\n' }
}

/// Cuts at ends of lines, so that no character is cut in any encoding of bytes read here.
fn chunks(bytes: &[u8], size: usize) -> Vec<&[u8]> {
    let newline = newline(bytes);
    let mut chunks = Vec::new();
    let mut rest = bytes;
    while rest.len() > size {
        let at = memrchr(newline, &rest[..size]).or_else(|| memchr(newline, rest)).map_or(rest.len(), |at| at + 1);
        let (chunk, after) = rest.split_at(at);
        chunks.push(chunk);
        rest = after;
    }
    chunks.push(rest);
    chunks
}

fn is_utf8(bytes: &[u8]) -> bool {
    chunks(bytes, CHUNK).into_par_iter().all(|chunk| simdutf8::basic::from_utf8(chunk).is_ok())
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

/// Decodes what follows the byte order mark. An error belongs to its line: it never takes the line's end with it.
fn decoded(raw: &[u8], mark: usize, encoding: &'static Encoding) -> Text {
    let is_wide = encoding == UTF_16LE || encoding == UTF_16BE;
    let pieces = if is_wide { wide_pieces(&raw[mark..], encoding) } else { chunks(&raw[mark..], PIECE) };
    let decoded: Vec<Piece> = pieces.par_iter().map(|piece| Piece::decode(piece, encoding, is_wide)).collect();
    let mut bytes = Vec::with_capacity(decoded.iter().map(|piece| piece.text.len()).sum());
    let (mut bad, mut anchors, mut at) = (Vec::new(), Vec::with_capacity(pieces.len()), mark);
    for (piece, raw) in decoded.into_iter().zip(pieces) {
        anchors.push((bytes.len(), at));
        anchors.extend(piece.anchors.iter().map(|(place, byte)| (bytes.len() + place, at + byte)));
        bad.extend(piece.bad.iter().map(|place| bytes.len() + place));
        bytes.extend_from_slice(piece.text.as_bytes());
        at += raw.len();
    }
    let text = Text::new(bytes, bad, Origin::Decoded { encoding, anchors });
    Text { encoding: encoding.name().to_ascii_lowercase(), ..text }
}

/// Cuts UTF-16 so that no pair of surrogates is cut.
fn wide_pieces<'a>(bytes: &'a [u8], encoding: &'static Encoding) -> Vec<&'a [u8]> {
    let high = |unit: &[u8]| matches!(unit, [low, high] if (if encoding == UTF_16LE { high } else { low }) & 0xFC == 0xD8);
    let (mut pieces, mut rest) = (Vec::new(), bytes);
    while rest.len() > PIECE {
        let at = if high(&rest[PIECE - 2..PIECE]) { PIECE - 2 } else { PIECE };
        let (piece, after) = rest.split_at(at);
        pieces.push(piece);
        rest = after;
    }
    pieces.push(rest);
    pieces
}

/// Bytes as text.
#[derive(Default)]
struct Piece {
    text: String,
    bad: Vec<usize>,
    anchors: Vec<(usize, usize)>,
}

impl Piece {
    /// Line by line only where something is wrong.
    fn decode(raw: &[u8], encoding: &'static Encoding, is_wide: bool) -> Piece {
        let newline = newline(raw);
        let lines = || raw.split_inclusive(|&byte| byte == newline && !is_wide);
        let strange = encoding == GB18030 && lines().any(is_strange);
        if !strange && let Some(text) = encoding.decode_without_bom_handling_and_without_replacement(raw) {
            return Piece { text: text.into_owned(), ..Piece::default() };
        }
        let mut piece = Piece::default();
        let mut at = 0;
        for line in lines() {
            if encoding == GB18030 && is_strange(line) {
                piece.push_strange(line, at);
            } else {
                piece.push_line(line, at, encoding);
            }
            at += line.len();
        }
        piece
    }

    /// Appends a line of UTF-8 among GB18030 as it was meant, marked where it becomes so: what it says is to be read by
    /// people, not by a run.
    fn push_strange(&mut self, line: &[u8], at: usize) {
        let plain = line.iter().take_while(|byte| byte.is_ascii()).count();
        self.bad.push(self.text.len() + plain);
        self.text.push_str(&String::from_utf8_lossy(line));
        self.anchors.push((self.text.len(), at + line.len()));
    }

    /// Appends a line that starts at a byte of the piece, a mark for every bytes that are no text.
    fn push_line(&mut self, line: &[u8], at: usize, encoding: &'static Encoding) {
        let mut decoder = encoding.new_decoder_without_bom_handling();
        let mut read = 0;
        loop {
            self.text.reserve((line.len() - read) * 3 + 8);
            let (result, taken) = decoder.decode_to_string_without_replacement(&line[read..], &mut self.text, true);
            read += taken;
            match result {
                DecoderResult::InputEmpty => return,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(_, behind) => {
                    self.bad.push(self.text.len());
                    self.text.push('\u{FFFD}');
                    self.anchors.push((self.text.len(), at + read - behind as usize));
                }
            }
        }
    }
}

/// Whether a line of a GB18030 file is in fact UTF-8, as happens where exports are joined: it would decode to characters
/// that nobody wrote. Chinese of GB18030 is hardly ever valid UTF-8, and next to never Chinese again.
fn is_strange(line: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(line) else { return false };
    let mut others = text.chars().filter(|character| !character.is_ascii());
    let is_chinese = |character| matches!(character, '\u{2000}'..='\u{9FFF}' | '\u{FF00}'..='\u{FFEF}');
    others.clone().nth(1).is_some() && others.all(is_chinese)
}

/// Bytes that a text takes in its file.
fn encoded_length(text: &[u8], encoding: &'static Encoding) -> usize {
    if encoding == UTF_8 {
        return text.len();
    }
    let text = String::from_utf8_lossy(text);
    if encoding == UTF_16LE || encoding == UTF_16BE {
        return text.chars().map(char::len_utf16).sum::<usize>() * 2;
    }
    if encoding != GB18030 && encoding != GBK {
        return encoding.encode(&text).0.len();
    }
    // The encoder looks each of these up in lists; all of them have two bytes.
    let length = |character: char| match character {
        '\0'..='\x7F' => 1,
        '\u{4E00}'..='\u{9FA5}' => 2,
        other => encoding.encode(other.encode_utf8(&mut [0; 4])).0.len(),
    };
    text.chars().map(length).sum()
}
