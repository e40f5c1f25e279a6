//! Every kind of finding, each from one change to a run that holds. Where the change is not about the files' hashes, the
//! manifest is brought in line with it, so that the finding comes from what the file says.

use crate::house::*;
use huiqi::publish::{Check, Finding, Manifest, verify};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A published run that may be tampered with.
struct Run {
    _out: tempfile::TempDir,
    folder: PathBuf,
}

impl Run {
    fn new() -> Run {
        let out = folder();
        let folder = publish(out.path(), manifest("1")).expect("published").folder;
        Run { _out: out, folder }
    }

    fn write(&self, file: &str, bytes: &[u8]) {
        let path = self.folder.join(file);
        let _ = fs::remove_file(&path);
        fs::write(path, bytes).expect("written");
    }

    fn read(&self, file: &str) -> String {
        String::from_utf8(fs::read(self.folder.join(file)).expect("file")).expect("UTF-8")
    }

    fn change_manifest(&self, change: impl FnOnce(&mut Manifest)) {
        let mut manifest = Manifest::read(&self.folder).expect("manifest");
        change(&mut manifest);
        self.write("manifest.json", &manifest.to_bytes());
    }

    /// Replaces a piece of a file once; the manifest goes along.
    #[track_caller]
    fn change(&self, file: &str, from: &str, to: &str) {
        let text = self.read(file);
        assert!(text.contains(from), "{file} has no {from}");
        let text = text.replacen(from, to, 1);
        self.write(file, text.as_bytes());
        self.change_manifest(|manifest| {
            let record = manifest.files.get_mut(file).expect("listed");
            record.bytes = text.len() as u64;
            record.sha256 = Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        });
    }

    fn findings(&self) -> Vec<Finding> {
        verify(&self.folder).err().unwrap_or_default()
    }

    /// Expects findings of exactly these checks, the first of them at a file and line.
    #[track_caller]
    fn finds(&self, checks: &[Check], file: &str, line: Option<u64>) {
        let findings = self.findings();
        let found: BTreeSet<Check> = findings.iter().map(|finding| finding.check).collect();
        let all: Vec<String> = findings.iter().map(Finding::to_string).collect();
        assert_eq!(found, checks.iter().copied().collect(), "{all:#?}");
        let is_there = findings.iter().any(|finding| (finding.check, &*finding.file, finding.line) == (checks[0], file, line));
        assert!(is_there, "{all:#?}");
    }
}

const AWARDS_FILE: &str = "ledger/awards.csv";

/// Changes a published file, with the manifest, and expects findings.
#[track_caller]
fn changed(file: &str, from: &str, to: &str, checks: &[Check], line: Option<u64>) {
    let run = Run::new();
    run.change(file, from, to);
    run.finds(checks, file, line);
}

#[test]
fn an_untouched_run_holds() {
    assert_eq!(Run::new().findings(), []);
}

#[test]
fn unreadable_manifest() {
    let run = Run::new();
    run.write("manifest.json", b"{");
    run.finds(&[Check::Manifest], "manifest.json", None);
    fs::remove_file(run.folder.join("manifest.json")).expect("removed");
    run.finds(&[Check::Manifest], "manifest.json", None);
    assert!(verify(Path::new("/nowhere/at/all")).is_err());
}

#[test]
fn run_name() {
    let run = Run::new();
    run.change_manifest(|manifest| manifest.parameters.clear());
    run.finds(&[Check::RunName], "manifest.json", None);
    let run = Run::new();
    run.change_manifest(|manifest| manifest.as_of = "2022-02-30".into());
    run.finds(&[Check::RunName], "manifest.json", None);
}

#[test]
fn missing() {
    let run = Run::new();
    fs::remove_file(run.folder.join("report.html")).expect("removed");
    run.finds(&[Check::Missing], "report.html", None);
    let run = Run::new();
    fs::remove_file(run.folder.join(AWARDS_FILE)).expect("removed");
    run.change_manifest(|manifest| drop(manifest.files.remove(AWARDS_FILE)));
    run.finds(&[Check::Missing, Check::Summary, Check::Totals], AWARDS_FILE, None);
}

#[test]
fn foreign() {
    let run = Run::new();
    run.write("kpi.csv", b"");
    run.finds(&[Check::Foreign], "kpi.csv", None);
}

#[test]
fn changed_bytes() {
    let run = Run::new();
    run.write("report.html", b"<p></p>");
    run.finds(&[Check::Changed], "report.html", None);
    let run = Run::new();
    run.write("report.html", run.read("report.html").replace("<p>", "<q>").as_bytes());
    run.finds(&[Check::Changed], "report.html", None);
}

#[test]
fn form() {
    changed(AWARDS_FILE, "\u{FEFF}", "", &[Check::Form], Some(1));
    changed(AWARDS_FILE, ",xinzhou-2022\r\n", ",xinzhou-2022\n", &[Check::Form], Some(2));
    changed(AWARDS_FILE, "市科技局", "\"市科技局\"", &[Check::Form], Some(2));
    changed("quality/rejects.csv", "甲\r\n", "甲\r\n\r\n", &[Check::Form], Some(3));
    changed("quality/rejects.csv", "\"\"y\"", "\"\"y", &[Check::Form, Check::Rejects, Check::Rows], Some(4));
    changed("near_misses.csv", ",450000.00,", ",", &[Check::Form], Some(2));
}

