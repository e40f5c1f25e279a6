//! The steps of an award's settlement in words: `上限 500,000.00 − 以前年度已用 0.00 − 本年在前的 2 笔 300,000.00 = 余 200,000.00 …`.

use crate::ledger::says;
use crate::money::format_yuan_grouped;
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

fn of_step(step: &Step, came: i64) -> String {
    let yuan = |fen: i64| format_yuan_grouped(i128::from(fen));
    let room = match step.by {
        Limit::HighestOf(_) => format!("最高的一笔 {}", yuan(step.room.limit)),
        Limit::Cap | Limit::Budget(_) => of_room(&step.room),
    };
    let outcome = match came - step.paid {
        0 => "不核减".to_string(),
        cut => format!("核减 {}，得 {}", yuan(cut), yuan(step.paid)),
    };
    format!("{room}；核定前 {}，{outcome}", yuan(came))
}

fn of_room(room: &Room) -> String {
    let yuan = |fen: i64| format_yuan_grouped(i128::from(fen));
    let mut text = format!("上限 {}", yuan(room.limit));
    if room.used != 0 {
        text.push_str(&format!(" − 以前年度已用 {}", yuan(room.used)));
    }
    if room.ahead > 0 {
        text.push_str(&format!(" − 本年在前的 {} 笔 {}", room.ahead, yuan(room.spent)));
    }
    if room.used != 0 || room.ahead > 0 {
        text.push_str(&format!(" = 余 {}", yuan(room.left())));
    }
    text
}
