//! Every kind of pollution, and the files that show it.

use crate::tables::{gb18030, gzip, utf16};
use crate::{Fate, HEADER, Kind, Polluted, clean};
use std::collections::BTreeSet;

/// The clean table's lines, the header first; a line of a row may be two.
fn lines() -> Vec<String> {
    let table = clean();
    let line = |rows: std::ops::Range<usize>| table.part(rows).csv(&table.order(), ',', "\n");
    let header = line(0..0);
    std::iter::once(header.clone()).chain((0..table.rows.len()).map(|at| line(at..at + 1)[header.len()..].to_owned())).collect()
}

fn text() -> String {
    lines().concat()
}

/// The places of a line at which a delimiter parts cells.
fn delimiters(line: &str) -> Vec<usize> {
    let mut inside = false;
    let outside = line.char_indices().filter(|&(_, character)| {
        inside ^= character == '"';
        character == ',' && !inside
    });
    outside.map(|(at, _)| at).collect()
}

fn whole(bytes: impl Into<Vec<u8>>) -> Polluted {
    Polluted { bytes: bytes.into(), touched: BTreeSet::new() }
}

/// Every version of every row in place of it.
fn on_rows(change: impl Fn(&str) -> Vec<String>) -> Vec<Polluted> {
    on_lines(|line| change(line).into_iter().map(String::into_bytes).collect())
}

fn on_lines(change: impl Fn(&str) -> Vec<Vec<u8>>) -> Vec<Polluted> {
    let lines = lines();
    let mut files = Vec::new();
    for at in 1..lines.len() {
        for changed in change(&lines[at]) {
            let bytes = [lines[..at].concat().into_bytes(), changed, lines[at + 1..].concat().into_bytes()].concat();
            files.push(Polluted { bytes, touched: [at - 1].into() });
        }
    }
    files
}

/// A line put in at every place below the header.
fn between(added: &[&str]) -> Vec<Polluted> {
    let lines = lines();
    let put = |at: usize, added: &str| whole(lines[..at].concat() + added + &lines[at..].concat());
    added.iter().flat_map(|added| (1..=lines.len()).map(move |at| put(at, added))).collect()
}

/// Rows that some rows of a file may cost.
fn costing(bytes: impl Into<Vec<u8>>, is_touched: impl Fn(&[String]) -> bool) -> Vec<Polluted> {
    let touched = clean().rows.iter().enumerate().filter(|(_, row)| is_touched(row)).map(|(at, _)| at).collect();
    vec![Polluted { bytes: bytes.into(), touched }]
}

fn insert(line: &str, at: usize, piece: &str) -> String {
    format!("{}{piece}{}", &line[..at], &line[at..])
}

pub fn kinds() -> Vec<Kind> {
    frame_kinds().into_iter().chain(file_kinds()).chain(encoding_kinds()).chain(record_kinds()).collect()
}

fn kind(name: &'static str, fate: Fate, files: Vec<Polluted>) -> Kind {
    assert!(!files.is_empty(), "{name}");
    Kind { name, fate, file: "new_jobs.csv", files }
}

