//! The reader at its boundary: files in, tables, rejects and counts out.

mod support;

use huiqi::sources::{CheckedTables, read};
use support::{CODES, PERSON, read_files, read_records, refused, rows};

const HEADER: &str = "编号,统一社会信用代码,金额,备注";

/// A file with these rows, of which every `$n` is a valid code.
fn file(rows: &[&str], line_end: &str) -> String {
    let mut text = [&[HEADER], rows].concat().join(line_end) + line_end;
    for (at, code) in CODES.iter().enumerate() {
        text = text.replace(&format!("${at}"), code);
    }
    text
}

fn row(line: u32, key: &str, code: usize, money: &str, note: &str) -> String {
    let fields = [key, CODES[code], "1", "", "", "", "", "", "", money, "", "", "", "", "", note];
    format!("{line}: {}", fields.join("|").trim_end_matches('|'))
}

/// Counts of the file of records: rows, accepted, superseded, rejected.
fn counts(read: &CheckedTables) -> [u64; 4] {
    let files: Vec<_> = read.files.iter().filter(|file| file.source == 1.into()).collect();
    let sum = |count: fn(&huiqi::sources::FileReport) -> u64| files.iter().map(|file| count(file)).sum();
    [sum(|f| f.rows), sum(|f| f.accepted), sum(|f| f.superseded), sum(|f| f.rejected)]
}

#[test]
fn lines_are_counted_under_every_line_end() {
    for line_end in ["\n", "\r\n", "\r"] {
        let rows_in = ["A1,$0,1.00,一", "", "A2,$1,x,二", "A3,$2,\"3,000.5\",\"三\"", "A4,$0,1.00", "A5,$1,,五"];
        let read = read_records(file(&rows_in, line_end).as_bytes());
        let expected = [row(2, "A1", 0, "100", "一"), row(5, "A3", 2, "300050", "三"), row(7, "A5", 1, "", "五")];
        assert_eq!(rows(&read), expected, "{line_end:?}");
        assert_eq!(refused(&read), ["records.csv:4 money.form", "records.csv:6 row.fields"], "{line_end:?}");
        assert_eq!(counts(&read), [5, 3, 0, 2], "{line_end:?}");
    }
}

#[test]
fn quoted_cells_may_hold_anything() {
    let rows_in = ["A1,$0,1.00,\"一\n二,\"\"三\"\"\r\n四\"", "A2,$1,x,\"\n\"", "\"A3\",\"$2\",\"2\",\"\""];
    let read = read_records(file(&rows_in, "\n").as_bytes());
    assert_eq!(rows(&read), [row(2, "A1", 0, "100", "一\n二,\"三\"\r\n四"), row(7, "A3", 2, "200", "")]);
    assert_eq!(refused(&read), ["records.csv:5 money.form"]);
    assert_eq!(read.rejects[0].raw, format!("A2,{},x,\"\n\"", CODES[1]));
}

/// Cells break their lines in their own way: LF in a file of CR, CR in a file of LF, several to a row.
#[test]
fn records_end_as_the_first_line_does() {
    for (line_end, within) in [("\r", "\n"), ("\n", "\r"), ("\r\n", "\r"), ("\r\n", "\n")] {
        let note = format!("一{within}二{within}三{within}四");
        let rows_in = [format!("A1,$0,1.00,\"{note}\""), format!("A2,$1,2.00,\"{note}\"")];
        let read = read_records(file(&[&rows_in[0], &rows_in[1]], line_end).as_bytes());
        let second = if line_end.contains('\n') == within.contains('\n') { 6 } else { 3 };
        assert_eq!(rows(&read), [row(2, "A1", 0, "100", &note), row(second, "A2", 1, "200", &note)], "{line_end:?} {within:?}");
    }
}

