//! How near a row that one clause alone fails must be to be worth a call, as the clause's `near` says.

use crate::diagnostic::Place;
use crate::money::{self, RATE_SCALE};

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
