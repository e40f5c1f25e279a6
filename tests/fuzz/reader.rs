//! Whatever the bytes of a delivered file: reading never panics, counts every row once, keeps refused rows as they stand,
//! and does the same again; a profile of it counts the same rows.

use crate::support::{self, CODES, rows};
use huiqi::profile;
use huiqi::sources::{CheckedTables, FileReport, Reject};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// A folder with registrations and one bank, in which the bytes are delivered as `records`.
pub struct Reader {
    folder: TempDir,
}

impl Reader {
    pub fn new() -> Reader {
        let rows: String = CODES.iter().map(|code| format!("{code},公司\n")).collect();
        let registrations = format!("统一社会信用代码,名称\n{rows}");
        let banks = "金融机构代码,机构名称\nB01,甲银行\n";
        Reader { folder: support::folder(&[("banks.csv", banks.as_bytes()), ("registrations.csv", registrations.as_bytes())]) }
    }

    /// The rules that refuse them.
    #[allow(dead_code)]
    pub fn refused(&self, bytes: &[u8]) -> Vec<&'static str> {
        let path = self.folder.path().join(name_of(bytes));
        fs::write(&path, bytes).expect("a file");
        let read = support::read_folder(self.folder.path());
        fs::remove_file(&path).expect("a file");
        records(&read).1.iter().map(|reject| reject.rule).collect()
    }

    /// Reads the bytes in the form that their first ones tell, and holds what must hold.
    pub fn check(&self, bytes: &[u8]) {
        let path = self.folder.path().join(name_of(bytes));
        fs::write(&path, bytes).expect("a file");
        let (read, again) = (support::read_folder(self.folder.path()), support::read_folder(self.folder.path()));
        let page = profiled_rows(self.folder.path());
        fs::remove_file(&path).expect("a file");
        assert_eq!(rows(&read), rows(&again));
        assert_eq!(format!("{:?}", read.rejects), format!("{:?}", again.rejects));
        let (file, rejects) = records(&read);
        assert_eq!(file.rows, file.accepted + file.superseded + file.rejected, "{file:?}");
        assert!(rejects.iter().all(|reject| !reject.reason.is_empty() && reject.line > 0), "{rejects:?}");
        if rejects.iter().any(|reject| reject.rule.starts_with("file.")) {
            assert!(read.tables.raw[1].is_none() && file.rows == file.rejected, "{file:?}");
            return;
        }
        let Some(table) = &read.tables.raw[1] else { panic!("records were delivered") };
        assert_eq!(table.frame.height() as u64, file.accepted, "{file:?}");
        assert!(table.line.is_sorted_by(|one, other| one < other), "{:?}", table.line);
        let refused: BTreeSet<u32> = rejects.iter().map(|reject| reject.line).collect();
        assert_eq!(refused.len() as u64, file.rejected, "{file:?} {refused:?}");
        assert!(table.line.iter().all(|line| !refused.contains(line)), "{refused:?}");
        assert_eq!(page, Some(file.rows), "{file:?}");
        if let Ok(text) = std::str::from_utf8(bytes)
            && file.encoding.starts_with("utf-8")
        {
            check_lines(text, file, &table.line, &rejects);
        }
    }
}

/// Rows of the file of records as a profile counts them.
fn profiled_rows(folder: &Path) -> Option<u64> {
    let sources = support::sources();
    let profile = profile::profile(folder, &sources).expect("a profile");
    assert!(!profile::write(&profile, &sources).is_empty());
    profile.files.iter().find(|file| file.path.starts_with("records") && file.source == Some(1.into())).map(|file| file.rows)
}

fn name_of(bytes: &[u8]) -> &'static str {
    match bytes {
        [b'P', b'K', 3, 4, ..] => "records.xlsx",
        [0xD0, 0xCF, 0x11, 0xE0, ..] => "records.xls",
        [b'P', b'A', b'R', b'1', ..] => "records.parquet",
        [0x1F, 0x8B, ..] => "records.csv.gz",
        [0x28, 0xB5, 0x2F, 0xFD, ..] => "records.csv.zst",
        _ => "records.csv",
    }
}

fn records(read: &CheckedTables) -> (&FileReport, Vec<&Reject>) {
    let file = read.files.iter().find(|file| file.source == 1.into()).expect("a file of records");
    (file, read.rejects.iter().filter(|reject| reject.source == 1.into()).collect())
}

/// Against the file's own lines: a refused row is what stands from its line on; without quotes every line that is not
/// blank is one row, from the first row to the end.
fn check_lines(text: &str, file: &FileReport, accepted: &[u32], rejects: &[&Reject]) {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let newline = record_end(text);
    let mut starts = vec![0];
    starts.extend(text.match_indices(newline).map(|(at, _)| at + 1));
    for reject in rejects {
        let from = starts[reject.line as usize - 1];
        assert!(is_masked(&reject.raw, &text[from..]), "line {}: {:?}", reject.line, reject.raw);
        let rest = text[from..].chars().nth(reject.raw.chars().count());
        assert!(rest.is_none_or(|next| next == newline || next == '\r'), "line {}: {:?} is not all", reject.line, reject.raw);
    }
    if text.contains('"') {
        return;
    }
    let is_blank = |line: &str| line.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\r'));
    let lines: Vec<u32> = (1..).zip(text.split(newline)).filter(|(_, line)| !is_blank(line)).map(|(at, _)| at).collect();
    let rows = &lines[lines.len() - file.rows as usize..];
    let taken: BTreeSet<u32> = accepted.iter().copied().chain(rejects.iter().map(|reject| reject.line)).collect();
    assert!(taken.iter().all(|line| rows.contains(line)), "{taken:?} {rows:?}");
    assert_eq!(taken.len() as u64, file.rows - file.superseded);
}

/// CR where the first line end outside quotes is one alone, and most of them are; LF else, where there is any.
fn record_end(text: &str) -> char {
    let outside: String = text.replace("\r\n", "\n").split('"').step_by(2).collect();
    let (lone, feeds) = (outside.matches('\r').count(), outside.matches('\n').count());
    let is_first = outside.find(['\r', '\n']).is_some_and(|at| outside[at..].starts_with('\r'));
    if (is_first && lone > feeds) || (!text.contains('\n') && text.contains('\r')) { '\r' } else { '\n' }
}

/// Whether a text begins as a refused row shows it, some of whose characters may be masked.
fn is_masked(shown: &str, text: &str) -> bool {
    let mut characters = text.chars();
    shown.chars().all(|shown| characters.next().is_some_and(|character| shown == character || shown == '*'))
}
