//! `near` of a clause: the rows that it alone fails and that are worth a call, by how far they are from meeting it.

use super::parameters::Units;
use super::toml::Table;
use crate::diagnostic::{Diagnostic, Mistake, Place};
use crate::money::{self, RATE_SCALE};
use crate::sql::resolve::decimal;
use crate::value::Type;

/// What a file says of a clause that is within reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Near {
    pub band: Band,
    /// What to do about it; where the file does not say it, the clause's own words must do.
    pub how: Option<String>,
    pub place: Place,
}

/// How far a row may be from meeting the clause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Band {
    /// `true`: however far it is; a paper or an act can mend it.
    Any,
    /// `"10%"` of the threshold, at the scale of rates.
    Share(i128),
    /// `"30天"`, `"3人"`: so many of a unit, at a scale.
    Gap { number: i128, scale: u32, unit: String },
}

/// The unit of a date's distance.
pub const DAYS: &str = "天";
/// The unit of a grade's distance: from one value of its enum, which stand in their order, to the next.
pub const GRADES: &str = "级";

/// Reads `near` and `how` of a clause.
pub fn read(clause: &Table<'_>, units: &Units) -> Option<Near> {
    let (value, how) = (clause.get("near"), clause.string("how"));
    let Some(value) = value else {
        how.is_some().then(|| {
            clause.findings().push(Diagnostic::error(
                Mistake::MissingKey,
                clause.place(),
                "`how` says what to do about `near`, which is missing here",
            ))
        });
        return None;
    };
    let band = match value.boolean_or_none() {
        Some(any) => any.then_some(Band::Any),
        None => {
            let text = value.text()?;
            value.findings().keep(band(&text.value, units).map_err(|(code, message)| {
                let hint = "write \"10%\" of the threshold, \"30天\", \"3人\", \"1级\", or true";
                Diagnostic::error(code, text.place, message).hint(hint)
            }))
        }
    };
    Some(Near { band: band?, how, place: value.place() })
}

fn band(text: &str, units: &Units) -> Result<Band, (Mistake, String)> {
    let bad = || (Mistake::BadValue, format!("`{text}` does not say how near"));
    if text.ends_with('%') {
        let share = money::parse_rate(text).ok().filter(|share| *share > 0);
        return share.map(|share| Band::Share(share.into())).ok_or_else(bad);
    }
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let (number, scale) = decimal(&text[..text.len() - unit.len()]).filter(|(number, _)| *number > 0).ok_or_else(bad)?;
    let counts = [DAYS, GRADES].contains(&unit).then_some(Type::INT);
    match counts.or_else(|| units.type_of(unit)) {
        Some(ty @ Type::Number(n)) if scale <= n.scale && ty != Type::RATE => Ok(Band::Gap { number, scale, unit: unit.to_string() }),
        Some(_) => Err(bad()),
        None => Err((Mistake::UnknownUnit, format!("unknown unit `{unit}`"))),
    }
}

impl Band {
    /// In words.
    pub fn says(&self) -> String {
        match self {
            Band::Any => "不论差多少".to_string(),
            Band::Share(share) => format!("相差不超过阈值的{}%", money::format_plain(*share, RATE_SCALE - 2)),
            Band::Gap { number, scale, unit } => {
                format!("相差不超过{}{unit}", money::format_plain(*number, *scale))
            }
        }
    }
}
