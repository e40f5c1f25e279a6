//! Where cases begin: every bad and good file of the fixtures, every cell in them, every expression of the pipeline.

use crate::expressions::pipeline;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

pub const FILE_TOKENS: [&str; 24] = [
    "\"",
    "\"\"",
    ",",
    ";",
    "\t",
    "|",
    "\n",
    "\r\n",
    "\r",
    "\0",
    "\u{FEFF}",
    "\u{FFFD}",
    "编号,统一社会信用代码,金额\n",
    "统一社会信用代码",
    "A1",
    "\",\"",
    "\n\n",
    "91140902MA0H000018",
    "140902198702076149",
    "忻州",
    "\u{3000}",
    "1,234.50",
    "申报版次",
    "\u{1E}",
];

pub const CELL_TOKENS: [&str; 30] = [
    "0", "9", "1", ".", ",", "-", "+", "%", "E", "万", "元", "(", ")", "年", "月", "日", "/", ":", " ", "\u{3000}", "００", "．", "−",
    "\u{200B}", "\"", "X", "00000", "2022", "是", "\u{A0}",
];

pub const EXPRESSION_TOKENS: [&str; 44] = [
    " AND ",
    " OR ",
    "NOT ",
    "(",
    ")",
    " = ",
    " <> ",
    " + ",
    " - ",
    " * ",
    " / ",
    "'",
    "DATE '2022-04-08'",
    "0.03",
    "NULL",
    " IS NULL",
    "SELECT ",
    "FROM ",
    " WHERE ",
    "EXISTS ",
    "this.",
    "截止日",
    "本年",
    "统一社会信用代码",
    "COUNT(*)",
    "SUM(",
    " FILTER (WHERE ",
    "CASE WHEN ",
    " THEN ",
    " ELSE ",
    " END",
    "COALESCE(",
    "YEAR(",
    " IN (",
    ",",
    " BETWEEN ",
    " LIKE 'C%'",
    " < ANY ",
    "registrations",
    ".",
    "ORDER BY ",
    " LIMIT 1",
    "小微企业",
    "\n",
];

/// Files as the fixtures hold them (those that are read in no time), and whole ones in other forms.
pub fn files() -> Vec<Vec<u8>> {
    let mut paths = Vec::new();
    let fixtures = pipeline().join("../../fixtures");
    for folder in ["rejects", "workbooks"] {
        gather(&fixtures.join(folder), &mut paths);
    }
    paths.retain(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("records")));
    paths.sort();
    let mut seeds: Vec<Vec<u8>> = paths.iter().filter_map(|path| fs::read(path).ok()).filter(|bytes| bytes.len() < 20_000).collect();
    let table = "标题\r\n编号,统一社会信用代码,申报版次,金额,日期,备注\r\nA1,91140902MA0H000018,1,\"1,234.50\",2022-01-05,\"一\n二\"\r\n\
                 A1,91140902MA0H000018,2,1,2022/1/6,\r\n\r\nA2,91140921MA0H00002U,,x,20220105,\"说\"\"三\"\"\"\r\n";
    let (gb18030, ..) = encoding_rs::GB18030.encode(table);
    let wide: Vec<u8> = format!("\u{FEFF}{table}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    seeds.extend([
        table.as_bytes().to_vec(),
        gb18030.into_owned(),
        wide,
        table.replace("\r\n", "\r").into_bytes(),
        table.replace(',', "\t").into_bytes(),
    ]);
    seeds
}

/// Cells of the fixtures, and spellings of every type.
pub fn cells() -> Vec<String> {
    let text = String::from_utf8_lossy(&files().concat()).into_owned();
    let mut cells: BTreeSet<String> = text.split([',', '\n', '\r', '"']).filter(|cell| cell.len() < 60).map(str::to_owned).collect();
    let more = "0 -0 1 9999999999999.99 -9,999,999,999,999.99 1234.5 1,234.500 0.0435 4.35% 100.0% 92233720368.54775807 2022-01-05 2022/1/5 20220105 \
                2022年1月5日 2022-02-29 是 否 Y n true 91140902MA0H000018 140902198702076149 68.8万元 22.5000(万元) 1.2E+11 ¥5 小型企业 CS04 140902 C3612 \
                9223372036854775807 -9223372036854775808 00000000000000000001 .5 5. ++1 −5";
    cells.extend(more.split(' ').map(str::to_owned));
    cells.extend(["2022-01-05 09:30", "2022/1/5 9:30:15", " 1 ", "\u{3000}"].map(str::to_owned));
    cells.into_iter().collect()
}

/// Every string of the pipeline's files that is an expression, or may be one.
pub fn expressions() -> Vec<String> {
    let mut paths = Vec::new();
    for folder in ["facts", "measures", "indicators"] {
        gather(&pipeline().join(folder), &mut paths);
    }
    paths.sort();
    let mut found = BTreeSet::new();
    for path in paths {
        let table: toml::Table = fs::read_to_string(path).ok().and_then(|text| text.parse().ok()).expect("a table");
        strings(&toml::Value::Table(table), "", &mut found);
    }
    found.into_iter().collect()
}

fn strings(value: &toml::Value, key: &str, found: &mut BTreeSet<String>) {
    match value {
        toml::Value::String(text) if ["value", "when", "where", "amount", "limit", "subject", "at", "by"].contains(&key) => {
            found.insert(text.clone());
        }
        toml::Value::Array(items) => items.iter().for_each(|item| strings(item, key, found)),
        toml::Value::Table(table) => table.iter().for_each(|(key, item)| strings(item, key, found)),
        _ => {}
    }
}

fn gather(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { gather(&path, paths) } else { paths.push(path) }
    }
}

/// Writes the seeds where cargo-fuzz looks for them, one file each.
#[test]
fn seeds() {
    let text = |seeds: Vec<String>| seeds.into_iter().map(String::into_bytes).collect::<Vec<_>>();
    for (name, seeds) in [("reader", files()), ("values", text(cells())), ("expressions", text(expressions()))] {
        assert!(seeds.len() > 20, "{name}: {}", seeds.len());
        let Some(folder) = std::env::var_os("HUIQI_FUZZ_SEEDS").map(|folder| Path::new(&folder).join(name)) else { continue };
        fs::create_dir_all(&folder).expect("a folder");
        for (at, seed) in seeds.iter().enumerate() {
            fs::write(folder.join(format!("seed-{at:04}")), seed).expect("a seed");
        }
    }
}
