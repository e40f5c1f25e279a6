//! A ceiling over several rows: first come in the cap's order, earlier years counted in, no room is ever given back.

use super::{Award, Limit, Room};
use crate::measures::{Decided, Verdict};
use crate::money::{Fen, MONEY_SCALE};
use crate::policy::model::Cap;
use crate::sql::EvalError;
use crate::value::Cell;

/// Cuts the awards of one measure to its cap. A limit that is not known is missing data, not zero and not infinite.
pub fn apply(cap: &Cap, decided: &mut Decided<'_>, awards: &mut Vec<Award>) -> Result<(), EvalError> {
    let paying: Vec<usize> = (0..awards.len()).filter(|&i| awards[i].money.is_some()).collect();
    if paying.is_empty() {
        return Ok(());
    }
    let positions: Vec<u32> = paying.iter().map(|&i| awards[i].row as u32).collect();
    let mut rows = decided.rows.select(&positions)?;
    let (keys, order) = (rows.cells(&cap.per)?, rows.cells(&cap.order)?);
    let limits = rows.rounded(&cap.limit, MONEY_SCALE)?;
    let used = match &cap.used {
        Some(used) => rows.rounded(used, MONEY_SCALE)?,
        None => vec![None; paying.len()],
    };
    let mut turns: Vec<usize> = (0..paying.len()).collect();
    turns.sort_by(|&a, &b| (&keys[a], &order[a]).cmp(&(&keys[b], &order[b])));

    let mut group: Option<(&Vec<Cell>, Room)> = None;
    for turn in turns {
        let award = &mut awards[paying[turn]];
        let Some(limit) = limits[turn] else {
            decided.verdicts[award.row] = Verdict::Unknown;
            continue;
        };
        // The group's room is what its first row sees: the limit less what earlier years took.
        let room = match group {
            Some((key, room)) if *key == keys[turn] => room,
            _ => Room::of(Fen(limit), Fen(used[turn].unwrap_or(0))),
        };
        if let Some(money) = &mut award.money {
            money.take(Limit::Cap, room);
            group = Some((&keys[turn], room.after(money.amount())));
        }
    }
    awards.retain(|award| decided.verdicts[award.row] != Verdict::Unknown);
    Ok(())
}
