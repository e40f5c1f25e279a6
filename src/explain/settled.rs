//! The steps of an award's settlement in words: `上限 500,000.00 − 以前年度已用 0.00 − 本年在前的 2 笔 300,000.00 = 余 200,000.00 …`.

use crate::ledger::says;
use crate::money::Fen;
use crate::policy::model::{Measure, Pipeline};
use crate::settlement::{Limit, Money, Room, Step};

/// What is said of each step that the award went through, in order; nothing where there was none.
pub fn steps(pipeline: &Pipeline, measure: &Measure, money: &Money) -> Vec<String> {
    let mut came = money.before;
    let said = |step: &Step| {
        let text = format!("{}：{}", says(pipeline, measure, step.by), of_step(step, came));
        came = step.paid;
        text
    };
    money.steps.iter().map(said).collect()
}

fn of_step(step: &Step, came: Fen) -> String {
    let room = match step.by {
        Limit::HighestOf(_) => format!("最高的一笔 {}", step.room.limit.grouped()),
        Limit::Cap | Limit::Budget(_) => of_room(&step.room),
    };
    let outcome = match came - step.paid {
        Fen::ZERO => "不核减".to_string(),
        cut => format!("核减 {}，得 {}", cut.grouped(), step.paid.grouped()),
    };
    format!("{room}；核定前 {}，{outcome}", came.grouped())
}

fn of_room(room: &Room) -> String {
    let mut text = format!("上限 {}", room.limit.grouped());
    if room.used != Fen::ZERO {
        text.push_str(&format!(" − 以前年度已用 {}", room.used.grouped()));
    }
    if room.ahead > 0 {
        text.push_str(&format!(" − 本年在前的 {} 笔 {}", room.ahead, room.spent.grouped()));
    }
    if room.used != Fen::ZERO || room.ahead > 0 {
        text.push_str(&format!(" = 余 {}", room.left().grouped()));
    }
    text
}
