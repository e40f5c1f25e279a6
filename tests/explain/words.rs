//! What an explanation says in words: conditions, cuts, facts down to their rows, persons masked.

use crate::near_misses::code;
use crate::setup::{Inputs, delivered};
use huiqi::explain::{Answer, Form, Outcome, Question, answer, page};

fn ask(inputs: &Inputs, code: &str, measure: &str) -> Answer {
    let world = inputs.world().for_few();
    let question = Question { code: code.into(), measures: vec![inputs.measure(measure)], document: None, rows: usize::MAX };
    answer(&world, &question).map_err(|e| format!("{e:?}")).unwrap().unwrap()
}

fn registrations(rows: &[&str]) -> String {
    format!("统一社会信用代码,名称,主体类型,区划代码,行业代码,成立日期,登记状态\n{}\n", rows.join("\n"))
}

/// Two buyers share a result whose cap the first one uses up but for 100 yuan.
fn shared_cap() -> Inputs {
    let (a, b) = (code(1), code(2));
    let payments = format!(
        "合同编号,统一社会信用代码,成果编号,成交额,支付凭证号,实际支付额,支付日期,市内转化\n\
         HT1,{a},CG1,20000000.00,P1,16663333.33,2022-05-01,是\n\
         HT2,{b},CG1,20000000.00,P2,1000000.00,2022-06-01,是\n"
    );
    let registered = registrations(&[
        &format!("{a},甲公司,企业,140902,C3612,2015-01-01,存续"),
        &format!("{b},乙公司,企业,140921,C3612,2015-01-01,存续"),
    ]);
    delivered(&[("registrations", &registered), ("tech_purchases", &payments)], "2022-12-31")
}

#[test]
fn a_cut_by_a_shared_cap_is_told_with_its_steps() {
    let inputs = shared_cap();
    let said = ask(&inputs, &code(2), "43-1-tech-purchase");
    let row = &said.measures[0].rows[0];
    assert_eq!(row.amount.as_ref().unwrap().formula, "补助基数 1,000,000.00 × 补助比例 3% = 30,000.00");
    assert_eq!(
        row.settlement.as_deref(),
        Some(
            "单个科技成果的补助历年合计不超过上限；按支付日期、合同编号、支付凭证号先后：上限 500,000.00 − 本年在前的 1 笔 499,900.00 = 余 100.00；核定前 30,000.00，核减 29,900.00，得 100.00"
        )
    );
    assert_eq!((row.place.file.as_str(), row.place.line), ("tech_purchases.csv", 3));
    let entry = row.ledger.as_ref().unwrap();
    assert_eq!(
        (entry.before.as_deref(), entry.cut.as_deref(), entry.amount.as_deref()),
        (Some("30,000.00"), Some("29,900.00"), Some("100.00"))
    );
    assert_eq!((said.name.as_str(), said.county.as_str()), ("乙公司", "定襄县"));
    let limit = row.parameters.iter().find(|p| p.name == "单个成果上限").unwrap();
    assert_eq!(
        (limit.value.as_deref(), limit.from.as_deref(), limit.source.as_str()),
        (Some("500,000.00 元"), Some("2022-04-08"), "第四十三条")
    );
}