#[test]
fn an_unbalanced_quote_costs_its_own_line() {
    let rows_in = [
        "A1,$0,1.00,\"一",
        "A2,$1,1.00,二",
        "A3,$2,1.00,\"三\"",
        "A4,$0,1.00,四\"",
        "\"A5,$1,1.00,五",
        "A6,$2,\"1.00\",\"六\"\"\"",
        "A7,$0,1.00,\"七\"七",
        "A8,$0,1.00,\"八",
    ];
    let read = read_records(file(&rows_in, "\n").as_bytes());
    assert_eq!(rows(&read), [row(3, "A2", 1, "100", "二"), row(4, "A3", 2, "100", "三"), row(7, "A6", 2, "100", "六\"")]);
    let lines: Vec<u32> = read.rejects.iter().map(|reject| reject.line).collect();
    assert_eq!(lines, [2, 5, 6, 8, 9]);
    assert!(read.rejects.iter().all(|reject| reject.rule == "row.quote"), "{:?}", refused(&read));
}

#[test]
fn two_damaged_rows_do_not_join_over_the_good_ones_between() {
    let rows_in = ["A1,$0,1.00,\"一", "A2,$1,1.00,二", "A3,$2,1.00,三\"", "A4,$0,1.00,四"];
    let read = read_records(file(&rows_in, "\n").as_bytes());
    assert_eq!(rows(&read), [row(3, "A2", 1, "100", "二"), row(5, "A4", 0, "100", "四")]);
    assert_eq!(refused(&read), ["records.csv:2 row.quote", "records.csv:4 row.quote"]);
    let rows_in = ["A1,$0,1.00,\"一", "A3,$2,1.00,三\"", "A4,$0,1.00,四"];
    assert_eq!(rows(&read_records(file(&rows_in, "\n").as_bytes())), [row(4, "A4", 0, "100", "四")]);
}

#[test]
fn encodings_give_the_same_tables() {
    let text = file(&["A1,$0,1.00,忻州㐂𠮷", "A2,$1,x,繁峙县", "A3,$2,2.00,"], "\r\n");
    let expected = [row(2, "A1", 0, "100", "忻州㐂𠮷"), row(4, "A3", 2, "200", "")];
    let utf16 = |bytes: fn(u16) -> [u8; 2]| "\u{FEFF}".encode_utf16().chain(text.encode_utf16()).flat_map(bytes).collect();
    let (gb18030, ..) = encoding_rs::GB18030.encode(&text);
    let forms: [(&str, Vec<u8>); 5] = [
        ("utf-8", text.clone().into_bytes()),
        ("utf-8-bom", format!("\u{FEFF}{text}").into_bytes()),
        ("gb18030", gb18030.into_owned()),
        ("utf-16le", utf16(u16::to_le_bytes)),
        ("utf-16be", utf16(u16::to_be_bytes)),
    ];
    for (encoding, bytes) in forms {
        let read = read_records(&bytes);
        assert_eq!(rows(&read), expected, "{encoding}");
        assert_eq!(refused(&read), ["records.csv:3 money.form"], "{encoding}");
        assert_eq!(read.files[1].encoding, encoding);
    }
}

#[test]
fn invalid_bytes_cost_their_own_line_in_either_encoding() {
    let text = file(&["A1,$0,1.00,忻州", "A2,$1,1.00,繁#峙", "A3,$2,1.00,原平"], "\n");
    let (gb18030, ..) = encoding_rs::GB18030.encode(&text);
    for bytes in [text.clone().into_bytes(), gb18030.into_owned()] {
        let damaged: Vec<u8> = bytes.iter().map(|&byte| if byte == b'#' { 0xFF } else { byte }).collect();
        let read = read_records(&damaged);
        assert_eq!(rows(&read), [row(2, "A1", 0, "100", "忻州"), row(4, "A3", 2, "100", "原平")]);
        assert_eq!(refused(&read), ["records.csv:3 row.bytes"]);
    }
}

