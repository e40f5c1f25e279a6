//! The notice's own indicators over a small delivery; its rows say in their numbers what they are there for.

use super::support::{Case, text};
use Edit::{Change, Lines, Without};
use huiqi::facts::World;
use huiqi::indicators::{Kpis, evaluate};
use huiqi::period::{format_date, parse_iso_date};
use huiqi::policy::indicator::IndicatorId;
use huiqi::policy::model::Pipeline;
use huiqi::policy::reach::{Reach, sources_read};
use huiqi::sources::read;
use huiqi::sql::ir::{Arithmetic, Expr, GroupValue, Node};
use insta::assert_snapshot;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;
use tempfile::TempDir;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn case() -> &'static Case {
    static CASE: OnceLock<Case> = OnceLock::new();
    CASE.get_or_init(|| Case::read(&root().join("pipelines/xinzhou-2022"), &root().join("fixtures/indicators/data")))
}

/// What becomes of a file of the delivery.
#[derive(Clone, Copy)]
enum Edit<'a> {
    /// These words become others; they must be there.
    Change(&'a str, &'a str),
    Lines(&'a str),
    /// Without the lines that hold these words.
    Without(&'a str),
}

/// What some indicators say of the small delivery with some of its files edited; a source named alone is not delivered.
fn kpis_over(edits: &[(&str, Option<&Edit<'_>>)], as_of: &str, wanted: &[IndicatorId]) -> Kpis {
    let data = TempDir::new().unwrap();
    for file in fs::read_dir(root().join("fixtures/indicators/data")).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().to_string();
        let mut text = fs::read_to_string(&path).unwrap();
        let of_file: Vec<Option<&Edit<'_>>> = edits.iter().filter(|(source, _)| *source == name).map(|(_, edit)| *edit).collect();
        if of_file.iter().any(Option::is_none) {
            continue;
        }
        for edit in of_file.into_iter().flatten() {
            text = match edit {
                Change(from, to) => {
                    assert!(text.contains(from), "{name}: no {from}");
                    text.replace(from, to)
                }
                Lines(more) => format!("{text}{more}\n"),
                Without(words) => text.lines().filter(|line| !line.contains(words)).map(|line| format!("{line}\n")).collect(),
            };
        }
        fs::write(data.path().join(path.file_name().unwrap()), text).unwrap();
    }
    let pipeline = &case().pipeline;
    let tables = root().join("pipelines/xinzhou-2022/tables");
    let tables = read(&pipeline.sources, data.path(), &tables, &huiqi::schema::all(&pipeline.sources)).unwrap();
    assert!(tables.rejects.is_empty(), "{:#?}", tables.rejects);
    let world = World::new(pipeline, &tables, parse_iso_date(as_of.as_bytes()).unwrap());
    evaluate(&world, wanted).unwrap_or_else(|(_, e)| panic!("{e}"))
}

fn everything() -> Vec<IndicatorId> {
    case().pipeline.indicators.keys().collect()
}

fn kpis_with(edits: &[(&str, Edit<'_>)], as_of: &str) -> Kpis {
    kpis_over(&whole(edits), as_of, &everything())
}

fn whole<'e, 'a>(edits: &'e [(&'e str, Edit<'a>)]) -> Vec<(&'e str, Option<&'e Edit<'a>>)> {
    edits.iter().map(|(source, edit)| (*source, Some(edit))).collect()
}

/// 目标, 实际 and 达标 of one target, over an edited delivery.
fn target_with(edits: &[(&str, Edit<'_>)], as_of: &str, name: &str, object: &str) -> String {
    let holds = |&i: &IndicatorId| case().pipeline.indicators[i].targets.iter().any(|t| t.name == name);
    let wanted: Vec<_> = everything().into_iter().filter(holds).collect();
    reached(&kpis_over(&whole(edits), as_of, &wanted), name, object)
}

/// 目标, 实际 and 达标 of a target.
fn reached(kpis: &Kpis, name: &str, object: &str) -> String {
    let targets = kpis.tables.iter().find(|t| t.name == "targets").unwrap();
    let row = targets.rows.iter().find(|row| row[1] == name && row[2] == object);
    row.map_or_else(|| "not listed".to_string(), |row| row[4..7].join(" | "))
}

/// All tables of a day, with what is said beside them.
fn page(as_of: &str) -> String {
    let kpis = case().kpis(as_of);
    let tables = kpis.tables.iter().map(|t| format!("# {} {}\n{}\n", t.name, t.title, text(t)));
    let remarks = kpis.remarks.iter().map(|(title, said)| format!("{title}：{said}"));
    let warnings = kpis.warnings.iter().map(|w| format!("！{w}"));
    tables.chain(remarks).chain(warnings).collect::<Vec<_>>().join("\n")
}

#[test]
fn at_the_end_of_the_year() {
    assert_snapshot!(page("2022-12-31"));
}

/// 期末 is 年初: the delivery is stale, and what is compared with 年初 has no base.
#[test]
fn over_a_stale_delivery() {
    assert_snapshot!(page("2023-01-15"));
}

/// The snapshot a year earlier was never delivered.
#[test]
fn before_there_is_a_base() {
    assert_snapshot!(page("2022-06-30"));
}

/// Flows that start after January of the year before cannot show who had a loan then.
#[test]
fn over_a_short_history() {
    let kpis = kpis_with(&[("loan_flows", Edit::Without("2021-01-31"))], "2022-12-31");
    let tables = kpis.tables.iter().filter(|t| ["first_loans", "new_loan_rates"].contains(&t.name.as_str()));
    assert_snapshot!(tables.map(text).collect::<Vec<_>>().join("\n\n"));
}

#[test]
fn each_indicator_reads_its_own_sources() {
    let pipeline = &case().pipeline;
    let read = |name: &str| -> Vec<&str> {
        let id = pipeline.indicator(name).unwrap();
        sources_read(pipeline, &[], &[id]).into_iter().map(|s| pipeline.sources[s].name.as_str()).collect()
    };
    assert_eq!(read("new_loan_rates"), ["banks", "loan_flows"]);
    assert_eq!(read("credit_share"), ["banks", "loan_stock"]);
    assert_eq!(read("guarantee_leverage"), ["guarantee_institutions", "guarantees"]);
    assert_eq!(read("first_loans"), ["banks", "loan_flows", "loan_stock", "prior_borrowers", "registrations"]);
    let targets = read("targets");
    assert!(["calendar", "enterprise_scale", "annual_statements", "service_records"].iter().all(|s| targets.contains(s)));
    assert!(!targets.contains(&"vat_returns"));
}

/// Each figure at its edge and beside it: the small delivery with one thing changed in it.
#[test]
fn targets_at_and_beside_their_edges() {
    let said = |name: &str, object: &str, edits: &[(&str, Edit<'_>)]| target_with(edits, "2022-12-31", name, object);
    // 融资获得率, 首贷成功率: what was asked for on the first day of the year is this year's.
    let got = "融资获得率";
    assert_eq!(said(got, "全市", &[("credit_applications", Change("2021-12-31", "2022-01-01"))]), "1.000000 | 0.500000 | 否");
    assert_eq!(said(got, "全市", &[("credit_applications", Without("2021-"))]), "无基数 | 0.600000 | 无基数");
    assert_eq!(said(got, "全市", &[("credit_applications", Change(",通过", ",办理中"))]), "0.000000 | 0.000000 | 否");
    let first = "首贷成功率";
    assert_eq!(said(first, "全市", &[("credit_applications", Change("2022-07-09,未通过", "2022-07-09,通过"))]), "0.500000 | 1.000000 | 是");
    assert_eq!(
        said(first, "全市", &[("credit_applications", Change("2022-07-09,未通过", "2022-07-09,办理中"))]),
        "0.500000 | 1.000000 | 是"
    );
    // The operator's own loans and records count as the applicant's.
    let operator = "140923198501010014";
    let prompt = "无贷户授信申请5个工作日回复率";
    let unknown = ("registrations", Change(",140923198501010014", ","));
    assert_eq!(said(prompt, "B0000000000001", &[unknown]), "1.000000 | 0.666667 | 否");
    assert_eq!(said(prompt, "B0000000000001", &[("prior_borrowers", Lines(operator))]), "1.000000 | 0.000000 | 否");
    let stock = "2022-12-31,B0000000000003,140923198501010014,个体工商户,J11,,2022-06-30,2023-06-30,1.00,0.07,信用,100.00,";
    assert_eq!(said(prompt, "B0000000000001", &[("loan_stock", Lines(stock))]), "1.000000 | 0.000000 | 否");
    let same_day = stock.replace("2022-06-30", "2022-07-01");
    assert_eq!(said(prompt, "B0000000000001", &[("loan_stock", Lines(&same_day))]), "1.000000 | 0.500000 | 否");
    // The fifth working day after 1 July is 8 July, a Friday.
    assert_eq!(said(prompt, "B0000000000001", &[("credit_applications", Change("2022-07-09", "2022-07-08"))]), "1.000000 | 1.000000 | 是");
    // Open since Friday 23 December: late on the last working day of the year, 30 December, not the day before.
    assert_eq!(said(prompt, "B0000000000002", &[]), "1.000000 | 0.000000 | 否");
    assert_eq!(said(prompt, "B0000000000002", &[("credit_applications", Change("2022-12-23", "2022-12-26"))]), "not listed");
    assert_eq!(said(prompt, "B0000000000003", &[]), "not listed");
    // 全市首贷户数: as many as last year are not more.
    let more = "全市首贷户数";
    let fewer: Vec<(&str, Edit<'_>)> = ["L05", "L10", "L11"].map(|flow| ("loan_flows", Without(flow))).into();
    assert_eq!(said(more, "全市", &fewer), "1 | 2 | 是");
    let fewer: Vec<(&str, Edit<'_>)> = ["L04", "L05", "L10", "L11"].map(|flow| ("loan_flows", Without(flow))).into();
    assert_eq!(said(more, "全市", &fewer), "1 | 1 | 否");
    assert_eq!(said(more, "全市", &[("loan_flows", Without("2021-01-31"))]), "无基数 | 4 | 无基数");
    // 小微新发放贷款加权平均利率: other clients' loans are not in it; the same rate is not below.
    let rate = "小微新发放贷款加权平均利率";
    let alone = |kind: &str, lent_at: &str| {
        let history = "L00,B0000000000001,91140902MA0K00003K,其他,J00,2021-01-31,50.00,收回,信用,0.08,";
        let loan = format!("L12,B0000000000001,91140902MA0K00002G,{kind},J12,2022-06-01,1.00,发放,信用,{lent_at},\n{history}");
        let others = ["L01", "L03", "L05", "L06", "L07", "L10", "L11"].map(|flow| ("loan_flows", Without(flow)));
        said(rate, "全市", &[&others[..], &[("loan_flows", Lines(&loan))]].concat())
    };
    assert_eq!(alone("微型企业", "0.05"), "0.050000 | 0.050000 | 否");
    assert_eq!(alone("微型企业", "0.04999999"), "0.050000 | 0.050000 | 是");
    assert_eq!(alone("个体工商户", "0.05000001"), "0.050000 | 0.050000 | 否");
    assert_eq!(alone("中型企业", "0.04"), "0.050000 | 无基数 | 无基数");
    assert_eq!(said(rate, "全市", &[("loan_flows", Without("2021-01-31"))]), "无基数 | 0.055714 | 无基数");
    // 普惠小微贷款余额: the last 分 makes it more.
    let balance = "普惠小微贷款余额";
    let big = "1299999999.98";
    assert_eq!(said(balance, "全市", &[("loan_stock", Change(big, "1000199970.00"))]), "1001000100.00 | 1001000100.01 | 是");
    assert_eq!(said(balance, "全市", &[("loan_stock", Change(big, "1000199969.99"))]), "1001000100.00 | 1001000100.00 | 否");
    // To have lent nothing a year ago is no base, and a sum below zero is none.
    let stock = "loan_stock";
    let nothing = [(
        stock,
        Change(
            "2021-12-31,B0000000000001,91140902MA0K00001D,小型企业,J1,C3612",
            "2021-12-31,B0000000000001,91140902MA0K00001D,小型企业,J1,",
        ),
    )];
    assert_eq!(said("制造业中长期贷款余额", "全市", &nothing), "0.00 | 1300799999.99 | 无基数");
    let below = [(stock, Change("2024-03-01,1000000.00", "2024-03-01,-0.01"))];
    assert_eq!(said("制造业中长期贷款余额", "全市", &below), "-0.01 | 1300799999.99 | 无基数");
    let little = [(stock, Change("2024-03-01,1000000.00", "2024-03-01,0.01"))];
    assert_eq!(said("制造业中长期贷款余额", "全市", &little), "0.01 | 1300799999.99 | 是");
    // 工程: 40 % from 1 July 2022.
    let works = "400万元以上工程预留中小企业比例";
    let buy = "procurement_projects";
    assert_eq!(said(works, "全市", &[(buy, Change("2000000.00,1200000.00", "1999999.99,1200000.00"))]), "0.400000 | 0.400000 | 否");
    assert_eq!(said(works, "全市", &[(buy, Change("2022-07-01", "2022-06-30"))]), "0.400000 | 无基数 | 无基数");
    assert_eq!(said(works, "全市", &[(buy, Change("C4,工程", "C4,服务"))]), "0.400000 | 无基数 | 无基数");
    assert_eq!(said(works, "全市", &[(buy, Change("C4,工程,5000000.00", "C4,工程,4000000.00"))]), "0.400000 | 无基数 | 无基数");
    // 公示期: 20 days, no more and no less; none measured is no data.
    let notice = "简易注销公示期20天执行率";
    let cases = "service_records";
    let all = [(cases, Change(",,19,", ",,20,")), (cases, Change(",,21,", ",,20,"))];
    assert_eq!(said(notice, "全市", &all), "1.000000 | 1.000000 | 是");
    let none: Vec<(&str, Edit<'_>)> = ["S9,", "S11,", "S13,"].map(|row| (cases, Without(row))).into();
    assert_eq!(said(notice, "全市", &none), "1.000000 |  | 无数据");
    // 80 working days of the office's own; where it did not measure them, from receipt to end.
    let approval = "投资项目审批80个工作日办结率";
    assert_eq!(
        said(approval, "全市", &[(cases, Change("2022-12-30 09:00:00,,81", "2022-12-30 09:00:00,,80"))]),
        "1.000000 | 1.000000 | 是"
    );
    let unmeasured = |end| {
        let row = format!("S25,投资项目审批,140902,2022-01-04 09:00:00,{end},,");
        said(approval, "全市", &[(cases, Without("投资项目审批")), (cases, Lines(&row))])
    };
    assert_eq!(unmeasured("2022-04-29 23:59:59"), "1.000000 | 1.000000 | 是");
    assert_eq!(unmeasured("2022-04-30 00:00:00"), "1.000000 | 0.000000 | 否");
    assert_eq!(unmeasured(""), "1.000000 | 0.000000 | 否");
    let open = |as_of| {
        let edits = [(cases, Without("投资项目审批")), (cases, Lines("S25,投资项目审批,140902,2022-01-04 09:00:00,,,"))];
        target_with(&edits, as_of, approval, "全市")
    };
    assert_eq!(open("2022-04-28"), "1.000000 | 无基数 | 无基数");
    assert_eq!(open("2022-04-29"), "1.000000 | 0.000000 | 否");
    // 当场: by the last second of the day.
    let spot = "告知承诺许可当场办结率";
    assert_eq!(said(spot, "全市", &[(cases, Change("2022-03-02 00:00:00", "2022-03-01 23:59:59"))]), "1.000000 | 1.000000 | 是");
}

/// A growth without base has none, however many borrowers there are.
#[test]
fn what_has_no_base_is_neither_met_nor_missed() {
    let gone = "2022-12-31,B0000000000003,91140902MA0K00003K,个体工商户,J3,,2021-06-01,2023-06-01,";
    let back = "2021-12-31,B0000000000003,91140902MA0K00001D,小型企业,J6,,2021-06-01,2023-06-01,-100.00,0.07,信用,100000.00,";
    let edits = [("loan_stock", Change(&format!("{gone}130.00"), &format!("{gone}0.00"))), ("loan_stock", Lines(back))];
    let kpis = kpis_with(&edits, "2022-12-31");
    let growth = kpis.tables.iter().find(|t| t.name == "inclusive_growth").unwrap();
    let bank = growth.rows.iter().find(|row| row[1] == "B0000000000003").unwrap();
    // One borrower fewer than at the beginning of the year, and a balance of 100.00 − 100.00 then.
    assert_eq!(bank[2..13].join(" | "), "0.00 | 0.00 | 0.00 | 无基数 | 无基数 | 无基数 | 0 | 1 | 0.300000 | 无基数 | 无基数");
    assert_eq!(reached(&kpis, "普惠小微贷款增速与两增", "B0000000000003"), "0.300000 | 无基数 | 无基数");
    // A base below zero is none either: -0.01 to 0.00 is no growth of -100 %.
    let below = [
        ("loan_stock", Change(&format!("{gone}130.00"), &format!("{gone}0.00"))),
        ("loan_stock", Lines(&back.replace("-100.00", "-100.01"))),
    ];
    let kpis = kpis_with(&below, "2022-12-31");
    let growth = kpis.tables.iter().find(|t| t.name == "inclusive_growth").unwrap();
    let bank = growth.rows.iter().find(|row| row[1] == "B0000000000003").unwrap();
    assert_eq!(bank[2..7].join(" | "), "0.00 | -0.01 | -0.01 | 无基数 | 无基数");
    let structure = kpis.tables.iter().find(|t| t.name == "loan_structure").unwrap();
    let bank = structure.rows.iter().find(|row| row[1] == "B0000000000003" && row[2] == "普惠小微中长期").unwrap();
    assert_eq!(bank[10..12].join(" | "), "无基数 | 无基数");
}

/// Whose county a person's first loan is counted in.
#[test]
fn a_person_is_counted_where_the_registration_is() {
    let counties = |edits: &[(&str, Edit<'_>)]| -> Vec<String> {
        let kpis = kpis_with(edits, "2022-12-31");
        let table = kpis.tables.iter().find(|t| t.name == "first_loans").unwrap();
        let rows = table.rows.iter().filter(|row| row[0] == "区划代码" && row[2] != "0");
        rows.map(|row| format!("{} {}", row[1], row[2])).collect()
    };
    let here = "registrations";
    assert_eq!(counties(&[]), ["140902 1", "140921 1", "140923 1", "未登记 1"]);
    // Of two that are alive the smaller code, of none that is alive the smallest of all; one that is yet to come counts if it is the only one.
    assert_eq!(
        counties(&[(here, Change("2020-01-01,存续,1409", "2020-01-01,吊销,1409"))]),
        ["140902 1", "140921 1", "140924 1", "未登记 1"]
    );
    let closed =
        [(here, Change("2020-01-01,存续,1409", "2020-01-01,吊销,1409")), (here, Change("2019-01-01,存续,1409", "2019-01-01,注销,1409"))];
    assert_eq!(counties(&closed), ["140902 1", "140921 1", "140922 1", "未登记 1"]);
    assert_eq!(counties(&[(here, Without("140923198501010022"))]), ["140921 1", "140923 1", "未登记 2"]);
}

/// The targets that have no data, and the tables that have no rows, where a source was not delivered.
#[test]
fn what_reads_a_source_that_was_not_delivered_says_so() {
    let whole = case().kpis("2022-12-31").tables.pop().unwrap();
    let without = |source: &str| -> String {
        let kpis = kpis_over(&[(source, None)], "2022-12-31", &everything());
        let targets = kpis.tables.iter().find(|t| t.name == "targets").unwrap();
        let (none, some): (Vec<_>, Vec<_>) = targets.rows.iter().partition(|row| row[6] == "无数据" && row[1] != "内部转移定价优惠");
        assert!(none.iter().all(|row| row[5].is_empty()), "{none:#?}");
        some.iter().for_each(|row| assert!(whole.rows.contains(row), "{row:?}"));
        let mut names: Vec<String> = none.iter().map(|row| format!("{} {}", row[0], row[1])).collect();
        names.dedup();
        let empty = kpis.tables.iter().filter(|t| t.rows.is_empty()).map(|t| t.name.clone());
        format!("{source}: {}; {}", names.join("、"), empty.collect::<Vec<_>>().join("、"))
    };
    let all = [
        "service_records",
        "procurement_projects",
        "land_sales",
        "guarantee_institutions",
        "guarantees",
        "credit_applications",
        "loan_flows",
        "loan_stock",
        "prior_borrowers",
        "registrations",
        "annual_statements",
    ];
    assert_snapshot!(all.map(without).join("\n"));
}

/// What a run after the calendar's end still says: what takes no working day, and what is not asked for one.
#[test]
fn after_the_end_of_the_calendar() {
    let applied = "A11,B0000000000002,92140902MA0K00013H,2027-01-04,2027-01-06,通过\nA12,B0000000000003,92140902MA0K00013H,2027-01-04,2027-01-04,通过";
    let cases = "S30,税费退库,140902,2027-01-04 10:00:00,2027-01-07 10:00:00,,\n\
        S31,投资项目审批,140902,2027-01-04 10:00:00,2027-01-05 10:00:00,,80\n\
        S32,低压非居民用电,140902,2027-01-04 10:00:00,2027-01-06 10:00:00,,\n\
        S33,高压单电源用电,140902,2027-01-04 10:00:00,2027-01-04 11:00:00,,\n\
        S34,企业开办,140902,2027-01-04 10:00:00,2027-01-04 11:00:00,,\n\
        S35,简易注销公示,140902,2027-01-04 10:00:00,,20,\n\
        S36,告知承诺许可,140902,2027-01-04 10:00:00,2027-01-04 11:00:00,,";
    let edits = [("credit_applications", Lines(applied)), ("service_records", Lines(cases))];
    let kpis = kpis_with(&edits, "2027-01-15");
    let said = |name: &str| reached(&kpis, name, "全市");
    assert_eq!(said("无贷户授信申请5个工作日回复率"), "1.000000 |  | 无数据");
    assert_eq!(reached(&kpis, "无贷户授信申请5个工作日回复率", "B0000000000002"), "1.000000 |  | 无数据");
    assert_eq!(reached(&kpis, "无贷户授信申请5个工作日回复率", "B0000000000001"), "not listed");
    assert_eq!(said("企业开办0.5个工作日办结率"), "1.000000 |  | 无数据");
    assert_eq!(said("低压非居民用电5个工作日办结率"), "1.000000 |  | 无数据");
    // Answered on the day of receipt, or measured by the office, or counted in hours or days: no calendar is needed.
    for name in [
        "高压单电源用电15个工作日办结率",
        "投资项目审批80个工作日办结率",
        "税费退库72小时到账率",
        "简易注销公示期20天执行率",
        "告知承诺许可当场办结率",
    ] {
        assert_eq!(said(name), "1.000000 | 1.000000 | 是", "{name}");
    }
    assert_eq!(said("有外线用水用气5个工作日办结率"), "1.000000 | 无基数 | 无基数");
    let lacking: Vec<String> = kpis.lacking.iter().map(|l| format!("{} {} {}", l.article, l.target, format_date(l.day))).collect();
    assert_eq!(
        lacking,
        [
            "5 无贷户授信申请5个工作日回复率 2027-01-05",
            "46 企业开办0.5个工作日办结率 2027-01-04",
            "53 低压非居民用电5个工作日办结率 2027-01-05"
        ]
    );
    // On its last day the calendar has all that is asked for: a limit after the run needs no day after it.
    let edits = [("credit_applications", Lines("A11,B0000000000002,92140902MA0K00013H,2026-12-30,,办理中"))];
    let kpis = kpis_with(&edits, "2026-12-31");
    assert_eq!(kpis.lacking, []);
    assert_eq!(reached(&kpis, "无贷户授信申请5个工作日回复率", "全市"), "1.000000 | 无基数 | 无基数");
}

/// The State Council's days: as many working days as each year has, and no row for a day that is as usual.
#[test]
fn the_calendar_has_the_working_days_of_each_year() {
    let day = |text: &str| parse_iso_date(text.as_bytes()).unwrap();
    let world = case().world("2022-12-31");
    let years = [250, 250, 249, 250, 249, 249, 251, 248, 248];
    for (year, days) in (2018..).zip(years) {
        let (eve, last) = (day(&format!("{}-12-31", year - 1)), day(&format!("{year}-12-31")));
        assert_eq!(world.calendar().working_days(eve, last), Ok(days), "{year}");
    }
    assert_eq!(world.calendar().working_days(day("2017-12-30"), day("2018-01-02")), Err(day("2017-12-31")));
    assert_eq!(world.calendar().working_days(day("2026-12-30"), day("2027-01-02")), Err(day("2027-01-01")));
    assert_eq!(world.calendar().working_days(day("2027-01-02"), day("2027-01-02")), Ok(0));
    let worked = |text: &str| world.calendar().working_days(day(text) - 1, day(text)) == Ok(1);
    for moved in
        ["2022-01-29", "2022-01-30", "2022-04-02", "2022-04-24", "2022-05-07", "2022-10-08", "2022-10-09", "2026-02-14", "2026-09-20"]
    {
        assert!(worked(moved), "{moved}");
    }
    let table = fs::read_to_string(root().join("pipelines/xinzhou-2022/tables/calendar.csv")).unwrap();
    for line in table.lines().skip(1) {
        let usual = huiqi::period::weekday(day(&line[..10])) < 5;
        assert_eq!(line[11..].starts_with('否'), usual, "{line}");
    }
}

/// A share, a rate or a growth divides in one place, where its base is looked at.
#[test]
fn nothing_divides_but_by_a_base() {
    const RATIO: &str = "比值";
    fn divides(e: &Expr) -> bool {
        match &e.node {
            Node::Named { name, .. } if name == RATIO => false,
            Node::Arithmetic(Arithmetic::Divide, ..) => true,
            Node::Group { value: GroupValue::Aggregate(a), .. } => a.output.expressions().into_iter().chain(&a.filter).any(divides),
            Node::Subquery(q) => {
                let keys = q.keys.iter().flat_map(|(inner, outer)| [inner, outer]);
                keys.chain(&q.filters).chain(&q.joint).chain(q.output.expressions()).any(divides)
            }
            _ => e.children().into_iter().any(divides),
        }
    }
    let pipeline: &Pipeline = &case().pipeline;
    let mut ratios = 0;
    for indicator in &pipeline.indicators {
        let columns = indicator.table.iter().flat_map(|t| t.columns.iter().map(|c| (&c.name, &c.value)));
        let targets = indicator.targets.iter().flat_map(|t| [(&t.name, &t.goal), (&t.name, &t.actual), (&t.name, &t.met)]);
        for (name, e) in columns.chain(targets) {
            assert!(!divides(e), "{}: {name}", indicator.name);
            let reach = Reach::of_expression(pipeline, e);
            ratios += usize::from(reach.functions.contains(RATIO));
            reach.facts.iter().for_each(|&f| assert!(!divides(&pipeline.facts[f].value), "{}", pipeline.facts[f].name));
        }
    }
    assert!(ratios > 40, "{ratios}");
}
