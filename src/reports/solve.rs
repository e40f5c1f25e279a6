//! The greatest value of a parameter whose cost stays within a budget, by bisection over its steps.
//!
//! Bisection is right only where the cost never falls as the value grows; what is tried on the way is held against that.

use super::table::{Cell, Table};
use crate::ledger::columns::{Column, number, text};
use crate::money::FenSum;
use std::collections::BTreeMap;

/// How the question was answered; values are steps from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Solved {
    /// The greatest value that fits; the next one does not.
    Greatest(u64),
    /// Even the last value fits.
    All(u64),
    /// Even the first value costs more.
    None,
    /// The cost falls from the first value to this one, so there is nothing to bisect.
    Falls(u64),
}

/// The answer with every cost that was computed on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Solution {
    pub solved: Solved,
    pub tried: BTreeMap<u64, FenSum>,
}

/// Asks for costs until the answer stands.
pub fn solve<E>(last: u64, budget: FenSum, mut cost: impl FnMut(u64) -> Result<FenSum, E>) -> Result<Solution, E> {
    let mut tried = BTreeMap::new();
    let mut at = |step: u64| -> Result<FenSum, E> {
        let found = cost(step)?;
        tried.insert(step, found);
        Ok(found)
    };
    let (mut low, mut high) = ((0, at(0)?), (last, at(last)?));
    let solved = loop {
        if high.1 < low.1 {
            break Solved::Falls(high.0);
        }
        if high.1 <= budget {
            break Solved::All(high.0);
        }
        if low.1 > budget {
            break Solved::None;
        }
        if high.0 - low.0 <= 1 {
            break Solved::Greatest(low.0);
        }
        let middle = low.0 + (high.0 - low.0) / 2;
        let found = at(middle)?;
        if found < low.1 {
            break Solved::Falls(middle);
        }
        if found > high.1 {
            break Solved::Falls(high.0);
        }
        if found <= budget {
            low = (middle, found);
        } else {
            high = (middle, found);
        }
    };
    Ok(Solution { solved, tried })
}

const TRIED: [Column<'static>; 4] = [number("取值"), number("金额"), number("与预算之差"), text("结论")];

/// The page: the answer in words, then what was tried, in the order of the values.
pub fn solved(mut head: Vec<(&'static str, String)>, solution: &Solution, budget: FenSum, value: impl Fn(u64) -> String) -> Table {
    head.push(("结果", says(solution, budget, &value)));
    let row = |(&step, &cost): (&u64, &FenSum)| {
        let is_answer = matches!(solution.solved, Solved::Greatest(found) | Solved::All(found) if found == step);
        let says = match (is_answer, cost <= budget) {
            (true, _) => "所求",
            (false, true) => "预算之内",
            (false, false) => "超出预算",
        };
        vec![Cell::Text(value(step)), Cell::Fen(cost), Cell::Fen(budget - cost), Cell::Text(says.to_string())]
    };
    Table { head, columns: TRIED.to_vec(), rows: solution.tried.iter().map(row).collect(), sections: false }
}

fn says(solution: &Solution, budget: FenSum, value: &impl Fn(u64) -> String) -> String {
    let cost = |step: u64| solution.tried.get(&step).copied().unwrap_or_default().grouped();
    let first = 0;
    let budget = budget.grouped();
    match solution.solved {
        Solved::Greatest(found) => {
            let (here, next) = (cost(found), cost(found + 1));
            format!("不超过预算的最大取值是 {}，金额 {here}；再加一步 {}，金额 {next}，超出预算", value(found), value(found + 1))
        }
        Solved::All(found) => {
            format!("范围内最大的取值 {} 也不超过预算，金额 {}；更大的取值未试，请放宽范围", value(found), cost(found))
        }
        Solved::None => format!("范围内没有取值不超过预算：最小的取值 {} 已需 {}，多于 {budget}", value(first), cost(first)),
        Solved::Falls(at) => {
            let above = solution.tried.range(..at).find(|(_, c)| **c > solution.tried[&at]).map_or(first, |(step, _)| *step);
            format!(
                "金额不随取值增大而只增不减（取值 {} 为 {}，取值 {} 为 {}），不能用二分法求解，请用 --sweep 逐步看",
                value(above),
                cost(above),
                value(at),
                cost(at)
            )
        }
    }
}