/// Damage names its byte of the file as it was delivered, whatever its encoding.
#[test]
fn structural_damage_names_its_byte_of_the_file() {
    let long = "x".repeat(1 << 20);
    let rows_in =
        ["A0,$0,1.00,忻府区㐂𠮷", "A1,$0,1.00", "A2,$1,1.00,繁\"峙", "A3,$2,1.00,原\0平", "A4,$0,1.00,繁#峙\0", "A5,$0,1.00,long"];
    let text = file(&rows_in, "\r\n").replace("long", &long) + HEADER + "\r\n" + &file(&["A9,$0,\"忻\n府"], "\r\n")[HEADER.len() + 2..];
    let wide = |bytes: fn(u16) -> [u8; 2]| move |text: &str| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    let gb18030 = |text: &str| encoding_rs::GB18030.encode(text).0.into_owned();
    type Encode<'a> = Box<dyn Fn(&str) -> Vec<u8> + 'a>;
    let forms: [(&str, &[u8], &[u8], Encode); 5] = [
        ("utf-8", b"", &[0xFF], Box::new(|text| text.into())),
        ("utf-8-bom", &[0xEF, 0xBB, 0xBF], &[0xE5, 0xBF], Box::new(|text| text.into())),
        ("gb18030", b"", &[0xFF], Box::new(gb18030)),
        ("utf-16le", &[0xFF, 0xFE], &[0x42, 0xD8], Box::new(wide(u16::to_le_bytes))),
        ("utf-16be", &[0xFE, 0xFF], &[0xDC, 0x42], Box::new(wide(u16::to_be_bytes))),
    ];
    let expected = [
        ("row.fields", "A1,"),
        ("row.quote", "\"峙"),
        ("row.nul", "\0平"),
        ("row.nul", "\0\r\nA5"),
        ("row.size", "A5,"),
        ("row.header", HEADER),
        ("row.quote", "\"忻"),
        ("row.fields", "府\r\n"),
    ];
    for (encoding, mark, bad, encode) in forms {
        let (before, after) = text.split_once('#').expect("a place for damage");
        let bytes = [mark, &encode(before), bad, &encode(after)].concat();
        let read = read_records(&bytes);
        assert_eq!(rows(&read), [row(2, "A0", 0, "100", "忻府区㐂𠮷")], "{encoding}");
        assert_eq!(read.rejects.len(), expected.len(), "{encoding}: {:?}", refused(&read));
        for (reject, (rule, at)) in read.rejects.iter().zip(expected) {
            let start = if rule == "row.header" { text.rfind(at) } else { text.find(at) }.expect("its place");
            let is_behind = start > before.len();
            let (text, skipped) = if is_behind { (after, before.len() + 1) } else { (before, 0) };
            let byte = mark.len() + encode(&text[..start - skipped]).len() + if is_behind { encode(before).len() + bad.len() } else { 0 };
            assert_eq!(reject.rule, rule, "{encoding} {}", reject.line);
            assert!(reject.reason.ends_with(&format!("（文件第 {} 字节）", byte + 1)), "{encoding} {rule} {byte}: {}", reject.reason);
        }
    }
}

#[test]
fn bytes_that_are_no_text_name_the_first_of_them() {
    for (encoding, mark, bad) in [("utf-8", &b""[..], &[0xE5, 0xBF][..]), ("gb18030", b"", &[0xFF]), ("gb18030", b"", &[0x81, 0x30, 0x81])]
    {
        let (before, after) = (file(&["A1,$0,1.00,忻州", "A2,$1,1.00,繁"], "\n"), file(&["峙", "A3,$2,1.00,原平"], "\n"));
        let (before, after) = (before.trim_end(), &after[HEADER.len() + 1..]);
        let encode =
            |text: &str| if encoding == "utf-8" { text.as_bytes().to_vec() } else { encoding_rs::GB18030.encode(text).0.into_owned() };
        let read = read_records(&[mark, &encode(before), bad, &encode(after)].concat());
        assert_eq!(rows(&read), [row(2, "A1", 0, "100", "忻州"), row(4, "A3", 2, "100", "原平")], "{encoding}");
        let at = encode(before).len() + 1;
        assert!(read.rejects[0].reason.ends_with(&format!("（文件第 {at} 字节）")), "{encoding} {bad:?}: {}", read.rejects[0].reason);
    }
}

