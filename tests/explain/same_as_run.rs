//! For a thousand pairs of subject and measure, the explanation says what the run decided.

use crate::setup::{Draw, generated, on_threads, settled};
use huiqi::explain::{Answer, Question, answer};
use huiqi::ledger::{self, Subjects};
use huiqi::sql::ir::MeasureId;
use huiqi::value::Cell;
use std::collections::BTreeMap;

/// (措施编号, 来源单据, verdict, ledger line).
type Row = (String, String, String, String);

#[test]
fn a_thousand_pairs_say_what_the_run_decided() {
    let inputs = generated();
    let world = inputs.world();
    // What the run says of each subject and measure.
    let mut run: BTreeMap<(String, MeasureId), Vec<Row>> = BTreeMap::new();
    for one in settled(&world) {
        let measure = &inputs.pipeline.measures[one.measure()];
        let lines = ledger::lines(&world, &one).unwrap();
        let mut rows = one.decided.rows.clone();
        let subjects = Subjects::of(&inputs.pipeline, measure, &mut rows).unwrap();
        for (at, verdict) in one.decided.verdicts.iter().enumerate() {
            let Cell::Text(code) = subjects.stored(at) else { continue };
            let line = lines.lines.iter().find(|l| l.row == at);
            let line = line.map_or(String::new(), |l| {
                let yuan = |fen: Option<huiqi::money::Fen>| fen.map(|fen| fen.grouped());
                format!(
                    "{} {:?} {:?} {:?} {} {} {}",
                    l.id(),
                    yuan(l.before),
                    yuan(l.cut),
                    yuan(l.amount),
                    l.status,
                    lines.period(l),
                    l.reason
                )
            });
            let row = (measure.id.clone(), subjects.document(at).to_string(), verdict.name().to_string(), line);
            run.entry((code.to_string(), one.measure())).or_default().push(row);
        }
    }
    let pairs: Vec<&(String, MeasureId)> = run.keys().collect();
    assert!(pairs.len() > 5000, "{} pairs only", pairs.len());
    // Random pairs, those of one subject answered together.
    let mut draw = Draw(20220408);
    let mut asked: BTreeMap<&str, Vec<MeasureId>> = BTreeMap::new();
    let mut taken = 0;
    while taken < 1000 {
        let (code, measure) = pairs[draw.below(pairs.len())];
        let of_code = asked.entry(code).or_default();
        if !of_code.contains(measure) {
            of_code.push(*measure);
            taken += 1;
        }
    }
    // Few rows lack anything: some more of these.
    let lacking: Vec<&(String, MeasureId)> = pairs.into_iter().filter(|pair| run[*pair].iter().any(|row| row.2 == "待核实")).collect();
    for _ in 0..60 {
        let (code, measure) = lacking[draw.below(lacking.len())];
        let of_code = asked.entry(code).or_default();
        if !of_code.contains(measure) {
            of_code.push(*measure);
        }
    }
    let explained: Vec<Row> = on_threads(asked.into_iter().collect(), |(code, measures)| {
        let few = inputs.world().for_few();
        let question = Question { code: code.to_string(), measures: measures.clone(), document: None, rows: usize::MAX };
        let answer = answer(&few, &question).map_err(|e| format!("{code}: {e:?}")).unwrap().expect("the run knows this code");
        let mut expected: Vec<Row> = measures.iter().flat_map(|m| run[&(code.to_string(), *m)].clone()).collect();
        let mut explained = rows(&answer);
        expected.sort();
        explained.sort();
        assert_eq!(explained, expected, "{code}");
        explained
    });
    let mut compared: BTreeMap<String, usize> = BTreeMap::new();
    explained.into_iter().for_each(|row| *compared.entry(row.2).or_default() += 1);
    // Every verdict was among them.
    for verdict in ["符合", "不符合", "待核实"] {
        assert!(compared.get(verdict).is_some_and(|n| *n > 20), "{compared:?}");
    }
}

fn rows(answer: &Answer) -> Vec<Row> {
    let rows = answer.measures.iter().flat_map(|m| m.rows.iter().map(|r| (m.id.clone(), r)));
    rows.map(|(id, row)| {
        let line = row.ledger.as_ref().map_or(String::new(), |l| {
            format!("{} {:?} {:?} {:?} {} {} {}", l.id, l.before, l.cut, l.amount, l.status, l.period, l.reason)
        });
        (id, row.document.clone(), row.verdict.to_string(), line)
    })
    .collect()
}