/// What stands around the rows.
fn frame_kinds() -> Vec<Kind> {
    use Fate::*;
    let (text, lines) = (text(), lines());
    let header = &lines[0];
    let titled = |title: &str| whole(format!("{title}{text}"));
    vec![
        kind("no payload: an empty file", File("file.header"), vec![whole(""), whole("\n\n")]),
        kind("no payload: a header alone", Legal, vec![whole(header.as_str()), whole(header.trim_end())]),
        kind("no newline at the end", Legal, vec![whole(text.trim_end())]),
        kind("several newlines at the end", Legal, vec![whole(format!("{text}\n")), whole(format!("{text}\n \n\t\n\n"))]),
        kind("a DOS end of file", Rows(&["row.fields"]), vec![whole(format!("{text}\u{1A}"))]),
        kind("no header", File("file.header"), vec![whole(lines[1..].concat())]),
        kind("the header again", Rows(&["row.header"]), between(&[header])),
        kind(
            "a second header row: units",
            Rows(&["uscc.length", "int.form", "date.form", "money.form"]),
            vec![whole(format!("{header}编号,18位,人,年月日,,元\n{}", lines[1..].concat()))],
        ),
        kind(
            "two files one behind the other, the second with its mark",
            Rows(&["key.duplicate", "uscc.length", "int.form", "date.form", "money.form"]),
            vec![whole(format!("{text}\u{FEFF}{text}"))],
        ),
        kind(
            "title rows above the header",
            Legal,
            ["云岭市新增岗位表\n", "\n\n云岭市\n", "# 2024\n# 导出\n", "表一,,,,,\n", "sep=,\n", "\"报送\n说明\"\n"].map(titled).into(),
        ),
        kind("thirty and more rows above the header", File("file.header"), vec![titled(&"说明\n".repeat(40))]),
        kind(
            "notes below the table",
            Rows(&["row.fields"]),
            ["制表人：张三\n", "合计,78\n", "\n\n共 12 行\n"].map(|note| whole(format!("{text}{note}"))).into(),
        ),
        kind("a sum below the table", Rows(&["value.required"]), vec![whole(format!("{text}合计,,78,,,\n"))]),
        kind("a second table below", Rows(&["row.fields"]), vec![whole(format!("{text}\n名称,区划代码\n甲,990101\n"))]),
    ]
}

/// How the whole file is written.
fn file_kinds() -> Vec<Kind> {
    use Fate::*;
    let (clean, text, lines, order) = (clean(), text(), lines(), clean().order());
    let header = &lines[0];
    let all = |delimiter, line_end| whole(clean.csv(&order, delimiter, line_end));
    let quoted =
        |row: &Vec<String>| row.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect::<Vec<_>>().join(",") + "\n";
    let names: Vec<String> = HEADER.map(str::to_owned).to_vec();
    let is_hard = |row: &[String]| row.iter().any(|cell| cell.contains([',', '"', '\n']));
    let spaced: String =
        lines.iter().map(|line| delimiters(line).into_iter().rev().fold(line.clone(), |line, at| insert(&line, at + 1, " "))).collect();
    let apostrophes = header.clone() + &lines[1..].concat().replace("\"\"", "\u{1}").replace('"', "'").replace('\u{1}', "\"");
    let backslashes: String = header.clone() + &lines[1..].concat().replace("\"\"", "\\\"");
    let shuffled = clean.csv(&[5, 3, 0, 4, 2, 1], ',', "\n");
    vec![
        kind("another delimiter", Legal, vec![all(';', "\n"), all('\t', "\n"), all('|', "\r\n")]),
        kind("a delimiter that no table has", File("file.header"), vec![all('^', "\n"), all('、', "\n"), all(' ', "\n")]),
        kind("a blank behind every delimiter", Rows(&["row.quote", "row.fields"]), costing(spaced, is_hard)),
        kind("every cell quoted", Legal, vec![whole(quoted(&names) + &clean.rows.iter().map(quoted).collect::<String>())]),
        kind("apostrophes for quotes", Rows(&["row.quote", "row.fields", "money.form"]), costing(apostrophes, is_hard)),
        kind("backslashes before quotes", Rows(&["row.quote", "row.fields"]), costing(backslashes, is_hard)),
        kind("CR LF, CR", Legal, vec![all(',', "\r\n"), all(',', "\r"), all(';', "\r")]),
        kind("columns in another order", Legal, vec![whole(shuffled)]),
        kind("columns that nobody declares", Legal, vec![whole(text.replace(",上岗日期", ",多余,上岗日期").replace(",2024-", ",x,2024-"))]),
        kind("a column that is required is not there", File("file.header"), vec![whole(text.replace(",人数,", ",人 员,"))]),
        kind("a column twice", File("file.header_twice"), vec![whole(text.replace(",备注", ",人数"))]),
        kind(
            "blanks around names and cells",
            Legal,
            vec![whole(text.replace("GW", " GW").replace(",统一", ", 统一\u{3000}").replace(",2024-", ",\u{A0}2024-"))],
        ),
        kind("a delimiter at the end of every row, the header too", Legal, vec![whole(ended(&lines, 0))]),
        kind("a delimiter at the end of every row but the header", Rows(&["row.fields"]), costing(ended(&lines, 1), |_| true)),
    ]
}