#[test]
fn delimiters_titles_and_headers() {
    for delimiter in [",", ";", "\t", "|"] {
        let code = CODES[0];
        let cells = |cells: &[&str]| cells.join(delimiter) + "\n";
        let text = String::from("忻州市报送表\n")
            + &cells(&["序号", " 备注", "UniSCID", "编\u{3000}号", "多余"])
            + &cells(&["1", "一", code, "A1", "x"]);
        let read = read_records(text.as_bytes());
        assert_eq!(rows(&read), [row(3, "A1", 0, "", "一")], "{delimiter}");
    }
}

#[test]
fn parts_may_differ_in_columns_and_repeat_keys_across_files() {
    let first = format!("编号,统一社会信用代码,金额\nA1,{},1\nA2,{},2\n", CODES[0], CODES[1]);
    let second = format!("备注,统一社会信用代码,编号\n三,{},A3\n二,{},A2\n", CODES[2], CODES[1]);
    let read = read_files(&[("records/2022-02.csv", second.as_bytes()), ("records/2022-01.csv", first.as_bytes())]);
    assert_eq!(rows(&read), [row(2, "A1", 0, "100", ""), row(3, "A2", 1, "200", ""), row(2, "A3", 2, "", "三")]);
    assert_eq!(refused(&read), ["records/2022-02.csv:3 key.duplicate"]);
    assert!(read.rejects[0].reason.contains("文件 records/2022-01.csv 第 3 行"), "{}", read.rejects[0].reason);
    assert_eq!(counts(&read), [4, 3, 0, 1]);
}

#[test]
fn the_greatest_version_is_current() {
    let text = format!(
        "编号,统一社会信用代码,申报版次,备注\nA1,{0},2,二\nA1,{0},,一\nA1,{0},3,三\nA1,{0},1,又一\nA2,{0},1,a\nA1,{0},x,坏\n",
        CODES[0]
    );
    let read = read_records(text.as_bytes());
    let kept: Vec<String> = rows(&read).iter().map(|row| row.replace(CODES[0], "$0")).collect();
    assert_eq!(kept, ["4: A1|$0|3|||||||||||||三", "6: A2|$0|1|||||||||||||a"]);
    assert_eq!(counts(&read), [6, 2, 2, 2]);
    assert_eq!(refused(&read), ["records.csv:5 key.duplicate", "records.csv:7 int.form"]);
    assert!(read.rejects[0].reason.contains("第 3 行"), "{}", read.rejects[0].reason);
}

#[test]
fn loose_keys_are_counted_and_strict_ones_refuse() {
    let stranger = "91350100M000100Y43";
    let text = format!("编号,统一社会信用代码,金融机构代码\nA1,{stranger},b01\nA2,{},B02\nA3,{stranger},\nA4,{stranger},B02\n", CODES[0]);
    let read = read_records(text.as_bytes());
    assert_eq!(counts(&read), [4, 2, 0, 2]);
    assert_eq!(refused(&read), ["records.csv:3 key.unknown", "records.csv:5 key.unknown"]);
    assert_eq!(read.files[1].unmatched, 2);
    let unmatched: Vec<_> = read.unmatched.iter().map(|entry| (entry.code.as_str(), entry.rows)).collect();
    assert_eq!(unmatched, [(stranger, 2)]);
}

#[test]
fn ids_of_registered_codes_are_their_rows() {
    let text = file(&["A1,$2,,", "A2,$0,,"], "\n");
    let read = read_records(text.as_bytes());
    let codes: Vec<&str> = (0..3).map(|id| read.codes.get(id as usize)).collect();
    assert_eq!(codes, CODES);
}

