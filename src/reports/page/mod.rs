//! report.html: one page of a run for people who open no table: totals, counties, the funnel of every measure, indicators against their
//! targets, what is missing, and the state of the data.
//!
//! The page stands by itself: no script, no font, no picture from elsewhere. It says nothing that the tables do not say, and names no
//! enterprise and no person. Numbers are formatted here; words stand in the template beside this file, which escapes every value.

mod data;
mod indicators;
mod measures;
mod totals;

use super::Funnel;
use crate::delivery::Finding;
use crate::indicators::Kpis;
use crate::ledger::{Summary, Undetermined};
use crate::period;
use crate::policy::model::Pipeline;
use crate::sources::CheckedTables;
use minijinja::Environment;
use minijinja::value::Serde;
use serde::Serialize;
use std::collections::BTreeMap;

/// What the page is made from.
pub struct Contents<'a> {
    pub pipeline: &'a Pipeline,
    pub run: &'a str,
    /// Days since 1970-01-01.
    pub as_of: i32,
    /// Whether only some measures were computed.
    pub partial: bool,
    /// The values that the run set: name and value.
    pub parameters: &'a BTreeMap<String, String>,
    pub summary: &'a [Summary],
    pub funnels: &'a [Funnel],
    pub undetermined: &'a [Undetermined<'a>],
    pub kpis: &'a Kpis,
    pub data: &'a CheckedTables,
    /// Of the delivery, in their order.
    pub findings: &'a [Finding],
    /// Near misses of the run.
    pub near_misses: u64,
}

/// A length of text and the bar beside it.
#[derive(Serialize)]
struct Bar {
    text: String,
    /// Width in percent of the widest, with one decimal.
    width: String,
}

/// The page of a run.
pub const REPORT_FILE: &str = "report.html";

const TEMPLATE: &str = include_str!("report.html");

/// The page. An error is a mistake in the template.
pub fn report(contents: &Contents<'_>) -> Result<String, minijinja::Error> {
    let mut templates = Environment::new();
    templates.add_template(REPORT_FILE, TEMPLATE)?;
    templates.get_template(REPORT_FILE)?.render(Serde(Page::of(contents)))
}

/// What the template is filled with.
#[derive(Serialize)]
struct Page<'a> {
    title: &'a str,
    number: &'a str,
    as_of: String,
    run: &'a str,
    version: &'a str,
    partial: bool,
    /// The notice may have lapsed.
    lapsed: Option<&'a str>,
    parameters: &'a BTreeMap<String, String>,
    warnings: &'a [String],
    kinds: Vec<totals::KindTotal>,
    payers: Vec<totals::Payer>,
    counties: Vec<totals::Chart>,
    chapters: Vec<measures::Chapter>,
    targets: Option<indicators::Table<'a>>,
    reached: BTreeMap<&'a str, usize>,
    kpis: Vec<indicators::Table<'a>>,
    findings: &'a [Finding],
    lacking: Vec<data::Lacking>,
    files: Vec<data::File>,
    undelivered: Vec<data::Undelivered>,
    refused: Vec<data::Refused>,
    near_misses: String,
}

impl<'a> Page<'a> {
    fn of(contents: &Contents<'a>) -> Page<'a> {
        let document = &contents.pipeline.document;
        let lapsed = document.review_after.as_ref().filter(|(last, _)| contents.as_of > *last);
        Page {
            title: &document.title,
            number: &document.number,
            as_of: period::format_date(contents.as_of),
            run: contents.run,
            version: &contents.pipeline.sha256[..8],
            partial: contents.partial,
            lapsed: lapsed.map(|(_, note)| note.as_str()),
            parameters: contents.parameters,
            warnings: &contents.kpis.warnings,
            kinds: totals::kinds(contents),
            payers: totals::payers(contents),
            counties: totals::counties(contents),
            chapters: measures::chapters(contents),
            targets: indicators::targets(contents.kpis),
            reached: indicators::reached(contents.kpis),
            kpis: indicators::tables(contents.kpis),
            findings: contents.findings,
            lacking: data::lacking(contents.undetermined),
            files: data::files(contents),
            undelivered: data::undelivered(contents),
            refused: data::refused(contents),
            near_misses: count(contents.near_misses),
        }
    }
}

/// `1,234`.
fn count(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A bar as wide as `part` of `widest`.
fn bar(text: String, part: u128, widest: u128) -> Bar {
    let thousandths = (part * 1000).checked_div(widest).unwrap_or(0);
    Bar { text, width: format!("{}.{}", thousandths / 10, thousandths % 10) }
}
