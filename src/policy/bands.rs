//! `near` and `how` of a clause → [`Near`].

use super::near::{Band, DAYS, GRADES, Near};
use super::parameters::Units;
use super::toml::Table;
use crate::diagnostic::{Diagnostic, Mistake};
use crate::money;
use crate::value::Type;

/// Reads the two keys; what is no band is reported.
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
    let (number, scale) = money::decimal(&text[..text.len() - unit.len()]).filter(|(number, _)| *number > 0).ok_or_else(bad)?;
    let counts = [DAYS, GRADES].contains(&unit).then_some(Type::INT);
    match counts.or_else(|| units.type_of(unit)) {
        Some(ty @ Type::Number(n)) if scale <= n.scale && ty != Type::RATE => Ok(Band::Gap { number, scale, unit: unit.to_string() }),
        Some(_) => Err(bad()),
        None => Err((Mistake::UnknownUnit, format!("unknown unit `{unit}`"))),
    }
}
