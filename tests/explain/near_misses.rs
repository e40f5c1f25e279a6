//! Near misses: who is one, what it says, and in which order.

use crate::setup::{Inputs, delivered, generated, settled};
use huiqi::measures::Verdict;
use huiqi::money::FenSum;
use huiqi::policy::conditions::ConditionId;
use huiqi::reports::{self, NearMiss};

const REGISTRATIONS: &str = "统一社会信用代码,名称,主体类型,区划代码,行业代码,成立日期,登记状态\n";

/// 统一社会信用代码, 来源单据, 实际值, 阈值, 差距 of a measure's near misses.
fn of(inputs: &Inputs, id: &str) -> Vec<[String; 5]> {
    let world = inputs.world();
    let all = settled(&world);
    let one = all.iter().find(|s| s.measure() == inputs.measure(id)).unwrap();
    let found = reports::near_misses(&world, &one.decided).unwrap();
    let said = |n: NearMiss| [n.subject.into(), n.document.into(), n.value, n.threshold, n.distance];
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
    assert_eq!(said, [["303", "≤ 300", "超出 3 人"], ["301", "≤ 300", "超出 1 人；另有条件待核实"]]);
}

#[test]
fn every_near_miss_of_a_city_fails_by_one_clause() {
    let inputs = generated();
    let world = inputs.world();
    let mut seen = 0;
    for one in settled(&world) {
        let decided = &one.decided;
        let near = reports::near_misses(&world, decided).unwrap();
        let measure = &inputs.pipeline.measures[one.measure()];
        let asked = || measure.conditions().into_iter().zip(&decided.judged);
        let by_one = (0..decided.verdicts.len()).filter(|&row| {
            let mut failing = asked().filter(|(_, judged)| judged.holds.get(row) == Some(false));
            let by_clause = failing.next().is_some_and(|(c, _)| matches!(c.id, ConditionId::Clause(_)) && !c.picks);
            matches!(decided.verdicts[row], Verdict::Ineligible(_)) && by_clause && failing.next().is_none()
        });
        assert_eq!(near.len(), by_one.count(), "{}", inputs.pipeline.measures[one.measure()].id);
        seen += near.len();
    }
    assert!(seen > 1000, "{seen}");
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
    assert_eq!(matches.iter().map(|m| m.lines).sum::<u64>(), count);
    assert_eq!(matches.iter().filter_map(|m| m.amount).sum::<FenSum>(), sum);
    assert!(matches.windows(2).all(|w| (w[0].subject, &w[0].measure.id) < (w[1].subject, &w[1].measure.id)));
    for one in &all {
        let funnel = reports::funnel(&inputs.pipeline, &one.decided);
        let left = funnel.steps.iter().map(|s| s.left);
        let steps: Vec<u64> = std::iter::once(funnel.judged).chain(left).collect();
        assert!(steps.windows(2).all(|w| w[0] >= w[1]));
        assert_eq!(steps.last().copied(), Some(funnel.left.iter().sum::<u64>()));
        assert_eq!(funnel.left[0], one.decided.verdicts.iter().filter(|v| **v == Verdict::Eligible).count() as u64);
    }
}
