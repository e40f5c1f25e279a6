//! A profile as text for a terminal.

use super::column::ColumnProfile;
use super::{FileProfile, Profile};
use crate::schema::{Source, Sources};
use crate::sources::inspect;
use std::fmt::Write;
use unicode_width::UnicodeWidthStr;

/// Writes the page.
pub fn write(profile: &Profile, sources: &Sources) -> String {
    let mut text = String::new();
    for file in &profile.files {
        write_file(&mut text, file, sources);
        text.push('\n');
    }
    for name in &profile.others {
        line(&mut text, format_args!("{name}: not a file that can be read; ignored"));
    }
    if profile.files.is_empty() {
        text.push_str("no file that can be read\n");
    }
    text
}

/// Writing to a String cannot fail.
fn line(text: &mut String, arguments: std::fmt::Arguments) {
    let _ = writeln!(text, "{arguments}");
}

fn write_file(text: &mut String, file: &FileProfile, sources: &Sources) {
    let source = file.source.map(|id| &sources[id]);
    match source {
        Some(source) => line(text, format_args!("{}  =  {} {}", file.path, source.name, source.title)),
        None => line(text, format_args!("{}  =  no source", file.path)),
    }
    for fault in &file.faults {
        line(text, format_args!("  {fault}"));
    }
    if file.columns.is_empty() {
        return;
    }
    let delimiter = file.delimiter.map(|delimiter| format!(", delimiter {delimiter:?}")).unwrap_or_default();
    line(text, format_args!("  {}{delimiter}, header in line {}, {} rows", file.encoding, file.header_line, file.rows));
    for (rule, (count, first, reason)) in &file.damaged {
        line(text, format_args!("  {count} damaged rows: {rule}, first in line {first}: {reason}"));
    }
    if let Some(source) = source {
        let matched = source.columns.len() - file.absent.len();
        line(
            text,
            format_args!("  {matched} of {} columns, {} rows with a key that stood before", source.columns.len(), file.repeated_keys),
        );
        let names = |required: bool| {
            let is_one = |&&column: &&usize| source.columns[column].required == required;
            let names: Vec<&str> = file.absent.iter().filter(is_one).map(|&column| source.columns[column].name.as_str()).collect();
            names.join("、")
        };
        for (label, names) in [("required columns that it lacks", names(true)), ("optional columns that it lacks", names(false))] {
            if !names.is_empty() {
                line(text, format_args!("  {label}: {names}"));
            }
        }
    }
    write_columns(text, file, source);
    if let Some(suggestion) = &file.suggestion {
        line(text, format_args!("  a source file to begin with:"));
        for suggested in suggestion.lines() {
            line(text, format_args!("  | {suggested}"));
        }
    }
}

fn write_columns(text: &mut String, file: &FileProfile, source: Option<&Source>) {
    let mut rows = vec![["column", "is", "missing", "repeated", "distinct", "bad", "from", "to"].map(String::from)];
    for column in &file.columns {
        let is = match (source, column.declared) {
            (Some(source), Some(at)) => format!("{} {}", source.columns[at].name, source.columns[at].kind.name()),
            (Some(_), None) => "nobody's".into(),
            (None, _) => String::new(),
        };
        let [from, to] =
            column.range.as_ref().map_or([String::new(), String::new()], |ends| ends.clone().map(|(_, text)| inspect::show(&text)));
        let share = |part: u64, whole: u64| if part == 0 { String::new() } else { percent(part, whole) };
        let bad = column.bad.values().sum();
        let (missing, repeated) = (share(column.missing, file.rows), share(column.seen.repeated, column.filled()));
        let distinct = column.seen.distinct().to_string();
        rows.push([inspect::show(&column.header), is, missing, repeated, distinct, share(bad, file.rows), from, to]);
    }
    let widths: Vec<usize> = (0..8).map(|at| rows.iter().map(|row| row[at].width()).max().unwrap_or_default()).collect();
    for row in rows {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell}{}", " ".repeat(width - cell.width()))).collect();
        line(text, format_args!("  {}", cells.join("  ").trim_end()));
    }
    file.columns.iter().for_each(|column| write_bad(text, column));
}

fn write_bad(text: &mut String, column: &ColumnProfile) {
    if column.bad.is_empty() {
        return;
    }
    let rules: Vec<String> = column.bad.iter().map(|(rule, count)| format!("{rule} {count}")).collect();
    line(text, format_args!("  {}: {}", inspect::show(&column.header), rules.join(", ")));
    for (at, shown, reason) in &column.examples {
        line(text, format_args!("    line {at}: {shown:?} {reason}"));
    }
}

/// A share with one decimal; what is there at all is never 0.0 %.
fn percent(part: u64, whole: u64) -> String {
    let tenths = (part * 1000).div_ceil(whole.max(1));
    format!("{}.{} %", tenths / 10, tenths % 10)
}
