//! Near misses: who is one, what it says, and in which order.

use crate::setup::{Inputs, delivered, generated, settled};
use huiqi::measures::Verdict;
use huiqi::money::{Fen, FenSum};
use huiqi::policy::conditions::ConditionId;
use huiqi::policy::near::{Band, Near};
use huiqi::reports::{self, NearMiss, Wanted};

const REGISTRATIONS: &str = "统一社会信用代码,名称,主体类型,区划代码,行业代码,成立日期,登记状态\n";

/// 统一社会信用代码, 来源单据, 实际值, 阈值, 差距 of all rows that one clause of a measure alone fails.
fn of(inputs: &Inputs, id: &str) -> Vec<[String; 5]> {
    told(inputs, id, Wanted::All, |n| [n.subject.into(), n.document.into(), n.value, n.threshold, n.distance])
}

fn told<T>(inputs: &Inputs, id: &str, wanted: Wanted, said: impl Fn(NearMiss) -> T) -> Vec<T> {
    let world = inputs.world();
    let all = settled(&world);
    let one = all.iter().find(|s| s.measure() == inputs.measure(id)).unwrap();
    let found = reports::near_misses(&world, &one.decided, wanted).unwrap();
    (0..found.len()).map(|at| said(found.get(at))).collect()
}

/// A valid code: seven digits after the region, then the check character.
pub fn code(n: u32) -> String {
    let first = format!("91140902MA{n:07}");
    format!("{first}{}", huiqi::uscc::uscc_check_character(first.as_bytes()).unwrap() as char)
}

fn registered(codes: &[(String, &str)]) -> String {
    let rows = codes.iter().map(|(code, industry)| format!("{code},某公司,企业,140902,{industry},2015-01-01,存续\n"));
    format!("{REGISTRATIONS}{}", rows.collect::<String>())
}

#[test]
fn a_growth_that_falls_short_says_by_how_much() {
    let codes: Vec<(String, &str)> = [1, 2, 3].into_iter().map(|n| (code(n), "F5137")).collect();
    let statements = |n: usize, before: &str, now: &str| format!("{0},2021,{before}\n{0},2022,{now}\n", codes[n].0);
    let rows =
        [statements(0, "1000000.00", "1177000.00"), statements(1, "1000000.00", "1199999.99"), statements(2, "1000000.00", "1200000.00")];
    let inputs = delivered(
        &[("registrations", &registered(&codes)), ("annual_statements", &format!("统一社会信用代码,年度,营业收入\n{}", rows.concat()))],
        "2022-12-31",
    );
    let found = of(&inputs, "20-3-revenue-growth");
    let said: Vec<[&str; 4]> = found.iter().map(|[code, _, value, threshold, gap]| [code.as_str(), value, threshold, gap]).collect();
    // The nearest first; never said to be nearer than it is.
    assert_eq!(
        said,
        [[codes[1].0.as_str(), "19.99%", "≥ 20%", "还差 0.01 % 增速"], [codes[0].0.as_str(), "17.7%", "≥ 20%", "还差 2.3 % 增速"],]
    );
}

#[test]
fn days_and_fen_are_counted_to_the_threshold() {
    let buyer = code(1);
    let payment = |n: u32, day: &str, inside: &str| format!("HT{n},{buyer},CG{n},2000.00,P{n},1000.00,{day},{inside}\n");
    let rows =
        [payment(1, "2022-04-05", "是"), payment(2, "2023-01-01", "是"), payment(3, "2022-06-01", "否"), payment(4, "2022-04-05", "否")];
    let inputs = delivered(
        &[
            ("registrations", &registered(&[(buyer.clone(), "C3612")])),
            (
                "tech_purchases",
                &format!("合同编号,统一社会信用代码,成果编号,成交额,支付凭证号,实际支付额,支付日期,市内转化\n{}", rows.concat()),
            ),
        ],
        "2022-12-31",
    );
    let found = of(&inputs, "43-1-tech-purchase");
    let said: Vec<[&str; 4]> =
        found.iter().map(|[_, document, value, threshold, gap]| [document.as_str(), value, threshold, gap]).collect();
    // The fourth fails two clauses.
    assert_eq!(
        said,
        [
            ["HT2|P2", "2023-01-01", "2022-04-08 至 2022-12-31", "差 1 天"],
            ["HT1|P1", "2022-04-05", "2022-04-08 至 2022-12-31", "差 3 天"],
            ["HT3|P3", "否", "是", ""],
        ]
    );
}

