//! Answers as rows of a table: what one says of every measure, or where two of them differ.

use super::answer::{Answer, MeasureAnswer, RowAnswer};
use crate::measures::Verdict;
use crate::policy::conditions::ConditionId;
use std::collections::BTreeMap;

/// One judged row in short: 措施编号, 措施名称, 类型, 来源单据, then [结论, 说明, 金额] of each answer.
pub type Short = ([String; 4], Vec<[String; 3]>);

/// 不符合.
const NOT: &str = Verdict::Ineligible(ConditionId::Amount).name();

/// What an answer says of every row that is of its measure at all.
pub fn verdicts(answer: &Answer) -> Vec<Short> {
    let rows = answer.measures.iter().flat_map(|m| m.rows.iter().map(move |r| (m, r)));
    let rows = rows.filter(|(_, r)| !r.is_others);
    rows.map(|(m, r)| (named(m, r), vec![short(r)])).collect()
}

/// The rows of which two answers say something different; not those that are of another measure, and of no interest to this, in either.
pub fn beside(before: &Answer, now: &Answer) -> Vec<Short> {
    let (mut order, mut found) = (Vec::new(), BTreeMap::<(String, String), [Option<[String; 3]>; 2]>::new());
    for (side, answer) in [before, now].into_iter().enumerate() {
        for (measure, row) in answer.measures.iter().flat_map(|m| m.rows.iter().map(move |r| (m, r))) {
            let key = (measure.id.clone(), row.document.clone());
            if row.is_others {
                continue;
            }
            found.entry(key.clone()).or_insert_with(|| {
                order.push((key.clone(), named(measure, row)));
                [None, None]
            })[side] = Some(short(row));
        }
    }
    let differing = order.into_iter().filter_map(|(key, named)| {
        let [before, now] = found.remove(&key)?;
        // A row that only one of the two leaves to another measure.
        let none = || ["—".to_string(), String::new(), String::new()];
        let is_told = |said: &Option<[String; 3]>| said.as_ref().is_some_and(|s| s[0] != NOT);
        let differs = before != now && (before.is_some() && now.is_some() || is_told(&before) || is_told(&now));
        differs.then(|| (named, vec![before.unwrap_or_else(none), now.unwrap_or_else(none)]))
    });
    differing.collect()
}

fn named(measure: &MeasureAnswer, row: &RowAnswer) -> [String; 4] {
    [measure.id.clone(), measure.title.clone(), measure.kind.to_string(), row.document.clone()]
}

/// 结论; the first condition that is not met, or what is missing, or why it was cut; 金额.
fn short(row: &RowAnswer) -> [String; 3] {
    let entry = row.ledger.as_ref();
    let why = match (&row.failing, row.missing.is_empty()) {
        (Some(failing), _) => failing.clone(),
        (None, false) => format!("缺失数据 {}", row.missing.join("、")),
        (None, true) => entry.map_or_else(String::new, |e| e.reason.clone()),
    };
    [row.verdict.to_string(), why, entry.and_then(|e| e.amount.clone()).unwrap_or_default()]
}
