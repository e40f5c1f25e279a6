//! A ceiling over several rows: first come in the cap's order, earlier years counted in, no room is ever given back.

use super::{Award, Cut};
use crate::facts::Cell;
use crate::measures::{Decided, Verdict};
use crate::policy::model::Cap;
use crate::policy::source::MONEY_SCALE;
use crate::sql::EvalError;
use std::collections::HashMap;

/// Cuts the awards of one measure to its cap.
pub fn apply(cap: &Cap, decided: &mut Decided<'_>, awards: &mut Vec<Award>) -> Result<(), EvalError> {
    let paying: Vec<u32> = awards.iter().filter(|a| a.money.is_some()).map(|a| a.row as u32).collect();
    if paying.is_empty() {
        return Ok(());
    }
    let mut rows = decided.rows.select(&paying)?;
    let keys = rows.cells(&cap.per)?;
    let order = rows.cells(&cap.order)?;
    let limits = rows.rounded(&cap.limit, MONEY_SCALE)?;
    let used = match &cap.used {
        Some(used) => rows.rounded(used, MONEY_SCALE)?,
        None => vec![None; paying.len()],
    };
    let mut turns: Vec<usize> = (0..paying.len()).collect();
    turns.sort_by(|&a, &b| (&keys[a], &order[a]).cmp(&(&keys[b], &order[b])));

    let position: HashMap<usize, usize> = awards.iter().enumerate().map(|(i, a)| (a.row, i)).collect();
    let mut group: Option<(&Vec<Cell>, i64)> = None;
    let mut unlimited = Vec::new();
    for turn in turns {
        let row = paying[turn] as usize;
        let Some(limit) = limits[turn] else {
            unlimited.push(row);
            continue;
        };
        // The group's room is what its first row sees: the limit less what earlier years took.
        let mut room = match group {
            Some((key, room)) if *key == keys[turn] => room,
            _ => limit.saturating_sub(used[turn].unwrap_or(0)),
        };
        if let Some(money) = position.get(&row).and_then(|&i| awards[i].money.as_mut()) {
            let paid = money.amount().min(room.max(0));
            if paid < money.amount() {
                money.cut += money.amount() - paid;
                money.reasons.push(Cut::Cap);
            }
            room = room.saturating_sub(paid);
        }
        group = Some((&keys[turn], room));
    }
    // A limit that is not known is missing data, not zero and not infinite.
    for row in unlimited {
        decided.verdicts[row] = Verdict::Unknown;
        awards.retain(|a| a.row != row);
    }
    Ok(())
}