#[test]
fn a_clause_that_picks_makes_no_near_miss_and_an_open_one_is_said() {
    let payer = code(1);
    let row = |year: u32, tax: &str, income: &str, staff: &str| format!("{payer},{year},{tax},{income},{staff},1000.00,否,0.00\n");
    // Another tax; too many people; too many people and assets unknown.
    let returns = [row(2020, "个体经营所得", "1000.00", "10"), row(2022, "企业所得税", "1000.00", "303")];
    let unknown = format!("{},2022,企业所得税,1000.00,301,,否,0.00\n", code(2));
    let inputs = delivered(
        &[
            ("registrations", &registered(&[(payer.clone(), "C3612"), (code(2), "C3612")])),
            (
                "income_tax_returns",
                &format!(
                    "统一社会信用代码,年度,税种,应纳税所得额,从业人数,资产总额,限制或禁止行业,实缴税额\n{}{unknown}",
                    returns.concat()
                ),
            ),
        ],
        "2022-12-31",
    );
    let found = of(&inputs, "14-2-small-profit");
    let said: Vec<[&str; 3]> = found.iter().map(|[_, _, value, threshold, gap]| [value.as_str(), threshold, gap]).collect();
    assert_eq!(said, [["301", "≤ 300", "超出 1 人；另有条件待核实"], ["303", "≤ 300", "超出 3 人"]]);
}

#[test]
fn every_near_miss_of_a_city_fails_by_one_clause() {
    let inputs = generated();
    let world = inputs.world();
    let mut seen = 0;
    for one in settled(&world) {
        let decided = &one.decided;
        let near = reports::near_misses(&world, decided, Wanted::All).unwrap();
        let measure = &inputs.pipeline.measures[one.measure()];
        let asked = || measure.conditions().into_iter().zip(&decided.judged);
        let by_one = (0..decided.verdicts.len()).filter(|&row| {
            let mut failing = asked().filter(|(_, judged)| judged.holds.get(row) == Some(false));
            let by_clause = failing.next().is_some_and(|(c, _)| matches!(c.id, ConditionId::Clause(_)) && !c.picks);
            matches!(decided.verdicts[row], Verdict::Ineligible(_)) && by_clause && failing.next().is_none()
        });
        assert_eq!(near.len(), by_one.count(), "{}", measure.id);
        seen += near.len();
        let told = |near: &reports::NearMisses| {
            let row = |n: NearMiss| (n.says.to_string(), n.document.to_string(), n.value, n.threshold, n.distance, n.amount);
            (0..near.len()).map(|at| row(near.get(at))).collect::<Vec<_>>()
        };
        let (all, called) = (told(&near), reports::near_misses(&world, decided, Wanted::Near).unwrap());
        let marked: Vec<&str> = measure.clauses.iter().filter(|c| c.near.is_some()).map(|c| c.says.as_str()).collect();
        assert!(told(&called).iter().all(|row| all.contains(row) && marked.contains(&row.0.as_str())), "{}", measure.id);
    }
    assert!(seen > 1000, "{seen}");
}

/// Marks a clause (from 1) of a measure, and no other.
fn mark(inputs: &mut Inputs, id: &str, clause: usize, band: Band, how: Option<&str>) {
    let measure = inputs.measure(id);
    let measure = &mut inputs.pipeline.measures[measure];
    measure.clauses.iter_mut().for_each(|clause| clause.near = None);
    let place = measure.place.clone();
    measure.clauses[clause - 1].near = Some(Near { band, how: how.map(str::to_string), place });
}

fn gap(number: i128, unit: &str) -> Band {
    Band::Gap { number, scale: 0, unit: unit.to_string() }
}

/// A percentage at the scale of rates.
const PERCENT: i128 = 1_000_000;