#[test]
fn persons_are_masked_in_rejects() {
    let old = "140902870207614";
    let text = format!("编号,统一社会信用代码,证件号码,金额,备注\nA1,{PERSON},{old},x,{PERSON}说\nA2,{},护照E12345678,y,\n", CODES[0]);
    let read = read_records(text.as_bytes());
    assert_eq!(read.rejects.len(), 5);
    for reject in &read.rejects {
        let shown = format!("{} {} {} {}", reject.key, reject.value, reject.reason, reject.raw);
        assert!(!shown.contains(PERSON) && !shown.contains(old) && !shown.contains("E12345678"), "{shown}");
    }
    assert_eq!(read.rejects[0].value, huiqi::uscc::mask(PERSON));
}

#[test]
fn a_cell_of_many_megabytes_costs_its_own_row() {
    let large = "x".repeat(20 << 20);
    for cell in [large.clone(), format!("\"{large}\"")] {
        let text = file(&["A1,$0,1.00,一", "A2,$1,1.00,#", "A3,$2,1.00,三"], "\n").replace('#', &cell);
        let read = read_records(text.as_bytes());
        assert_eq!(rows(&read), [row(2, "A1", 0, "100", "一"), row(4, "A3", 2, "100", "三")]);
        assert_eq!(refused(&read), ["records.csv:3 row.size"]);
        assert!(read.rejects[0].raw.len() > 20 << 20);
    }
}

/// Parts are cut every few megabytes: rows, lines and damage must not care where.
#[test]
fn cuts_fall_anywhere() {
    let mut text = format!("{HEADER}\n");
    let (mut line, mut good, mut bad) = (2, Vec::new(), Vec::new());
    for n in 0..60_000 {
        let code = CODES[n % 3];
        let padding = "忻".repeat(n % 97);
        match n % 1000 {
            0 => {
                text += &format!("K{n},{code},1.00,\"{padding}\n\n{padding},\"\"\"\n");
                good.push(line);
                line += 2;
            }
            500 => {
                text += &format!("K{n},{code},1.00,\"{padding}\n");
                bad.push(line);
            }
            _ => {
                text += &format!("K{n},{code},1.00,{padding}\n");
                good.push(line);
            }
        }
        line += 1;
    }
    assert!(text.len() > 8 << 20, "several parts");
    let read = read_records(text.as_bytes());
    assert_eq!(read.tables.raw[1].as_ref().expect("records").line, good);
    assert_eq!(read.rejects.iter().map(|reject| reject.line).collect::<Vec<_>>(), bad);
}

#[test]
fn files_of_nobody_are_named_and_lone_headers_are_empty_tables() {
    let header = format!("{HEADER}\n");
    let read = read_files(&[("records.csv", header.as_bytes()), ("读我.txt", b"x"), ("records.csv.bak", b"x")]);
    assert_eq!(counts(&read), [0, 0, 0, 0]);
    assert_eq!(read.tables.raw[1].as_ref().map(|table| table.frame.height()), Some(0));
    assert_eq!(read.strays.len(), 2, "{:?}", read.strays);
    let read = read_files(&[]);
    assert!(read.tables.raw[1].is_none());
    let read = read_files(&[("records.csv", b"")]);
    assert_eq!(refused(&read), ["records.csv:1 file.header"]);
}

#[test]
fn a_bad_row_in_a_table_of_the_pipeline_is_an_error() {
    let mut sources = support::sources();
    sources.raw[0].reference = true;
    let data = support::folder(&[("records.csv", file(&[], "\n").as_bytes())]);
    let tables = support::folder(&[("banks.csv", "金融机构代码,机构名称\nB1,\n".as_bytes())]);
    let error = read(&sources, data.path(), tables.path(), &huiqi::schema::all(&sources)).err().expect("an error").to_string();
    assert!(error.contains("banks.csv line 2: 机构名称"), "{error}");
}

