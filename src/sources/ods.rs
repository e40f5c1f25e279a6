//! Merged cells of an OpenDocument workbook, which its reader does not tell.

use super::fault::{FileFault, Unread, unread};
use calamine::Dimensions;
use std::io::{Cursor, Read};
use zip::ZipArchive;

/// The merges of a sheet over several rows or columns.
pub fn merges(bytes: &[u8], sheet: &str) -> Result<Vec<Dimensions>, FileFault> {
    let mut content = String::new();
    let mut package = ZipArchive::new(Cursor::new(bytes)).map_err(|error| unread(Unread::Damaged, error))?;
    let mut part = package.by_name("content.xml").map_err(|error| unread(Unread::Damaged, error))?;
    part.read_to_string(&mut content).map_err(|error| unread(Unread::Damaged, error))?;
    Ok(in_content(&content, sheet))
}

fn in_content(content: &str, sheet: &str) -> Vec<Dimensions> {
    let (mut merges, mut is_wanted, mut row, mut place, mut repeated) = (Vec::new(), false, 0u32, 0u32, 1);
    for tag in content.split('<').filter_map(|rest| rest.split_once('>')).map(|(tag, _)| tag) {
        let name = tag.split(|c: char| c.is_whitespace() || c == '/').find(|part| !part.is_empty()).unwrap_or_default();
        let (ends, is_whole) = (tag.starts_with('/'), tag.ends_with('/'));
        match name {
            "table:table" if !ends => {
                is_wanted = attribute(tag, "table:name").is_some_and(|name| unescaped(name) == sheet);
                row = 0;
            }
            "table:table-row" => {
                if !ends {
                    (place, repeated) = (0, count(tag, "table:number-rows-repeated"));
                }
                if ends || is_whole {
                    row = row.saturating_add(repeated);
                }
            }
            "table:table-cell" | "table:covered-table-cell" if !ends && is_wanted => {
                let (rows, columns) = (count(tag, "table:number-rows-spanned"), count(tag, "table:number-columns-spanned"));
                if rows > 1 || columns > 1 {
                    merges.push(Dimensions::new((row, place), (row.saturating_add(rows - 1), place.saturating_add(columns - 1))));
                }
                place = place.saturating_add(count(tag, "table:number-columns-repeated"));
            }
            _ => {}
        }
    }
    merges
}

fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let at = tag.find(&format!("{name}="))? + name.len() + 1;
    let quote = tag.get(at..)?.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    tag[at + 1..].split(quote).next()
}

/// How often, or how many; once where nothing is said.
fn count(tag: &str, name: &str) -> u32 {
    attribute(tag, name).and_then(|count| count.parse().ok()).filter(|count| *count > 0).unwrap_or(1)
}

fn unescaped(text: &str) -> String {
    let pairs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    pairs.iter().fold(text.to_owned(), |text, (written, meant)| text.replace(written, meant))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merges_of_one_sheet() {
        let row = r#"<table:table-row><table:table-cell table:number-columns-repeated="2"/><table:table-cell table:number-columns-spanned="1" table:number-rows-spanned="3"><text:p>1</text:p></table:table-cell></table:table-row>"#;
        let content = format!(
            r#"<table:table table:name="甲&amp;乙"><table:table-row table:number-rows-repeated="4"><table:table-cell/></table:table-row>{row}</table:table><table:table table:name="丙">{row}</table:table>"#
        );
        assert_eq!(in_content(&content, "甲&乙"), [Dimensions::new((4, 2), (6, 2))]);
        assert_eq!(in_content(&content, "丙"), [Dimensions::new((0, 2), (2, 2))]);
        assert_eq!(in_content(&content, "丁"), []);
    }
}
