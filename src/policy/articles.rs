//! The title page, the articles as they stand, and what is not computed.

use super::model::*;
use super::parameters::{self, Units};
use super::roles::RawRoles;
use super::toml::Table;
use crate::diagnostic::Text;
use std::collections::BTreeMap;

/// `pipeline.toml`, read.
pub struct Title {
    pub policy: String,
    pub document: Document,
    pub counties: BTreeMap<String, String>,
    pub calendar: Option<(Text, i32, i32)>,
    /// The name of the fact that sorts subjects by their size.
    pub size: Option<Text>,
    pub units: Units,
    pub roles: RawRoles,
    pub chapters: Vec<Chapter>,
    pub examples: BTreeMap<String, Cells>,
}

pub fn read_title(t: Table<'_>) -> Option<Title> {
    let policy = t.need_text("policy");
    let document = t.need("document").and_then(|v| v.table()).and_then(read_document);
    let counties = t.table("counties").map(super::cases::cells).unwrap_or_default().into_iter().collect();
    let calendar = t.table("working_days").and_then(|c| {
        let (table, from, to) = (c.need_text("table"), c.text("from"), c.text("to"));
        let (from, to) = (parameters::date(from, &c), parameters::date(to, &c));
        c.finish();
        Some((table?, from?, to?))
    });
    let size = t.text("size");
    let units = Units::read(t.table("units"));
    let roles = t.table("roles").map(RawRoles::read).unwrap_or_default();
    let chapters = t.table("articles").map(|a| {
        a.string("file");
        let chapters = a.tables("chapters").into_iter().filter_map(read_chapter).collect();
        a.finish();
        chapters
    });
    let mut examples = BTreeMap::new();
    for (source, cells) in t.table("example").map(|e| e.entries()).unwrap_or_default() {
        if let Some(row) = cells.table() {
            examples.insert(source.value, super::cases::cells(row));
        }
    }
    t.finish();
    Some(Title {
        policy: policy?.value,
        document: document?,
        counties,
        calendar,
        size,
        units,
        roles,
        chapters: chapters.unwrap_or_default(),
        examples,
    })
}

fn read_document(t: Table<'_>) -> Option<Document> {
    let from = t.need_text("effective_from");
    let effective_from = parameters::date(from, &t);
    let review = parameters::date(t.text("review_after"), &t).zip(t.string("review_note"));
    let (title, number, issuer) = (t.need_text("title"), t.need_text("number"), t.string("issuer"));
    t.text("issued");
    t.finish();
    Some(Document {
        title: title?.value,
        number: number?.value,
        issuer: issuer.unwrap_or_default(),
        effective_from: effective_from?,
        review_after: review,
    })
}

fn number(t: &Table<'_>, key: &'static str) -> Option<u32> {
    u32::try_from(t.need(key)?.integer()?).ok()
}

fn read_chapter(t: Table<'_>) -> Option<Chapter> {
    let title = t.need_text("title")?;
    let chapter = Chapter { first: number(&t, "first")?, last: number(&t, "last")?, place: title.place, title: title.value };
    t.finish();
    Some(chapter)
}

/// Any file of `articles/`: `[[article]]` and `[[not_computed]]` entries.
pub fn read_articles(t: Table<'_>, texts: &mut Vec<ArticleText>, not_computed: &mut Vec<NotComputed>) {
    for a in t.tables("article") {
        let (number, title, text) = (number(&a, "number"), a.need_text("title"), a.need_text("text"));
        let offices = a.strings("offices");
        a.finish();
        if let (Some(number), Some(title), Some(text)) = (number, title, text) {
            texts.push(ArticleText { number, place: title.place, title: title.value, text: text.value, offices });
        }
    }
    for n in t.tables("not_computed") {
        let promise = n.need_text("promise");
        let entry = NotComputed {
            article: number(&n, "article").unwrap_or_default(),
            place: promise.as_ref().map_or_else(|| n.place(), |p| p.place.clone()),
            promise: promise.map(|p| p.value).unwrap_or_default(),
            reason: n.need_text("reason").map(|t| t.value).unwrap_or_default(),
            offices: n.strings("offices"),
            data: n.string("data").unwrap_or_default(),
            figures: n.strings("figures"),
            served_by: n.string("served_by"),
        };
        n.finish();
        not_computed.push(entry);
    }
    t.finish();
}