#[test]
fn packed_files_read_as_plain_ones() {
    use std::io::Write;
    let text = file(&["A1,$0,1.00,一"], "\n");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(text.as_bytes()).expect("gzip");
    let gzip = gzip.finish().expect("gzip");
    let zstd = zstd::encode_all(text.as_bytes(), 3).expect("zstd");
    for (name, bytes) in [("records.csv.gz", gzip), ("records.csv.zst", zstd), ("records.CSV", text.into_bytes())] {
        assert_eq!(rows(&read_files(&[(name, &bytes)])), [row(2, "A1", 0, "100", "一")], "{name}");
    }
}

#[cfg(unix)]
#[test]
fn links_out_of_the_folder_are_not_followed() {
    use std::os::unix::fs::symlink;
    let outside = support::folder(&[("secret.csv", file(&["A1,$0,1.00,一"], "\n").as_bytes())]);
    let registrations = format!("统一社会信用代码,名称\n{},公司\n", CODES[0]);
    let inside = file(&["A2,$0,1.00,二"], "\n");
    let data = support::folder(&[("registrations.csv", registrations.as_bytes()), ("inside/a.csv", inside.as_bytes())]);
    let records = data.path().join("records");
    std::fs::create_dir(&records).expect("a folder");
    symlink(outside.path().join("secret.csv"), records.join("1.csv")).expect("a link");
    symlink("../../nowhere.csv", records.join("2.csv")).expect("a link");
    symlink("../inside/a.csv", records.join("3.csv")).expect("a link");
    let read = support::read_folder(data.path());
    assert_eq!(refused(&read), ["records/1.csv:1 file.link", "records/2.csv:1 file.link"]);
    assert_eq!(rows(&read), [row(2, "A2", 0, "100", "二")]);
    // A folder that is itself a link is where the user pointed.
    let link = outside.path().join("data");
    symlink(data.path(), &link).expect("a link");
    assert_eq!(rows(&support::read_folder(&link)).len(), 1);
    let folder = data.path().join("whole");
    std::fs::rename(&records, &folder).expect("a folder");
    symlink(outside.path(), &records).expect("a link");
    assert_eq!(refused(&support::read_folder(data.path())), ["records/secret.csv:1 file.link"]);
}

/// Headers as offices dress them up; and what a header is not.
#[test]
fn headers_are_matched_whatever_is_put_around_them() {
    let code = CODES[0];
    for (header, expected) in [
        ("*编号,统一社会信用代码（必填）,金额（元）,备注(选填)", format!("2: A1|{code}|1|||||||100||||||一")),
        ("编号＊,\"统一社会\n信用代码\",金额[元],＊备注", format!("2: A1|{code}|1|||||||100||||||一")),
        ("编号(必填)*,UniSCID,*金额（元）,备注", format!("2: A1|{code}|1|||||||100||||||一")),
        // No bracket that says what is expected: another column.
        ("编号,统一社会信用代码,金额（万元）,备注（县级）", format!("2: A1|{code}|1")),
        ("编号,统一社会信用代码,利率（%）,备注", format!("2: A1|{code}|1||||||||100000000|||||一")),
    ] {
        let read = read_records(format!("{header}\nA1,{code},1,一\n").as_bytes());
        let actual: Vec<String> = rows(&read).iter().map(|row| row.replacen("3: ", "2: ", 1)).collect();
        assert_eq!(actual, [expected], "{header}: {:?}", refused(&read));
    }
    for header in ["编号,统一社会信用代码,金额,金额（元）", "编号,统一社会信用代码,信用代码,金额", "编号,编号*,统一社会信用代码,金额"]
    {
        let read = read_records(format!("{header}\nA1,{code},1,1\n").as_bytes());
        assert_eq!(refused(&read), ["records.csv:1 file.header_twice"], "{header}");
        assert_eq!(read.files[1].refusals.len(), 1, "{header}");
    }
}