#[test]
fn not_utf8() {
    let run = Run::new();
    let file = "near_misses.csv";
    let mut bytes = run.read(file).into_bytes();
    let at = bytes.iter().rposition(|&byte| byte == b'-').expect("sign");
    bytes[at] = 0xFF;
    run.write(file, &bytes);
    run.finds(&[Check::Form, Check::Changed], file, Some(3));
}

#[test]
fn columns() {
    changed(AWARDS_FILE, "核减金额,核减原因", "核减原因,核减金额", &[Check::Columns, Check::Summary, Check::Totals], Some(1));
    changed("near_misses.csv", "阈值", "界限", &[Check::Columns], Some(1));
}

#[test]
fn rows() {
    let run = Run::new();
    run.change_manifest(|manifest| manifest.files.get_mut("near_misses.csv").expect("listed").rows = Some(3));
    run.finds(&[Check::Rows], "near_misses.csv", None);
}

#[test]
fn cell() {
    changed(AWARDS_FILE, "A3,43-1-tech-purchase", "A3,", &[Check::Cell, Check::Order, Check::Summary], Some(4));
    changed(AWARDS_FILE, "可兑付,市级财政", "可兑付,", &[Check::Cell, Check::Summary], Some(4));
    changed(
        "ledger/reliefs.csv",
        "补助,“甲”\"\"乙\"\"\",减免",
        "补助,“甲”\"\"乙\"\"\",名单",
        &[Check::Cell, Check::Amount, Check::Summary, Check::Totals],
        Some(2),
    );
    for amount in ["50000", "050000.00", "50,000.00", "5E4", "+50000.00", "50000.000", "-0.00"] {
        let quoted = if amount.contains(',') { format!("\"{amount}\"") } else { amount.to_owned() };
        let reason = "单个成果上限,";
        changed(
            AWARDS_FILE,
            &format!("{reason}50000.00"),
            &format!("{reason}{quoted}"),
            &[Check::Cell, Check::Summary, Check::Totals],
            Some(4),
        );
    }
    changed("ledger/summary.csv", "措施,12-1", "条款,12-1", &[Check::Cell, Check::Summary], Some(3));
    changed("ledger/summary.csv", "奖补,2,3,0", "奖补,2,3,x", &[Check::Cell], Some(7));
    changed("quality/rejects.csv", "registrations.csv,3", "registrations.csv,0", &[Check::Cell], Some(2));
    changed("quality/sources.csv", ",10,8,0,2,0", ",10,8,,2,0", &[Check::Cell, Check::Inputs, Check::Rejects], Some(2));
}

#[test]
fn formula() {
    changed(AWARDS_FILE, "'=甲公司", "=甲公司", &[Check::Formula], Some(2));
    changed("quality/rejects.csv", "'-,", "-,", &[Check::Formula], Some(2));
}

#[test]
fn amount() {
    let reason = "单个成果上限";
    let cell = format!("60000.00,10000.00,{reason},50000.00");
    let to = |text: &str| text.replace('R', reason);
    changed(AWARDS_FILE, &cell, &to("60000.00,10000.01,R,50000.00"), &[Check::Amount], Some(4));
    changed(AWARDS_FILE, &cell, &to("60000.00,10000.00,,50000.00"), &[Check::Amount], Some(4));
    changed(AWARDS_FILE, &cell, &to("40000.00,-10000.00,R,50000.00"), &[Check::Amount], Some(4));
    changed(AWARDS_FILE, &cell, &to(",,R,50000.00"), &[Check::Amount, Check::Summary, Check::Totals], Some(4));
    changed(AWARDS_FILE, &cell, ",,,", &[Check::Amount, Check::Summary, Check::Totals], Some(4));
    changed(AWARDS_FILE, "2022,,,,,,待定标准", "2022,1.00,0.00,,1.00,,待定标准", &[Check::Amount, Check::Summary, Check::Totals], Some(2));
    changed("ledger/entitlements.csv", ",2022,,,,,,符合", ",2022,1.00,1.00,上限,0.00,,符合", &[Check::Amount], Some(3));
}

#[test]
fn order() {
    // Near misses stand by their distance within a measure: only the measures are in order.
    changed("near_misses.csv", "14-1-vat-exemption,第十四条,91140902", "14-2-small-profit,第十四条,91140902", &[Check::Order], Some(3));
    changed(AWARDS_FILE, "HT1|P2", "HT1|P1", &[Check::Order], Some(5));
    changed(AWARDS_FILE, "HT1|P2", "HT1|P0", &[Check::Order], Some(5));
}

#[test]
fn award_number() {
    changed(AWARDS_FILE, "A4,", "A3,", &[Check::AwardNumber], Some(5));
    changed("ledger/reliefs.csv", "R2,", "A3,", &[Check::AwardNumber], Some(3));
}

