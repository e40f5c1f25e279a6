//! Cuts text into records and cells, a block at a time, every physical line counted.
//!
//! Reads RFC 4180 with any delimiter. A damaged record costs itself only: where a quote is never closed, or would close
//! somewhere in a later row, the physical line on which it opens is refused and reading goes on with the next.
//! Never guesses where a cell should have ended.

use super::damage::{Damage, Fault, MAX_RECORD, fault_of, first_quote, misfit};
use super::rules::Rule;
use super::text::Text;
use memchr::{memchr, memchr_iter, memchr2, memchr2_iter};

/// Rows that are cut and then read column by column.
pub const BLOCK_ROWS: usize = 512;
/// The most physical lines that a quoted cell may run over.
const MAX_LINES: u32 = 100_000;
/// Marks a cell that was unescaped into the scratch buffer.
const SCRATCH: u32 = 1 << 31;

/// Where a cell stands: in the text from the block's base, or in the block's scratch buffer.
#[derive(Clone, Copy)]
pub struct Span {
    start: u32,
    end: u32,
}

/// Some records in a row, cut into cells.
#[derive(Default)]
pub struct Block {
    base: usize,
    width: usize,
    spans: Vec<Span>,
    scratch: Vec<u8>,
    /// Per row: where it starts, from the base.
    starts: Vec<u32>,
    /// Per row: lines before it in its part.
    lines: Vec<u32>,
}

impl Block {
    pub fn rows(&self) -> usize {
        self.starts.len()
    }

    /// A cell without its quotes.
    #[inline]
    pub fn cell<'a>(&'a self, text: &'a [u8], row: usize, field: usize) -> &'a [u8] {
        let span = self.spans[row * self.width + field];
        if span.end & SCRATCH == 0 {
            &text[self.base + span.start as usize..self.base + span.end as usize]
        } else {
            &self.scratch[span.start as usize..(span.end & !SCRATCH) as usize]
        }
    }

    /// Where a cell stands in the text; none where it had to be unescaped or is not there.
    pub fn place(&self, row: usize, field: usize) -> Option<(usize, usize)> {
        let span = self.spans.get(row * self.width + field).filter(|span| span.end & SCRATCH == 0)?;
        Some((self.base + span.start as usize, self.base + span.end as usize))
    }

    /// Where a row starts in the text.
    pub fn start(&self, row: usize) -> usize {
        self.base + self.starts[row] as usize
    }

    /// Lines before a row in its part.
    pub fn line(&self, row: usize) -> u32 {
        self.lines[row]
    }

    fn clear(&mut self, base: usize, width: usize) {
        self.base = base;
        self.width = width;
        self.spans.clear();
        self.scratch.clear();
        self.starts.clear();
        self.lines.clear();
    }

    fn push_row(&mut self, start: usize, line: u32) {
        self.starts.push((start - self.base) as u32);
        self.lines.push(line);
    }
}

/// How a file's records are written.
#[derive(Debug, Clone, Copy)]
pub struct Dialect {
    pub delimiter: u8,
    pub newline: u8,
}

/// The records that start in one part of a text.
pub struct Records<'a> {
    text: &'a Text,
    dialect: Dialect,
    width: usize,
    /// No quotes, no NUL, no replaced bytes: every line is a record.
    plain: bool,
    at: usize,
    stop: usize,
    line: u32,
}