/// What a refused file lacks, and what stands in the place of it.
#[test]
fn what_stands_in_the_place_of_a_column() {
    for (text, says) in [
        (format!("编号,纳税人识别号,金额\nA1,{},1\n", CODES[0]), "统一社会信用代码（“纳税人识别号”的位置上应是“统一社会信用代码”）"),
        (format!("识别号,流水号,金额\n{},A1,1\n", CODES[0]), "“识别号”的位置上应是“统一社会信用代码”"),
        ("编号,企业,金额\nA1,某公司,1\n".to_string(), "统一社会信用代码（不认识的列：“企业”）"),
        ("编号,金额\nA1,1\n".to_string(), "缺少必需的列：统一社会信用代码；"),
        ("说明\n".to_string(), "没有一行是表头（必需的列：编号、统一社会信用代码）"),
    ] {
        let read = read_records(text.as_bytes());
        assert!(read.rejects[0].reason.contains(says), "{text}: {}", read.rejects[0].reason);
    }
}

/// What a file says of its money, above its header or in it; nobody judges here.
#[test]
fn units_that_a_file_says() {
    for (text, expected) in [
        ("报送表,,\n,,单位：万元\n编号,统一社会信用代码,金额\n", "万元"),
        ("报送表（金额单位：元）\n编号,统一社会信用代码,金额\n", "元"),
        ("计量单位:人、千美元\n编号,统一社会信用代码,金额\n", "千美元"),
        ("填报单位：某某局\n编号,统一社会信用代码,金额\n", ""),
        ("编号,统一社会信用代码,金额（亿元）\n", "亿元@金额"),
        ("编号,统一社会信用代码,*金额【元】\n", "元@金额"),
        // 人数 is no money.
        ("编号,统一社会信用代码,人数（万元）\n", ""),
        ("编号,统一社会信用代码,金额\n单位：万元,,\n", ""),
    ] {
        let read = read_records(format!("{text}A1,{},1\n", CODES[0]).as_bytes());
        let columns = support::sources().raw[1].columns.clone();
        let seen = |unit: &huiqi::sources::UnitSeen| match unit.column {
            Some(column) => format!("{}@{}", unit.unit, columns[column].name),
            None => unit.unit.clone(),
        };
        let seen: Vec<String> = read.files[1].units.iter().map(seen).collect();
        assert_eq!(seen.join(" "), expected, "{text}");
    }
}

/// Texts that stand for nothing are nothing where nothing may stand; a text column may mean them.
#[test]
fn nothing_is_written_in_many_ways() {
    for nothing in ["-", "—", "——", "/", "无", "N/A", "NULL", "\\N", "－", " - ", "Ｎ／Ａ"] {
        let header = "编号,统一社会信用代码,证件号码,金融机构代码,客户类型,日期,时间,人数,金额,利率,面积,是否,区划代码,行业代码,备注";
        let cells = [nothing; 12].join(",");
        let read = read_records(format!("{header}\nA1,{},{cells},{nothing}\n", CODES[0]).as_bytes());
        assert_eq!(rows(&read), [format!("2: A1|{}|1|||||||||||||{}", CODES[0], nothing.trim())], "{nothing}: {:?}", refused(&read));
        let read = read_records(format!("编号,统一社会信用代码\n{nothing},{}\n", CODES[0]).as_bytes());
        assert_eq!(refused(&read), ["records.csv:2 value.required"], "{nothing}");
        assert!(read.rejects[0].reason.contains("直接留空"), "{}", read.rejects[0].reason);
    }
    for something in ["--", "无无", "n/a", "空"] {
        let read = read_records(format!("编号,统一社会信用代码,金额\nA1,{},{something}\n", CODES[0]).as_bytes());
        assert_eq!(refused(&read), ["records.csv:2 money.form"], "{something}");
    }
    // What a column declares is all that is nothing in it; what an enum has is a value.
    let mut sources = support::sources();
    let column = |name: &str| sources.raw[1].column(name).expect("a column");
    let (money, kind) = (column("金额"), column("客户类型"));
    sources.raw[1].columns[money].missing_values = vec!["暂缺".into()];
    if let huiqi::schema::ColumnKind::Enum(options) = &mut sources.raw[1].columns[kind].kind {
        options.values.push("无".into());
    }
    let text = format!("编号,统一社会信用代码,金额,客户类型\nA1,{0},暂缺,无\nA2,{0},-,微型企业\n", CODES[0]);
    let registered = format!("统一社会信用代码,名称\n{},公司\n", CODES[0]);
    let folder = support::folder(&[("records.csv", text.as_bytes()), ("registrations.csv", registered.as_bytes())]);
    let read = read(&sources, folder.path(), folder.path(), &huiqi::schema::all(&sources)).expect("tables");
    assert_eq!(support::rows_of(&read, &sources.raw[1]), [format!("2: A1|{}|1|||无", CODES[0])]);
    assert_eq!(refused(&read), ["records.csv:3 money.form"]);
}

