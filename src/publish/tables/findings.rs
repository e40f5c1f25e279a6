//! `quality/findings.csv`: one row per matter of the delivery that somebody should know.

use super::{Listing, Rows, Table, table};
use crate::delivery::Finding;
use crate::publish::csv::{Number, count};

pub const TABLE: Table =
    Table { looks_back: true, ..Table::new("quality/findings.csv", COLUMNS, Rows::Whole(|found| Some(rows(found.findings)))) };

table! {
    |finding: &Finding| {
        Level: code "级别" = finding.level.name();
        Rule: code "规则" = finding.rule;
        Source: code "数据源" = finding.source;
        File: text "文件" = finding.file;
        Place: text "位置" = finding.place;
        Says: text "说明" = finding.says;
        Count: number "数量" = finding.count.map_or(Number::None, count);
        Affected: text "影响措施" = finding.affected.join("、");
        Advice: text "处理建议" = finding.advice;
        Department: text "提供部门" = finding.department;
    }
}

pub fn rows(findings: &[Finding]) -> Listing<'_> {
    Listing::of(findings.iter().collect(), |f, out| fill(f, out))
}