#[test]
fn summary() {
    let file = "ledger/summary.csv";
    changed(file, "43-1-tech-purchase,奖补,2,3,0,0,,50000.00", "43-1-tech-purchase,奖补,2,3,0,0,,50000.01", &[Check::Summary], Some(7));
    changed(file, "43-1-tech-purchase,奖补,2,3", "43-1-tech-purchase,奖补,3,3", &[Check::Summary], Some(7));
    changed(file, "12-1-startup-loan-interest,奖补,0,3,0,2", "12-1-startup-loan-interest,奖补,2,3,0,0", &[Check::Summary], Some(3));
    changed(file, "140921,抵扣", "140922,抵扣", &[Check::Summary], Some(12));
    changed(file, "未载明,奖补", "市级财政,奖补", &[Check::Summary], Some(16));
    changed(file, "出资方,承办银行,额度,1,3,0,0,,300000.00\r\n", "", &[Check::Summary, Check::Rows], None);
    // What is moved between two groups keeps every total.
    let run = Run::new();
    run.change(file, "140902,奖补,2,3,0,0,,50000.00", "140902,奖补,2,3,0,0,,49999.00");
    run.change(file, "未登记,奖补,0,3,0,2,,0.00", "未登记,奖补,0,3,0,2,,1.00");
    run.finds(&[Check::Summary], file, Some(10));
}

#[test]
fn sums_that_leave_128_bits_are_no_sums() {
    let huge = format!("{}.00", i128::MAX / 100);
    let run = Run::new();
    let file = "ledger/reliefs.csv";
    run.change(file, "3514.05,0.00,,3514.05", &format!("{huge},0.00,,{huge}"));
    run.change(file, "减免", "抵扣");
    run.finds(&[Check::Summary, Check::Totals], "ledger/summary.csv", None);
}

#[test]
fn totals() {
    let run = Run::new();
    run.change_manifest(|manifest| manifest.totals.get_mut("奖补").expect("kind").amount = "50000.01".into());
    run.finds(&[Check::Totals], "manifest.json", None);
    let run = Run::new();
    run.change_manifest(|manifest| drop(manifest.totals.remove("名单")));
    run.finds(&[Check::Totals], "manifest.json", None);
}

#[test]
fn counts() {
    let run = Run::new();
    run.change("quality/sources.csv", ",10,8,0,2,0", ",11,8,0,2,0");
    run.change_manifest(|manifest| {
        manifest.inputs[0].counts.rows = 11;
        manifest.sources.get_mut("registrations").expect("source").rows = 11;
    });
    run.finds(&[Check::Counts], "quality/sources.csv", Some(2));
}

#[test]
fn rejects() {
    let run = Run::new();
    run.change("quality/rejects.csv", "registrations.csv,7", "registrations.csv,3");
    run.finds(&[Check::Rejects], "quality/sources.csv", Some(2));
    changed("quality/rejects.csv", "registrations.csv,7", "other.csv,7", &[Check::Rejects], None);
}

#[test]
fn inputs() {
    let run = Run::new();
    run.change("quality/sources.csv", "UTF-8,00", "UTF-8,10");
    run.finds(&[Check::Inputs], "manifest.json", None);
    let run = Run::new();
    run.change_manifest(|manifest| manifest.sources.get_mut("vat_returns").expect("source").unmatched = 2);
    run.finds(&[Check::Inputs], "manifest.json", None);
}

#[test]
fn person() {
    let subject = "91140902820939275N,甲公司";
    for number in ["11010519491231002X", "11010519491231002x", "１１０１０５19491231002Ｘ"] {
        changed("near_misses.csv", subject, &format!("91140902820939275N,{number}"), &[Check::Person], Some(2));
    }
    changed("report.html", "91140902820939275N", "11010519491231002X", &[Check::Person], Some(1));
    // A longer run of characters, and a number that is none, name nobody.
    let run = Run::new();
    run.change("near_misses.csv", subject, "91140902820939275N,11010519491231002X0 110105194912310021");
    assert_eq!(run.findings(), []);
}

#[test]
fn findings_of_one_kind_are_counted_beyond_the_first() {
    let run = Run::new();
    let row = run.read("quality/rejects.csv").lines().nth(1).expect("row").to_owned();
    run.change("quality/rejects.csv", "\r\n", &format!("\r\n{}", format!("{row}\n").repeat(30)));
    let findings = run.findings();
    assert_eq!(findings.iter().filter(|finding| finding.check == Check::Form).count(), 21);
    assert!(findings.iter().any(|finding| finding.to_string() == "quality/rejects.csv: form: 10 more of these"), "{findings:?}");
}

/// A new check has a case above: the name of its test, or of the code in it.
#[test]
fn every_check_has_a_case() {
    let cases = include_str!("tampered.rs");
    let lacking: Vec<&str> = Check::ALL
        .iter()
        .filter(|(check, _)| !cases.contains(&format!("&[Check::{check:?}")))
        .map(|(check, code)| {
            assert_eq!(check.code(), *code);
            *code
        })
        .collect();
    assert_eq!(lacking, Vec::<&str>::new());
}