#[test]
fn a_band_takes_what_is_as_near_or_nearer() {
    let codes: Vec<String> = (1..=9).map(code).collect();
    let industry: Vec<(String, &str)> = codes.iter().map(|code| (code.clone(), "C3612")).collect();
    let returns = |cells: &[&str]| {
        let row = |(code, cells): (&String, &&str)| format!("{code},2022,企业所得税,{cells},否,0.00\n");
        let rows: String = codes.iter().zip(cells).map(row).collect();
        ("income_tax_returns", format!("统一社会信用代码,年度,税种,应纳税所得额,从业人数,资产总额,限制或禁止行业,实缴税额\n{rows}"))
    };
    let ratings = |grades: &[&str]| {
        let rows: String = codes.iter().zip(grades).map(|(code, grade)| format!("{code},2022,{grade}\n")).collect();
        ("tax_credit_ratings", format!("统一社会信用代码,年度,纳税信用级别\n{rows}"))
    };
    let payments = |days: &[&str]| {
        let row = |(n, day): (usize, &&str)| format!("HT{n},{},CG{n},2000.00,P{n},1000.00,{day},是\n", codes[n]);
        let rows: String = days.iter().enumerate().map(row).collect();
        ("tech_purchases", format!("合同编号,统一社会信用代码,成果编号,成交额,支付凭证号,实际支付额,支付日期,市内转化\n{rows}"))
    };
    let sales = |amounts: &[&str]| {
        let row = |(code, sales): (&String, &&str)| format!("{code},2022-04-01,2022-06-30,1,小规模纳税人,{sales},0.00,3%,0.00,0.00\n");
        let rows: String = codes.iter().zip(amounts).map(row).collect();
        let header = "统一社会信用代码,所属期起,所属期止,申报版次,纳税人类型,销售额,专用发票销售额,征收率,应纳税额,实缴税额";
        ("vat_returns", format!("{header}\n{rows}"))
    };
    let cases = [
        // Both bounds are of the law of 14-2: 300 people, 3,000,000 yuan.
        ("14-2-small-profit", 5, gap(3, "人"), returns(&["1000.00,304,1.00", "1000.00,303,1.00", "1000.00,301,1.00"]), vec!["301", "303"]),
        ("14-2-small-profit", 5, Band::Any, returns(&["1000.00,9304,1.00", "1000.00,303,1.00"]), vec!["303", "9304"]),
        (
            "14-2-small-profit",
            4,
            Band::Share(10 * PERCENT),
            returns(&["3300000.01,1,1.00", "3300000.00,1,1.00", "3000000.01,1,1.00", "0.00,1,1.00", "3300000.00,301,1.00"]),
            vec!["3,000,000.01", "3,300,000.00"],
        ),
        // The bound grows with the row's own months; of nothing nothing is a share.
        ("14-1-vat-exemption", 3, Band::Share(PERCENT), sales(&["454500.01", "454500.00", "0.00"]), vec!["454,500.00"]),
        // On both sides of the window.
        (
            "43-1-tech-purchase",
            3,
            gap(3, "天"),
            payments(&["2022-04-04", "2022-04-05", "2023-01-03", "2023-01-04"]),
            vec!["2022-04-05", "2023-01-03"],
        ),
        ("1-3-bank-tax-list", 2, gap(1, "级"), ratings(&["D", "C", "A"]), vec!["C"]),
        ("1-3-bank-tax-list", 2, gap(2, "级"), ratings(&["D", "C", "A"]), vec!["D", "C"]),
        // What the band is not measured in, is not near.
        ("43-1-tech-purchase", 3, Band::Share(90 * PERCENT), payments(&["2022-04-05"]), vec![]),
    ];
    for (id, clause, band, (source, rows), wanted) in cases {
        let statements: String = codes.iter().map(|code| format!("{code},2022,10,1000.00\n")).collect();
        let statements = format!("统一社会信用代码,年度,从业人数,营业收入\n{statements}");
        let files = [("registrations", &*registered(&industry)), ("annual_statements", &statements), (source, &rows)];
        let mut inputs = delivered(&files, "2022-12-31");
        mark(&mut inputs, id, clause, band.clone(), None);
        assert_eq!(told(&inputs, id, Wanted::Near, |n| n.value), wanted, "{id} {band:?}");
    }
}