/// Numbers in a declared unit are converted exactly; a cell may still say its own.
#[test]
fn money_in_a_declared_unit() {
    use huiqi::money::Unit;
    let mut sources = support::sources();
    let money = sources.raw[1].column("金额").expect("a column");
    let units = Unit::spellings("万元").expect("units");
    (sources.raw[1].columns[money].unit, sources.raw[1].columns[money].units) = (Unit::new("万元", "10000"), units);
    let cells = ["59.96", "0.000001", "100元", "\"1,234.5\"", "3(万)", "0.0000001", "99999999999"];
    let lines: Vec<String> = cells.iter().zip(1..).map(|(cell, n)| format!("A{n},{},{cell}\n", CODES[0])).collect();
    let text = format!("编号,统一社会信用代码,金额（万元）\n{}", lines.concat());
    let registered = format!("统一社会信用代码,名称\n{},公司\n", CODES[0]);
    let folder = support::folder(&[("records.csv", text.as_bytes()), ("registrations.csv", registered.as_bytes())]);
    let read = read(&sources, folder.path(), folder.path(), &huiqi::schema::all(&sources)).expect("tables");
    let fen: Vec<String> =
        support::rows_of(&read, &sources.raw[1]).iter().filter_map(|row| Some(row.rsplit('|').next()?.to_string())).collect();
    assert_eq!(fen, ["59960000", "1", "10000", "1234500000", "3000000"]);
    assert_eq!(refused(&read), ["records.csv:7 money.scale", "records.csv:8 money.range"]);
}

/// Files that no source takes, and whose they may be.
#[test]
fn strays_and_whose_they_may_be() {
    use huiqi::sources::Kin;
    let read = read_files(&[
        ("records.csv", b"\xEF\xBB\xBF"),
        ("records.zip", b"PK"),
        ("Records（终稿）.CSV", b""),
        ("records名录 2022年12月.doc", b""),
        ("收到/2022/records_2.xlsx", b""),
        ("收到/说明.txt", b""),
        ("registrations/旧/1.csv", b""),
        ("~$records.xlsx", b""),
        (".~lock.records.csv#", b""),
        ("banks/Thumbs.db", b""),
    ]);
    let kin = |kin| match kin {
        Kin::Source(source) => support::sources()[source].name.clone(),
        Kin::Nobody => String::new(),
        Kin::Reference(_) => "reference".into(),
    };
    let strays: Vec<String> = read.strays.iter().map(|stray| format!("{} {}", stray.path, kin(stray.kin))).collect();
    let expected = [
        "Records（终稿）.CSV records",
        "records.zip records",
        "records名录 2022年12月.doc records",
        "registrations/旧/1.csv registrations",
        "收到/2022/records_2.xlsx records",
        "收到/说明.txt ",
    ];
    assert_eq!(strays, expected);
    assert_eq!(read.twice, []);
    let twice = read_files(&[("records.csv", b""), ("records名录.txt", b""), ("records/1.csv", b""), ("banks/1.csv", b"")]);
    let places = |names: &[&str]| names.iter().map(|name| name.to_string()).collect::<Vec<_>>();
    assert_eq!(
        twice.twice,
        [(0.into(), places(&["banks", "banks.csv"])), (1.into(), places(&["records", "records.csv", "records名录.txt"]))]
    );
}
