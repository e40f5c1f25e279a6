//! The cut that a cap makes, step by step: `上限 500,000.00 − 以前年度已用 0.00 − 本年在前的 2 笔 300,000.00 = 余 200,000.00 …`.

use crate::facts::{Cell, World};
use crate::money::format_yuan_grouped;
use crate::policy::source::MONEY_SCALE;
use crate::settlement::Settled;
use crate::sql::EvalError;
use std::collections::BTreeMap;

/// What is said of each award under the measure's cap, by position among the judged rows; nothing where there is no cap.
pub fn cap_texts(world: &World<'_>, settled: &Settled<'_>) -> Result<BTreeMap<usize, String>, EvalError> {
    let Some(cap) = &world.pipeline.measures[settled.measure()].cap else {
        return Ok(BTreeMap::new());
    };
    let paying: Vec<(usize, i64)> = settled.awards.iter().filter_map(|a| Some((a.row, a.money.as_ref()?.before))).collect();
    let positions: Vec<u32> = paying.iter().map(|(row, _)| *row as u32).collect();
    let mut rows = settled.decided.rows.select(&positions)?;
    let (keys, order) = (rows.cells(&cap.per)?, rows.cells(&cap.order)?);
    let limits = rows.rounded(&cap.limit, MONEY_SCALE)?;
    let used = match &cap.used {
        Some(used) => rows.rounded(used, MONEY_SCALE)?,
        None => vec![None; paying.len()],
    };
    let mut turns: Vec<usize> = (0..paying.len()).collect();
    turns.sort_by(|&a, &b| (&keys[a], &order[a]).cmp(&(&keys[b], &order[b])));
    let mut texts = BTreeMap::new();
    let mut group: Option<(&Vec<Cell>, Turn)> = None;
    for turn in turns {
        let (Some(limit), (row, before)) = (limits[turn], paying[turn]) else {
            continue;
        };
        let mut own = match group.take() {
            Some((key, turns)) if *key == keys[turn] => turns,
            _ => Turn { limit, used: used[turn].unwrap_or(0), earlier: 0, paid: 0 },
        };
        let paid = before.min(own.room().max(0));
        texts.insert(row, format!("{}：{}", cap.says, own.text(before, paid)));
        own.earlier += 1;
        own.paid = own.paid.saturating_add(paid);
        group = Some((&keys[turn], own));
    }
    Ok(texts)
}

/// What stands when a row's turn comes, in 分.
struct Turn {
    limit: i64,
    used: i64,
    earlier: u64,
    paid: i64,
}

impl Turn {
    fn room(&self) -> i64 {
        self.limit.saturating_sub(self.used).saturating_sub(self.paid)
    }

    fn text(&self, before: i64, paid: i64) -> String {
        let yuan = |fen: i64| format_yuan_grouped(i128::from(fen));
        let mut text = format!("上限 {}", yuan(self.limit));
        if self.used != 0 {
            text.push_str(&format!(" − 以前年度已用 {}", yuan(self.used)));
        }
        if self.earlier > 0 {
            text.push_str(&format!(" − 本年在前的 {} 笔 {}", self.earlier, yuan(self.paid)));
        }
        if self.used != 0 || self.earlier > 0 {
            text.push_str(&format!(" = 余 {}", yuan(self.room().max(0))));
        }
        text.push_str(&format!("；核定前 {}", yuan(before)));
        match before - paid {
            0 => text.push_str("，不核减"),
            cut => text.push_str(&format!("，核减 {}，得 {}", yuan(cut), yuan(paid))),
        }
        text
    }
}