#[test]
fn facts_go_down_to_file_and_line() {
    let a = code(1);
    let statements = format!("统一社会信用代码,年度,营业收入,总产值\n{a},2021,5.00,499999999.99\n{a},2022,6.00,500000000.00\n");
    let registered = registrations(&[&format!("{a},甲公司,企业,140902,E4710,2015-01-01,存续")]);
    let inputs = delivered(&[("registrations", &registered), ("annual_statements", &statements)], "2022-12-31");
    let said = ask(&inputs, &a, "18-3-construction-5yi");
    let row = &said.measures[0].rows[0];
    assert_eq!((row.verdict, row.failing.as_deref()), ("不符合", Some("3 本年总产值超过标准，而且是首次超过")));
    let clause = row.conditions.iter().find(|c| c.number == "3").unwrap();
    assert_eq!(clause.outcome, Outcome::Fails);
    let test = &clause.tests[0];
    assert_eq!((test.name.as_str(), test.value.as_str(), test.threshold.as_str()), ("本年总产值", "500,000,000.00", "> 500,000,000.00"));
    assert_eq!(test.margin.as_deref(), Some("差 0.01 元"));
    let output = row.facts.iter().find(|f| f.name == "本年总产值").unwrap();
    assert_eq!((output.rows[0].place.file.as_str(), output.rows[0].place.line), ("annual_statements.csv", 3));
    assert!(output.rows[0].cells.contains(&"总产值 500,000,000.00".to_string()), "{:?}", output.rows[0].cells);
    // The page says the same.
    let text = page(&said, Form::Text);
    assert!(text.contains("✗ 本年总产值 500,000,000.00（要求 > 500,000,000.00，差 0.01 元）"), "{text}");
    assert!(text.contains("年度财务报表 annual_statements.csv 第 3 行"), "{text}");
    assert!(page(&said, Form::Markdown).contains("## 18-3-construction-5yi"));
}

#[test]
fn an_unset_amount_and_missing_data_are_named() {
    let a = code(1);
    let statements = format!("统一社会信用代码,年度,总产值\n{a},2021,1.00\n{a},2022,600000000.00\n");
    let registered = registrations(&[&format!("{a},甲公司,企业,140902,E4710,2015-01-01,存续")]);
    let inputs = delivered(&[("registrations", &registered), ("annual_statements", &statements)], "2022-12-31");
    let said = ask(&inputs, &a, "18-3-construction-5yi");
    let row = &said.measures[0].rows[0];
    assert_eq!(row.verdict, "待定标准");
    assert!(row.amount.as_ref().unwrap().formula.ends_with("标准待定"));
    assert!(row.parameters.iter().any(|p| p.name == "奖励金额" && p.value.is_none()));
    let said = ask(&inputs, &a, "20-3-revenue-growth");
    assert_eq!(said.measures[0].rows[0].failing.as_deref().map(|f| &f[..1]), Some("2"));
    // Who was never rated is no A; who did not file last year may have reached it before.
    let said = ask(&inputs, &a, "49-2-invoice-a");
    assert_eq!((said.measures[0].rows[0].verdict, said.measures[0].rows[0].missing.len()), ("不符合", 0));
    let alone = statements.replace(&format!("{a},2021,1.00\n"), "");
    let inputs = delivered(&[("registrations", &registered), ("annual_statements", &alone)], "2022-12-31");
    let said = ask(&inputs, &a, "18-3-construction-5yi");
    let row = &said.measures[0].rows[0];
    assert_eq!((row.verdict, row.missing.len()), ("待核实", 1), "{:?}", row.missing);
    assert!(row.missing[0].contains("2021"), "{:?}", row.missing);
}

#[test]
fn a_person_is_found_by_number_or_mask_and_shown_masked() {
    // A made-up identity number with a valid check digit.
    let number = {
        let first = "14090219900101001";
        format!("{first}{}", huiqi::uscc::identity_check_digit(first.as_bytes()).unwrap() as char)
    };
    let applications = format!("申请编号,申请人类型,证件号码,申请日期,申请金额,审核结果\nSQ1,个人,{number},2022-06-01,400000.00,符合\n");
    let inputs = delivered(&[("startup_loan_applications", &applications)], "2022-12-31");
    let masked = huiqi::uscc::mask(&number);
    for code in [number.as_str(), &masked] {
        let said = ask(&inputs, code, "1-1-startup-loan-person");
        assert_eq!(said.code, masked);
        assert_eq!(
            said.measures[0].rows[0].amount.as_ref().unwrap().formula,
            "取小（申请金额 400,000.00，创业担保贷款个人上限 300,000.00） = 300,000.00"
        );
        let text = page(&said, Form::Text) + &serde_json::to_string(&said).unwrap();
        assert!(!text.contains(&number));
    }
    let world = inputs.world().for_few();
    let stranger = Question { code: code(9), measures: vec![inputs.measure("1-1-startup-loan-person")], document: None, rows: 1 };
    assert!(answer(&world, &stranger).map_err(|e| format!("{e:?}")).unwrap().is_none());
}