/// Lines with a delimiter at their end, from one on.
fn ended(lines: &[String], from: usize) -> String {
    let end = |(at, line): (usize, &String)| if at < from { line.clone() } else { format!("{},\n", line.trim_end_matches('\n')) };
    lines.iter().enumerate().map(end).collect()
}

/// What befalls its bytes.
fn encoding_kinds() -> Vec<Kind> {
    use Fate::*;
    let text = text();
    let marked = utf16(&text, u16::to_le_bytes);
    let invalid = |line: &str| {
        [0xFF, 0xC3].map(|byte| line.replacen('-', "\u{1}", 1).into_bytes().into_iter().map(|b| if b == 1 { byte } else { b }).collect())
    };
    let strange = |line: &str| vec![line.as_bytes().to_vec()];
    let workbook = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/workbooks/records-1900.xls")).expect("a workbook");
    let mut kinds = vec![
        kind("a byte order mark", Legal, vec![whole(format!("\u{FEFF}{text}"))]),
        kind("GB18030", Legal, vec![whole(gb18030(&text))]),
        kind("UTF-16 with its mark", Legal, vec![whole(marked.clone()), whole(utf16(&text, u16::to_be_bytes))]),
        kind("UTF-16 without its mark", File("file.header"), vec![whole(&marked[2..])]),
        kind("Big5", File("file.header"), vec![whole(encoding_rs::BIG5.encode(&text).0.into_owned())]),
        kind("bytes that are no text", Rows(&["row.bytes"]), on_lines(|line| invalid(line).into())),
        kind(
            "a row of GB18030 in UTF-8",
            Rows(&["row.bytes", "row.quote"]),
            on_lines(|line| vec![gb18030(line)]).into_iter().filter(|file| std::str::from_utf8(&file.bytes).is_err()).collect(),
        ),
        kind("a row of UTF-8 in GB18030", Rows(&["row.bytes"]), in_gb18030(strange)),
        kind(
            "NUL",
            Rows(&["row.nul", "row.quote"]),
            on_rows(|line| delimiters(line).into_iter().map(|at| insert(line, at, "\0")).collect()),
        ),
        kind("the last line cut off", Rows(&["row.fields", "row.quote", "row.bytes"]), truncated()),
    ];
    for (name, file, rule, bytes) in [
        ("a workbook called .csv", "new_jobs.csv", "file.header", workbook),
        ("CSV called .xlsx", "new_jobs.xlsx", "file.unreadable", text.clone().into_bytes()),
        ("CSV called .parquet", "new_jobs.parquet", "file.unreadable", text.clone().into_bytes()),
        ("CSV called .gz", "new_jobs.csv.gz", "file.unreadable", text.clone().into_bytes()),
        ("gzip cut off", "new_jobs.csv.gz", "file.unreadable", gzip(text.as_bytes())[..100].to_vec()),
        ("gzip called .csv", "new_jobs.csv", "file.header", gzip(text.as_bytes())),
    ] {
        kinds.push(Kind { name, fate: File(rule), file, files: vec![whole(bytes)] });
    }
    kinds
}

/// A file of GB18030 with one line as it is given, which has two characters outside ASCII at least.
fn in_gb18030(change: impl Fn(&str) -> Vec<Vec<u8>>) -> Vec<Polluted> {
    let lines = lines();
    let several = |line: &String| line.chars().filter(|character| !character.is_ascii()).count() > 1 && line.matches('\n').count() == 1;
    let rows = (1..lines.len()).filter(|&at| several(&lines[at]));
    let file = |at: usize, changed: Vec<u8>| {
        let bytes = [gb18030(&lines[..at].concat()), changed, gb18030(&lines[at + 1..].concat())].concat();
        Polluted { bytes, touched: [at - 1].into() }
    };
    rows.flat_map(|at| change(&lines[at]).into_iter().map(move |changed| (at, changed))).map(|(at, changed)| file(at, changed)).collect()
}

