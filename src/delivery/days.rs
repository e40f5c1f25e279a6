//! Days: of the run, of the data, of the calendar, of the measures and of the notice.

use super::{Finding, Found, Look, Rule, Weight};
use crate::period;
use polars::prelude::*;

/// A calendar that ends so soon after 截止日 is to be continued now.
const CALENDAR_AHEAD: i32 = 60;
/// Data of which nothing is younger than so many days before 截止日 is another year's.
const OLD: i32 = 400;
const DAY: i64 = 86_400_000;

/// A target that lacks a day of the calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lack {
    /// What the target is called.
    pub target: String,
    /// The first day that is lacking.
    pub day: i32,
}

/// A day so far ahead has no data yet. The machine may stand in another time zone, so tomorrow is no future.
pub fn future(look: &Look<'_>, found: &mut Found<'_, '_>) {
    let (as_of, today) = (look.wanted.as_of, look.wanted.today);
    if as_of > today.saturating_add(1) {
        let says = format!("截止日 {} 比今天晚一天以上", period::format_date(as_of));
        let advice = format!("请改正 --as-of；确实要试算未来某一天的，用 --accept {} 确认", Rule::AsOfFuture.code());
        found.add(Weight::Stop, look.finding(Rule::AsOfFuture, says, advice));
    }
}

/// Nothing in the core sources is of about 截止日.
pub fn old(look: &Look<'_>, found: &mut Found<'_, '_>) {
    let to = look.wanted.as_of;
    let from = to.saturating_sub(OLD);
    let tables = look.sources().filter(|(_, source)| source.core).filter_map(|(id, _)| look.data.tables[id].as_ref());
    let columns: Vec<&Column> = tables.flat_map(|table| table.frame.columns()).collect();
    let mut any = false;
    for days in columns.iter().filter_map(|cells| days_of(cells)) {
        if days.iter().flatten().any(|day| (from..=to).contains(&day)) {
            return;
        }
        any |= days.null_count() < days.len();
    }
    if any {
        let says = format!("核心来源里没有一个日期在 {} 至 {} 之间", period::format_date(from), period::format_date(to));
        found.add(Weight::Warn, look.finding(Rule::DataOld, says, "请核对数据文件夹和截止日（--as-of）".to_string()));
    }
}

/// The days of a date or datetime column.
fn days_of(cells: &Column) -> Option<Int32Chunked> {
    let series = cells.as_materialized_series();
    match series.dtype() {
        DataType::Date => series.date().ok().map(|days| days.physical().clone()),
        DataType::Datetime(..) => {
            let moments = series.datetime().ok()?.physical();
            Some(moments.iter().map(|moment| moment.and_then(|m| i32::try_from(m.div_euclid(DAY)).ok())).collect())
        }
        _ => None,
    }
}

/// The working-day calendar does not reach as far as somebody needs, or will soon not.
pub fn calendar(look: &Look<'_>, found: &mut Found<'_, '_>) {
    let pipeline = look.wanted.pipeline;
    let Some(calendar) = &pipeline.calendar else { return };
    let (last, table) = (period::format_date(calendar.to), &pipeline.sources[calendar.table].name);
    let affected = look.readers.of_source(calendar.table);
    let advice = || format!("请补充 {last} 以后的工作日历（tables/{table}.csv 和 pipeline.toml 的 working_days）");
    for lack in look.lacks {
        let says = format!("工作日历没有 {}，这个目标为无数据", period::format_date(lack.day));
        let (place, affected) = (lack.target.clone(), affected.clone());
        found.add(Weight::Warn, Finding { place, affected, ..look.finding(Rule::CalendarEnds, says, advice()) });
    }
    if look.lacks.is_empty() && !affected.is_empty() && calendar.to <= look.wanted.as_of.saturating_add(CALENDAR_AHEAD) {
        let finding = look.finding(Rule::CalendarEnds, format!("工作日历只到 {last}"), advice());
        found.add(Weight::Warn, Finding { affected, ..finding });
    }
}

/// Measures whose last day is over: they find nobody.
pub fn ended(look: &Look<'_>, found: &mut Found<'_, '_>) {
    for measure in look.wanted.measures.iter().map(|&m| &look.wanted.pipeline.measures[m]) {
        let Some(last) = measure.effect.to.filter(|last| *last < look.wanted.as_of) else { continue };
        let says = format!("{}的政策有效期至 {}", measure.title, period::format_date(last));
        let finding = look.finding(Rule::MeasureEnded, says, "有新的规定延续的，请改措施文件的 in_force".to_string());
        found.add(Weight::Note, Finding { place: measure.id.clone(), affected: vec![measure.id.clone()], ..finding });
    }
}

/// The notice may have lapsed.
pub fn review(look: &Look<'_>, found: &mut Found<'_, '_>) {
    let document = &look.wanted.pipeline.document;
    if let Some((day, note)) = document.review_after.as_ref().filter(|(day, _)| look.wanted.as_of > *day) {
        let says = format!("截止日晚于 {}：{note}", period::format_date(*day));
        let finding = look.finding(Rule::NoticeReview, says, "请确认文件仍然有效，再改 pipeline.toml 的 review_after".to_string());
        found.add(Weight::Note, Finding { place: document.number.clone(), ..finding });
    }
}