impl<'a> Records<'a> {
    /// Reads from `start`, where a record begins, the records that start before `stop`.
    pub fn new(text: &'a Text, dialect: Dialect, width: usize, start: usize, stop: usize) -> Records<'a> {
        let part = &text.bytes[start..stop];
        let plain = memchr2(b'"', 0, part).is_none() && text.bad_in(start, stop).is_none();
        Records { text, dialect, width, plain, at: start, stop, line: 0 }
    }

    /// Where reading stands: after the last call, where the next part must begin.
    pub fn position(&self) -> usize {
        self.at
    }

    /// Physical lines read so far.
    pub fn lines(&self) -> u32 {
        self.line
    }

    /// Fills a block with the next rows and notes damaged records; false where nothing is left.
    pub fn fill(&mut self, block: &mut Block, damages: &mut Vec<Damage>) -> bool {
        block.clear(self.at, self.width);
        if self.at >= self.stop {
            return false;
        }
        if self.plain {
            self.fill_plain(block, damages)
        } else {
            self.fill_careful(block, damages)
        }
        true
    }

    fn fill_plain(&mut self, block: &mut Block, damages: &mut Vec<Damage>) {
        let Dialect { delimiter, newline } = self.dialect;
        let (base, mut cell) = (self.at, self.at);
        for at in memchr2_iter(delimiter, newline, &self.text.bytes[base..self.stop]) {
            let at = base + at;
            if self.text.bytes[at] == newline {
                self.end_plain(block, damages, cell, at, at + 1);
                if block.rows() == BLOCK_ROWS || at - base > MAX_RECORD * 64 {
                    return;
                }
            } else {
                block.spans.push(Span { start: (cell - base) as u32, end: (at - base) as u32 });
            }
            cell = at + 1;
        }
        if self.at < self.stop {
            self.end_plain(block, damages, cell, self.stop, self.stop);
        }
    }

    /// Ends a line of a plain part: its last cell reaches from `cell` to `end`.
    #[inline]
    fn end_plain(&mut self, block: &mut Block, damages: &mut Vec<Damage>, cell: usize, end: usize, next: usize) {
        let (start, line) = (self.at, self.line);
        let end = self.without_return(cell, end);
        block.spans.push(Span { start: (cell - block.base) as u32, end: (end - block.base) as u32 });
        self.at = next;
        self.line += 1;
        let kept = block.rows() * self.width;
        let found = block.spans.len() - kept;
        if found == self.width && end - start <= MAX_RECORD && (found > 1 || !is_blank(&self.text.bytes[start..end])) {
            block.push_row(start, line);
            return;
        }
        block.spans.truncate(kept);
        if !is_blank(&self.text.bytes[start..end]) {
            damages.push(Damage { start, end, line, fault: misfit(found, self.width, start, end) });
        }
    }

    fn fill_careful(&mut self, block: &mut Block, damages: &mut Vec<Damage>) {
        while self.at < self.stop && block.rows() < BLOCK_ROWS && self.at - block.base <= MAX_RECORD * 64 {
            let (start, line, kept) = (self.at, self.line, block.spans.len());
            let cut = cut(self.text, self.dialect, Some(self.width), start, block);
            self.at = cut.next;
            self.line += cut.lines;
            match cut.fault {
                None if cut.blank => block.spans.truncate(kept),
                None => block.push_row(start, line),
                Some(fault) => {
                    block.spans.truncate(kept);
                    damages.push(Damage { start, end: cut.end, line, fault });
                }
            }
        }
    }

    fn without_return(&self, start: usize, end: usize) -> usize {
        let ends_in_return = end > start && self.dialect.newline == b'\n' && self.text.bytes[end - 1] == b'\r';
        if ends_in_return { end - 1 } else { end }
    }
}

/// The cells of the one record that starts at `start`, and where it ends, without its line end.
pub fn record_at(text: &Text, dialect: Dialect, width: Option<usize>, start: usize) -> (Block, Cut) {
    let mut block = Block::default();
    block.clear(start, width.unwrap_or(0));
    let cut = cut(text, dialect, width, start, &mut block);
    block.width = block.spans.len();
    block.push_row(start, 0);
    (block, cut)
}

impl Block {
    /// The cells of a block that holds one record.
    pub fn cells<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = &'a [u8]> + 'a {
        (0..self.width).map(|field| self.cell(text, 0, field))
    }
}

/// One record as it was cut.
pub struct Cut {
    /// Its end, without the line end.
    pub end: usize,
    /// Where the next record starts.
    pub next: usize,
    /// Physical lines that it covers.
    pub lines: u32,
    pub blank: bool,
    pub fault: Option<Fault>,
}

/// Cuts the record at `start` and appends its cells; without a width any number of cells is right.
fn cut(text: &Text, dialect: Dialect, width: Option<usize>, start: usize, block: &mut Block) -> Cut {
    let kept = block.spans.len();
    let (line_end, next) = line_at(text, dialect, start);
    let mut cut = Cut { end: line_end, next, lines: 1, blank: false, fault: None };
    if memchr(b'"', &text.bytes[start..line_end]).is_none() {
        cut.blank = is_blank(&text.bytes[start..line_end]);
        split_line(text, dialect, start, line_end, block);
    } else {
        match split_quoted(text, dialect, width, start, block) {
            Ok((end, next, lines)) => (cut.end, cut.next, cut.lines) = (end, next, lines),
            Err(place) => cut.fault = Some(Fault::new(Rule::RowQuote, String::new(), place)),
        }
    }
    let found = block.spans.len() - kept;
    if cut.fault.is_none() && cut.lines > 1 && swallows_rows(text, dialect, width, start, cut.end, found) {
        (cut.end, cut.next, cut.lines) = (line_end, next, 1);
        cut.fault = Some(Fault::new(Rule::RowQuote, String::new(), first_quote(text, start, line_end)));
    }
    if cut.fault.is_none() && !cut.blank {
        cut.fault = fault_of(text, start, cut.end, found, width);
    }
    cut
}

fn is_blank(line: &[u8]) -> bool {
    line.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r'))
}

/// The end of the physical line at `start`, without its line end, and the start of the next.
fn line_at(text: &Text, dialect: Dialect, start: usize) -> (usize, usize) {
    let (end, next) = match memchr(dialect.newline, &text.bytes[start..]) {
        Some(length) => (start + length, start + length + 1),
        None => (text.bytes.len(), text.bytes.len()),
    };
    let ends_in_return = dialect.newline == b'\n' && end > start && text.bytes[end - 1] == b'\r';
    (if ends_in_return { end - 1 } else { end }, next)
}

fn split_line(text: &Text, dialect: Dialect, start: usize, end: usize, block: &mut Block) {
    let base = block.base;
    let mut cell = start;
    for at in memchr_iter(dialect.delimiter, &text.bytes[start..end]) {
        block.spans.push(Span { start: (cell - base) as u32, end: (start + at - base) as u32 });
        cell = start + at + 1;
    }
    block.spans.push(Span { start: (cell - base) as u32, end: (end - base) as u32 });
}

/// Cuts a record with quotes. Gives its end, the next record's start and its lines, or the place of a stray quote.
fn split_quoted(
    text: &Text,
    dialect: Dialect,
    width: Option<usize>,
    start: usize,
    block: &mut Block,
) -> Result<(usize, usize, u32), usize> {
    let bytes = &text.bytes;
    let (mut at, mut lines) = (start, 1);
    loop {
        if bytes.get(at) == Some(&b'"') {
            let quoted = closing_quote(text, dialect, width, at + 1)?;
            push_quoted(block, &bytes[at + 1..quoted.close], at + 1, quoted.escaped);
            lines += quoted.lines;
            at = quoted.close + 1;
        } else {
            let rest = &bytes[at..];
            let length = memchr2(dialect.delimiter, dialect.newline, rest).unwrap_or(rest.len());
            if let Some(stray) = memchr(b'"', &rest[..length]) {
                return Err(at + stray);
            }
            let ended = rest.get(length) != Some(&dialect.delimiter);
            let has_return = ended && dialect.newline == b'\n' && rest[..length].last() == Some(&b'\r');
            let end = at + length - usize::from(has_return);
            block.spans.push(Span { start: (at - block.base) as u32, end: (end - block.base) as u32 });
            at = end;
        }
        match &bytes[at..] {
            [] => return Ok((at, at, lines)),
            [byte, ..] if *byte == dialect.delimiter => at += 1,
            [byte, ..] if *byte == dialect.newline => return Ok((at, at + 1, lines)),
            [b'\r'] if dialect.newline == b'\n' => return Ok((at, at + 1, lines)),
            [b'\r', b'\n', ..] if dialect.newline == b'\n' => return Ok((at, at + 2, lines)),
            _ => return Err(at),
        }
    }
}

fn push_quoted(block: &mut Block, content: &[u8], start: usize, escaped: bool) {
    if !escaped {
        let start = start - block.base;
        block.spans.push(Span { start: start as u32, end: (start + content.len()) as u32 });
        return;
    }
    let start = block.scratch.len();
    let mut rest = content;
    while let Some(at) = memchr(b'"', rest) {
        block.scratch.extend_from_slice(&rest[..at + 1]);
        rest = &rest[(at + 2).min(rest.len())..];
    }
    block.scratch.extend_from_slice(rest);
    block.spans.push(Span { start: start as u32, end: block.scratch.len() as u32 | SCRATCH });
}

struct Quoted {
    close: usize,
    escaped: bool,
    /// Line ends inside.
    lines: u32,
}

/// Finds the quote that closes a cell whose content begins at `from`. Gives up where a whole row would be swallowed.
fn closing_quote(text: &Text, dialect: Dialect, width: Option<usize>, from: usize) -> Result<Quoted, usize> {
    let bytes = &text.bytes;
    let (mut at, mut escaped, mut lines) = (from, false, 0);
    let mut line_start = None;
    loop {
        let quote = at + memchr(b'"', &bytes[at..]).ok_or(from - 1)?;
        for newline in memchr_iter(dialect.newline, &bytes[at..quote]) {
            let newline = at + newline;
            if line_start.is_some_and(|start| is_row(text, dialect, width, start, newline)) || lines == MAX_LINES {
                return Err(from - 1);
            }
            line_start = Some(newline + 1);
            lines += 1;
        }
        if bytes.get(quote + 1) != Some(&b'"') {
            return Ok(Quoted { close: quote, escaped, lines });
        }
        escaped = true;
        at = quote + 2;
    }
}

/// Whether a physical line is a row of its own: well quoted and as wide as the header.
fn is_row(text: &Text, dialect: Dialect, width: Option<usize>, start: usize, end: usize) -> bool {
    let Some(width) = width else {
        return false;
    };
    let line = &text.bytes[start..end];
    if memchr(b'"', line).is_none() {
        return memchr_iter(dialect.delimiter, line).count() + 1 == width;
    }
    // Quotes open and close in turn, so what stands between an even number of them is outside.
    let (mut cells, mut inside) = (1, false);
    for at in memchr2_iter(b'"', dialect.delimiter, line) {
        match line[at] {
            b'"' => inside = !inside,
            _ => cells += usize::from(!inside),
        }
    }
    !inside && cells == width
}

/// Whether a record over several lines is really damage that joins rows: both its ends look like rows of their own,
/// or one does and the whole does not fit the header.
fn swallows_rows(text: &Text, dialect: Dialect, width: Option<usize>, start: usize, end: usize, found: usize) -> bool {
    let Some(width) = width else {
        return false;
    };
    let looks_whole = |line: &[u8]| memchr_iter(dialect.delimiter, line).count() + 1 == width;
    let record = &text.bytes[start..end];
    let first = memchr(dialect.newline, record).unwrap_or(record.len());
    let last = memchr::memrchr(dialect.newline, record).map_or(0, |at| at + 1);
    let (first, last) = (looks_whole(&record[..first]), looks_whole(&record[last..]));
    if found == width { first && last } else { first || last }
}
