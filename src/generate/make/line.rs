//! Cells as a file shows them, and the lines that they make: CSV in UTF-8, a cell quoted where it must be.

use crate::generate::plan::model::Settings;
use crate::money;
use crate::period;
use crate::schema::ColumnKind;
use crate::value::Cell;
use std::borrow::Cow;

/// A cell as a file shows it; nothing for an empty one.
pub fn written<'c>(cell: Cell<&'c str>, kind: &'c ColumnKind, settings: &'c Settings) -> Cow<'c, str> {
    let value = match cell {
        Cell::Null => return Cow::Borrowed(""),
        Cell::Text(text) => return Cow::Borrowed(text),
        Cell::Number(value) => value,
    };
    match kind {
        ColumnKind::Enum(values) => {
            Cow::Borrowed(usize::try_from(value).ok().and_then(|i| values.values.get(i)).map_or("", String::as_str))
        }
        ColumnKind::Bool => Cow::Borrowed(if value != 0 { &settings.yes } else { &settings.no }),
        ColumnKind::Date => i32::try_from(value).map(period::format_date).unwrap_or_default().into(),
        ColumnKind::DateTime => i64::try_from(value).map(period::format_datetime).unwrap_or_default().into(),
        ColumnKind::Money => money::Fen(value).plain().into(),
        ColumnKind::Rate | ColumnKind::Decimal => money::format_plain(value, money::RATE_SCALE).into(),
        ColumnKind::Int | ColumnKind::Code | ColumnKind::Uscc | ColumnKind::Id | ColumnKind::Text => value.to_string().into(),
    }
}

/// Appends a cell as a file shows it, quoted where it must be.
pub fn push_cell(lines: &mut Vec<u8>, cell: Cell<&str>, kind: &ColumnKind, settings: &Settings) {
    match (cell, kind) {
        (Cell::Text(_), _) | (_, ColumnKind::Enum(_) | ColumnKind::Bool) => {
            lines.extend_from_slice(quoted(&written(cell, kind, settings)).as_bytes());
        }
        _ => lines.extend_from_slice(written(cell, kind, settings).as_bytes()),
    }
}

/// A line of these cells.
pub fn line_of(cells: &[impl AsRef<str>]) -> Vec<u8> {
    let cells: Vec<Cow<'_, str>> = cells.iter().map(|cell| quoted(cell.as_ref())).collect();
    (cells.join(",") + "\n").into_bytes()
}

/// A cell as a line holds it.
pub fn quoted(cell: &str) -> Cow<'_, str> {
    if b",\"\n\r".iter().any(|special| cell.as_bytes().contains(special)) {
        Cow::Owned(format!("\"{}\"", cell.replace('"', "\"\"")))
    } else {
        Cow::Borrowed(cell)
    }
}