/// The file without its end: from behind the last row's key to within its last cell.
fn truncated() -> Vec<Polluted> {
    let (text, lines) = (text(), lines());
    let last = text.len() - lines[lines.len() - 1].len();
    let quote = text.rfind(",\"").expect("a quoted cell");
    let cuts = (last + 4..=quote).chain(quote + 2..text.trim_end().len() - 1);
    cuts.map(|at| Polluted { bytes: text.as_bytes()[..at].to_vec(), touched: [lines.len() - 2].into() }).collect()
}

/// What befalls single records.
fn record_kinds() -> Vec<Kind> {
    use Fate::*;
    let quotes = |line: &str| line.match_indices('"').map(|(at, _)| at).collect::<Vec<_>>();
    let cells = |line: &str| {
        std::iter::once(0).chain(delimiters(line).into_iter().flat_map(|at| [at, at + 1])).chain([line.len() - 1]).collect::<Vec<_>>()
    };
    let without = |line: &str, at: usize| format!("{}{}", &line[..at], &line[at + 1..]);
    let other = |line: &str, delimiter: &str| {
        delimiters(line).into_iter().rev().fold(line.to_owned(), |line, at| insert(&without(&line, at), at, delimiter))
    };
    let shift = |line: &str| vec![format!(",{}\n", &line[..*delimiters(line).last().expect("a delimiter")])];
    vec![
        kind(
            "a delimiter too many",
            Rows(&["row.fields", "row.quote"]),
            on_rows(|line| cells(line).into_iter().map(|at| insert(line, at, ",")).collect()),
        ),
        kind(
            "a delimiter too few",
            Rows(&["row.fields", "row.quote"]),
            on_rows(|line| delimiters(line).into_iter().map(|at| without(line, at)).collect()),
        ),
        kind(
            "a quote too many",
            Rows(&["row.quote", "row.fields"]),
            on_rows(|line| cells(line).into_iter().map(|at| insert(line, at, "\"")).collect()),
        ),
        kind(
            "a quote too few",
            Rows(&["row.quote", "row.fields"]),
            on_rows(|line| quotes(line).into_iter().map(|at| without(line, at)).collect()),
        ),
        kind(
            "another delimiter in one row",
            Rows(&["row.fields", "row.quote"]),
            on_rows(|line| [";", "\t", "|"].map(|delimiter| other(line, delimiter)).into()),
        ),
        kind(
            "apostrophes for quotes in one row",
            Rows(&["row.fields", "row.quote"]),
            on_rows(|line| if line.matches(',').count() > delimiters(line).len() { vec![line.replace('"', "'")] } else { vec![] }),
        ),
        kind("a row ended by CR LF", Legal, on_rows(|line| vec![format!("{}\r\n", line.trim_end_matches('\n'))])),
        kind("a row ended by CR", Rows(&["row.fields", "row.quote"]), joined()),
        kind("blank lines between rows", Legal, between(&["\n", "  \n", "\t\n", "\r\n"])),
        kind("rows of delimiters alone", Rows(&["value.required"]), between(&[",,,,,\n"])),
        kind("remarks between rows", Rows(&["row.fields"]), between(&["# 下面是二月\n", "小计,10\n"])),
        kind("a row twice", Rows(&["key.duplicate"]), on_rows(|line| vec![line.repeat(2)])),
        kind(
            "cells shifted by one",
            Rows(&["row.fields", "row.quote", "value.required", "uscc.length", "int.form", "int.unit", "date.form", "money.form"]),
            on_rows(shift),
        ),
        kind("a code as a formula", Rows(&["row.quote"]), on_rows(|line| vec![line.replacen("GW", "=\"GW", 1).replacen(',', "\",", 1)])),
        kind(
            "a cell of two megabytes",
            Rows(&["row.size"]),
            on_rows(|line| vec![insert(line, 4, &"x".repeat(2 << 20))]).into_iter().take(2).collect(),
        ),
    ]
}

/// Every row ended by CR in a file of LF: two rows become one line.
fn joined() -> Vec<Polluted> {
    let lines = lines();
    let file = |at: usize| {
        let line = format!("{}\r", lines[at].trim_end_matches('\n'));
        let bytes = lines[..at].concat() + &line + &lines[at + 1..].concat();
        Polluted { bytes: bytes.into(), touched: [at - 1, at].into() }
    };
    (1..lines.len() - 1).map(file).collect()
}