#[test]
fn a_call_says_what_it_is_worth_and_what_to_do() {
    let payer = code(1);
    let header = "统一社会信用代码,年度,税种,应纳税所得额,从业人数,资产总额,限制或禁止行业,实缴税额";
    let returns = format!("{header}\n{payer},2022,企业所得税,3000000.01,1,1000.00,否,0.00\n");
    let mut inputs = delivered(&[("registrations", &registered(&[(payer, "C3612")])), ("income_tax_returns", &returns)], "2022-12-31");
    let calls = |inputs: &Inputs, wanted| {
        told(inputs, "14-2-small-profit", wanted, |n| (n.county.to_string(), n.distance.clone(), n.amount, n.how.clone()))
    };
    // min(应纳税所得额, 1,000,000) × 5% × 50%, whatever the clause says.
    let call = |how: &str| vec![("140902".to_string(), "超出 0.01 元".to_string(), Some(Fen(2_500_000)), how.to_string())];
    mark(&mut inputs, "14-2-small-profit", 4, Band::Any, Some("更正申报"));
    assert_eq!(calls(&inputs, Wanted::Near), call("更正申报"));
    mark(&mut inputs, "14-2-small-profit", 4, Band::Any, None);
    assert_eq!(calls(&inputs, Wanted::Near), call("设法做到：应纳税所得额大于0，不超过小型微利企业的所得额上限（超出 0.01 元）"));
    // Of what no file calls within reach nothing is said to do.
    mark(&mut inputs, "14-2-small-profit", 5, Band::Any, None);
    assert_eq!(calls(&inputs, Wanted::Near), vec![]);
    assert_eq!(calls(&inputs, Wanted::All), call(""));
}

#[test]
fn matches_and_funnels_add_up_to_the_ledger() {
    let inputs = generated();
    let world = inputs.world();
    let all = settled(&world);
    let lines: Vec<_> = all.iter().map(|s| huiqi::ledger::lines(&world, s).unwrap()).collect();
    let matches = reports::matches(&lines);
    let of_enterprises = lines.iter().flat_map(|of| of.lines.iter().filter(|l| !of.subject(l).contains('*')));
    let (mut count, mut sum) = (0, FenSum::default());
    of_enterprises.for_each(|l| (count += 1, sum += l.amount.unwrap_or_default()).0);
    assert_eq!(matches.iter().map(|m| m.lines.len()).sum::<usize>(), count);
    assert_eq!(matches.iter().filter_map(|m| m.amount()).sum::<FenSum>(), sum);
    assert!(matches.windows(2).all(|w| (w[0].subject(), &w[0].of.measure.id) < (w[1].subject(), &w[1].of.measure.id)));
    for one in &all {
        let funnel = reports::funnel(&inputs.pipeline, &one.decided);
        let left = funnel.steps.iter().map(|s| s.left);
        let steps: Vec<u64> = std::iter::once(funnel.judged).chain(left).collect();
        assert!(steps.windows(2).all(|w| w[0] >= w[1]));
        assert_eq!(steps.last().copied(), Some(funnel.left.iter().sum::<u64>()));
        assert_eq!(funnel.left[0], one.decided.verdicts.iter().filter(|v| **v == Verdict::Eligible).count() as u64);
        let (judged, n) = (&one.decided.judged, one.decided.verdicts.len());
        let fails = |at: usize, row: usize| judged[at].holds.get(row) == Some(false);
        let alone = |at: usize| (0..n).filter(|&row| (0..judged.len()).all(|other| fails(other, row) == (other == at))).count();
        let counted = |at: usize| (n == 0 || judged.len() == funnel.steps.len()).then(|| if n == 0 { 0 } else { alone(at) as u64 });
        let alone: Vec<Option<u64>> = (0..funnel.steps.len()).map(counted).collect();
        assert_eq!(funnel.steps.iter().map(|step| step.alone).collect::<Vec<_>>(), alone);
    }
}
