//! Ledger lines, sums, indicators and the account of the files, as the CSV tables of a run.

use super::csv::{Csv, Row};
use crate::delivery::Finding;
use crate::indicators::{Kind, Kpi};
use crate::ledger::columns::{
    self, Column, DELTA, FINDINGS, FUNNEL, LEDGER, MATCHES, NEAR_MISSES, PAYMENTS, REJECTS, SOURCES, SUMMARY, UNDETERMINED, UNMATCHED,
};
use crate::ledger::{Book, Line, Lines, Pending, Summary, Undetermined};
use crate::policy::model::{Measure, Pipeline};
use crate::policy::source::Source;
use crate::reports::{Account, Change, Entry, Funnel, Match, NearMisses};
use crate::sources::{CheckedTables, FileReport, Reject, Unmatched};

/// `ledger/awards.csv`, `reliefs.csv` or `entitlements.csv`.
pub fn ledger(book: Book, all: &[Lines<'_>]) -> Csv {
    let lines: Vec<(&Lines<'_>, &Line)> =
        all.iter().filter(|l| Book::of(l.measure.kind) == book).flat_map(|l| l.lines.iter().map(move |line| (l, line))).collect();
    Csv::of(&LEDGER, &lines, |(shared, line), row| {
        let measure = shared.measure;
        row.code(&line.id());
        row.code(&measure.id);
        row.text(&measure.article.to_string());
        row.text(&measure.title);
        row.text(measure.kind.name());
        row.code(shared.subject(line));
        row.text(shared.name(line));
        row.code(shared.county(line));
        row.code(shared.document(line));
        row.code(&shared.period(line));
        row.fen_or_empty(line.before);
        row.fen_or_empty(line.cut);
        row.text(&line.reason);
        row.fen_or_empty(line.amount);
        row.fen_or_empty(line.ceiling);
        row.text(line.status);
        row.text(measure.payer.as_deref().unwrap_or(""));
        row.text(&shared.offices);
        row.text(&shared.basis(line));
        row.text(&shared.version);
    })
}

/// `ledger/summary.csv`.
pub fn summary(rows: &[Summary]) -> Csv {
    Csv::of(&SUMMARY, rows, |s, row| {
        row.text(s.dimension);
        row.text(&s.group);
        row.text(s.kind.name());
        for count in s.verdicts {
            row.count(count);
        }
        row.text(if s.missing { "是" } else { "" });
        row.fixed(s.total, 2);
    })
}

/// `matches.csv`.
pub fn matches(matches: &[Match<'_>]) -> Csv {
    Csv::of(&MATCHES, matches, |m, row| {
        row.code(m.subject);
        row.text(m.name);
        row.code(m.county);
        row.code(&m.measure.id);
        row.text(&m.measure.article.to_string());
        row.text(&m.measure.title);
        row.text(m.measure.kind.name());
        row.count(m.lines);
        match m.amount {
            Some(amount) => row.fixed(amount, 2),
            None => row.empty(),
        }
        row.text(&m.states.join("、"));
        row.text(&m.measure.offices.join("、"));
    })
}

/// `ledger/funnel.csv`: from 应审 to 符合.
pub fn funnel(pipeline: &Pipeline, funnels: &[Funnel]) -> Csv {
    let mut steps: Vec<(&Measure, &str, &str, u64)> = Vec::new();
    for funnel in funnels {
        let measure = &pipeline.measures[funnel.measure];
        steps.push((measure, "", "应审", funnel.judged));
        steps.extend(funnel.steps.iter().map(|s| (measure, s.number.as_str(), s.says.as_str(), s.left)));
        let named = ["符合", "待核实", "待定标准"].into_iter().zip(funnel.left);
        steps.extend(named.map(|(verdict, rows)| (measure, "", verdict, rows)));
    }
    Csv::of(&FUNNEL, &steps, |(measure, number, says, left), row| {
        row.code(&measure.id);
        row.text(&measure.article.to_string());
        row.text(&measure.title);
        row.code(number);
        row.text(says);
        row.count(*left);
    })
}

/// One measure's part of `near_misses.csv`.
pub fn near_misses(found: &NearMisses<'_>) -> Csv {
    let article = found.measure.article.to_string();
    Csv::build(&NEAR_MISSES, found.len(), |at, row| {
        let near = found.get(at);
        row.code(&found.measure.id);
        row.text(&article);
        row.code(near.subject);
        row.text(near.name);
        row.code(near.document);
        row.text(near.says);
        row.text(&near.value);
        row.text(&near.threshold);
        row.text(&near.distance);
    })
}

/// `quality/findings.csv`.
pub fn findings(all: &[Finding]) -> Csv {
    Csv::of(&FINDINGS, all, |finding, row| {
        row.code(finding.level.name());
        row.code(finding.rule.code());
        row.code(&finding.source);
        row.text(&finding.file);
        row.text(&finding.place);
        row.text(&finding.says);
        match finding.count {
            Some(count) => row.count(count),
            None => row.empty(),
        }
        row.text(&finding.affected.join("、"));
        row.text(&finding.advice);
        row.text(&finding.department);
    })
}

/// `ledger/delta.csv`.
pub fn delta(changes: &[Change]) -> Csv {
    let none = Entry::default();
    Csv::of(&DELTA, changes, |change, row| {
        line(change.line().unwrap_or(&none), row);
        row.text(change.turn.name());
        row.fen_or_empty(change.old_amount());
        row.fen_or_empty(change.new_amount());
        match change.difference() {
            Some(difference) => row.fixed(difference, 2),
            None => row.empty(),
        }
        let status = |entry: &Option<Entry>| entry.as_ref().map_or(String::new(), |e| e.status.clone());
        row.text(&status(&change.before));
        row.text(&status(&change.now));
        row.text(&change.what.join("、"));
        row.text(&change.cause.names);
        row.text(&change.cause.says);
    })
}

/// `ledger/payments.csv`.
pub fn payments(accounts: &[Account]) -> Csv {
    Csv::of(&PAYMENTS, accounts, |account, row| {
        line(&account.line, row);
        row.text(account.standing.name());
        for fen in [account.due, account.paid.amount, account.open(), account.over(), account.reclaim()] {
            row.fixed(fen, 2);
        }
        row.count(account.paid.count);
        row.text(account.says());
    })
}

/// The columns that say which ledger line a row speaks of.
fn line(entry: &Entry, row: &mut Row) {
    row.code(&entry.number);
    row.code(&entry.measure);
    row.text(&entry.article);
    row.text(&entry.title);
    row.text(&entry.kind);
    row.code(&entry.subject);
    row.text(&entry.name);
    row.code(&entry.county);
    row.code(&entry.document);
    row.code(&entry.period);
}

/// `undetermined.csv`.
pub fn undetermined(all: &[Undetermined<'_>]) -> Csv {
    let rows: Vec<(&Undetermined<'_>, &Pending)> = all.iter().flat_map(|u| u.rows.iter().map(move |p| (u, p))).collect();
    Csv::of(&UNDETERMINED, &rows, |(shared, pending), row| {
        row.code(&shared.measure.id);
        row.text(&shared.measure.article.to_string());
        row.code(shared.subject(pending));
        row.text(shared.name(pending));
        row.code(shared.document(pending));
        row.text(&pending.data);
        row.text(&pending.departments);
    })
}

/// `quality/rejects.csv`.
pub fn rejects(sources: &[Source], rejects: &[Reject]) -> Csv {
    Csv::of(&REJECTS, rejects, |r, row| {
        row.code(&sources[r.source].name);
        row.text(&r.file);
        row.count(u64::from(r.line));
        row.text(&r.key);
        row.text(&r.column);
        row.text(&r.value);
        row.code(r.rule);
        row.text(&r.reason);
        row.text(&r.raw);
    })
}

/// `quality/unmatched.csv`.
pub fn unmatched(sources: &[Source], unmatched: &[Unmatched]) -> Csv {
    Csv::of(&UNMATCHED, unmatched, |u, row| {
        row.code(&sources[u.source].name);
        row.text(&u.column);
        row.code(&u.code);
        row.count(u.rows);
    })
}

/// `quality/sources.csv`: the delivered files, not the pipeline's own tables.
pub fn sources(sources: &[Source], tables: &CheckedTables) -> Csv {
    let files: Vec<&FileReport> = tables.files.iter().filter(|f| !sources[f.source].reference).collect();
    Csv::of(&SOURCES, &files, |f, row| {
        row.code(&sources[f.source].name);
        row.text(&f.path);
        for count in [f.rows, f.accepted, f.superseded, f.rejected, f.unmatched] {
            row.count(count);
        }
        row.text(&f.encoding);
        row.code(&f.sha256);
    })
}

/// `kpi/….csv`: one table of an indicator.
pub fn kpi(kpi: &Kpi) -> Csv {
    let columns: Vec<Column<'_>> = kpi
        .header
        .iter()
        .zip(&kpi.kinds)
        .map(|(name, kind)| match kind {
            Kind::Figure => columns::number(name),
            Kind::Code => columns::code(name),
            Kind::Words => columns::text(name),
        })
        .collect();
    Csv::of(&columns, &kpi.rows, |cells, row| {
        for (cell, kind) in cells.iter().zip(&kpi.kinds) {
            match kind {
                Kind::Figure => row.figure(cell),
                Kind::Code => row.code(cell),
                Kind::Words => row.text(cell),
            }
        }
    })
}
