//! A table that nobody declares → a source file to begin with.

use super::column::ColumnProfile;
use std::fmt::Write;

/// A source file for a table, to be read by a person before it is used.
pub fn source_file(stem: &str, columns: &[ColumnProfile], rows: u64) -> String {
    let mut text = format!("name        = {}\ntitle       = {}\ndepartment  = \"\"\n", quoted(stem), quoted(stem));
    let unique = |column: &&ColumnProfile| column.missing == 0 && column.seen.repeated == 0 && rows > 0;
    let key = columns.iter().find(unique);
    let nearest = columns.iter().filter(|column| matches!(column.guess.kind(column.seen.repeated), "uscc" | "id" | "code"));
    let nearest = nearest.max_by_key(|column| column.seen.distinct()).or(columns.first());
    if let Some(column) = key.or(nearest) {
        let _ = write!(text, "primary_key = [{}]", quoted(&column.header));
        if key.is_none() {
            let _ = write!(text, "   # repeated in {} rows, empty in {}: no column alone is a key", column.seen.repeated, column.missing);
        }
        text.push('\n');
    }
    let mut nothing: Vec<&String> = columns.iter().flat_map(|column| column.guess.nothing.keys()).collect();
    nothing.sort();
    nothing.dedup();
    if !nothing.is_empty() {
        let list: Vec<String> = nothing.into_iter().map(|value| quoted(value)).collect();
        let _ = writeln!(text, "missing_values = [{}]", list.join(", "));
    }
    for column in columns {
        write_column(&mut text, column);
    }
    text
}

fn write_column(text: &mut String, column: &ColumnProfile) {
    let guess = &column.guess;
    let kind = if guess.filled == 0 { "text" } else { guess.kind(column.seen.repeated) };
    let _ = write!(text, "\n[[column]]\nname = {}\ntype = \"{kind}\"\n", quoted(&column.header));
    if column.missing == 0 && guess.filled > 0 {
        text.push_str("required = true\n");
    }
    if kind == "enum" {
        let values: Vec<String> = guess.choices.keys().map(|value| quoted(value)).collect();
        let _ = writeln!(text, "values = [{}]", values.join(", "));
    }
    let units = guess.units();
    if kind == "money" && !units.is_empty() {
        let list: Vec<String> = units
            .iter()
            .map(|unit| format!("{} = \"1{}\"", quoted(&unit.suffix), "0".repeat(unit.power.unsigned_abs() as usize)))
            .collect();
        let _ = writeln!(text, "unit = {{ {} }}", list.join(", "));
    }
}

/// A TOML string.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
