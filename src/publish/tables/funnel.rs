//! `ledger/funnel.csv`: one row per measure and condition, in the order in which a row is judged, from 应审 to 符合.

use super::{Found, Listing, Rows, Table, places, table};
use crate::policy::model::Measure;
use crate::publish::csv::{Number, count};

pub const TABLE: Table =
    Table { order: places!(Measure), ..Table::new("ledger/funnel.csv", COLUMNS, Rows::Whole(|found| Some(rows(found)))) };

table! {
    |(measure, number, says, left, alone): (&Measure, &str, &str, u64, Option<u64>)| {
        Measure: code "措施编号" = measure.id;
        Article: text "条款" = measure.article.to_string();
        Title: text "措施名称" = measure.title;
        Number: code "步骤" = number;
        Says: text "条件" = says;
        Left: number "剩余" = count(left);
        Alone: number "仅差此条" = alone.map_or(Number::None, count);
    }
}

fn rows<'f>(found: &'f Found<'f>) -> Listing<'f> {
    let mut steps = Vec::new();
    for funnel in found.funnels {
        let measure = &found.world.pipeline.measures[funnel.measure];
        steps.push((measure, "", "应审", funnel.judged, None));
        steps.extend(funnel.steps.iter().map(|s| (measure, s.number.as_str(), s.says.as_str(), s.left, s.alone)));
        let named = ["符合", "待核实", "待定标准"].into_iter().zip(funnel.left);
        steps.extend(named.map(|(verdict, rows)| (measure, "", verdict, rows, None)));
    }
    Listing::of(steps, |&step, out| fill(step, out))
}
