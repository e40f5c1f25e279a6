//! An answer as a page to read: plain text for a terminal, or Markdown.

use super::answer::*;

/// How a page is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Text,
    Markdown,
}

/// Writes an answer, one line per statement.
pub fn page(answer: &Answer, form: Form) -> String {
    let mut page = Page::new(form);
    page.head(answer);
    for measure in answer.measures.iter().filter(|m| !m.rows.is_empty()) {
        page.measure(measure);
    }
    page.without_rows(answer);
    page.text
}

pub(super) struct Page {
    form: Form,
    pub text: String,
}

impl Page {
    pub fn new(form: Form) -> Page {
        Page { form, text: String::new() }
    }

    pub fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    pub fn heading(&mut self, level: usize, text: &str) {
        match (self.form, level) {
            (Form::Markdown, level) => self.text.push_str(&format!("\n{} {text}\n\n", "#".repeat(level))),
            (Form::Text, 1) => self.text.push_str(&format!("{text}\n")),
            (Form::Text, 2) => self.text.push_str(&format!("\n── {text}\n")),
            (Form::Text, _) => self.text.push_str(&format!("  {text}\n")),
        }
    }

    pub fn item(&mut self, depth: usize, text: &str) {
        let (bullet, indent) = match self.form {
            Form::Markdown => ("- ", depth * 2),
            Form::Text => ("", depth * 2 + 4),
        };
        self.line(&format!("{}{bullet}{text}", " ".repeat(indent)));
    }

    /// A statement under a measure's heading.
    pub fn fact(&mut self, text: &str) {
        match self.form {
            Form::Markdown => self.line(&format!("- {text}")),
            Form::Text => self.line(&format!("  {text}")),
        }
    }

    fn head(&mut self, answer: &Answer) {
        let who = [answer.name.as_str(), &answer.code, &answer.county];
        let who: Vec<&str> = who.into_iter().filter(|t| !t.is_empty()).collect();
        self.heading(1, &who.join("  "));
        let run = if answer.run.is_empty() { String::new() } else { format!("运行 {}  ", answer.run) };
        self.line(&format!("{run}截止日 {}  {}", answer.as_of, answer.document));
        let count = |verdict: &str| answer.measures.iter().flat_map(|m| &m.rows).filter(|r| r.verdict == verdict).count();
        let counts = ["符合", "不符合", "待核实", "待定标准"].map(|v| format!("{v} {}", count(v)));
        let without = answer.measures.iter().filter(|m| m.rows.is_empty()).count();
        self.line(&format!("{} 项措施：{}（单据数），没有单据的措施 {without}", answer.measures.len(), counts.join("，")));
        for notice in &answer.notices {
            self.line(&format!("注意：{notice}"));
        }
        if !answer.rejected.is_empty() {
            self.heading(2, "读入时被拒收的记录，不在以下各项之内");
            answer.rejected.iter().for_each(|r| self.item(0, r));
        }
    }

    fn measure(&mut self, measure: &MeasureAnswer) {
        let payer = measure.payer.as_ref().map_or_else(String::new, |p| format!("·{p}"));
        self.heading(2, &format!("{} {}（第{}条·{}{payer}）", measure.id, measure.title, numeral(measure.article), measure.kind));
        self.fact(&format!("条文：{}", measure.text));
        if !measure.offices.is_empty() {
            self.fact(&format!("责任单位：{}", measure.offices.join("、")));
        }
        for row in &measure.rows {
            self.row(row);
        }
        if measure.more > 0 {
            self.fact(&format!("另有 {} 份单据未列出", measure.more));
        }
    }

    fn row(&mut self, row: &RowAnswer) {
        self.heading(3, &format!("来源单据 {}（{}）", row.document, place(&row.place)));
        let failing = row.failing.as_ref().map_or_else(String::new, |f| format!("：{f}"));
        self.item(0, &format!("结论 {}{failing}", row.verdict));
        if !row.missing.is_empty() {
            self.item(0, &format!("缺失数据 {}", row.missing.join("、")));
        }
        if let Some(entry) = &row.ledger {
            self.item(0, &ledger(entry));
        }
        self.item(0, "条件");
        row.conditions.iter().for_each(|c| self.condition(c));
        if let Some(amount) = &row.amount {
            let would = row.conditions.iter().any(|c| c.outcome == Outcome::Fails);
            self.item(0, if would { "金额（若其他条件都满足）" } else { "金额" });
            if !amount.says.is_empty() {
                self.item(1, &amount.says);
            }
            self.item(1, &amount.formula);
        }
        if let Some(settlement) = &row.settlement {
            self.item(0, "结算");
            self.item(1, settlement);
        }
        if !row.parameters.is_empty() {
            self.item(0, "参数");
            row.parameters.iter().for_each(|p| self.item(1, &parameter(p)));
        }
        if !row.facts.is_empty() {
            self.item(0, "事实与来源");
            row.facts.iter().for_each(|f| self.derivation(f));
        }
    }

    fn condition(&mut self, condition: &Condition) {
        let says = if condition.says.is_empty() { String::new() } else { format!(" {}", condition.says) };
        self.item(1, &format!("{} {}{says}", mark(condition.outcome), condition.number));
        for test in &condition.tests {
            let name = if test.name.is_empty() { String::new() } else { format!("{} ", test.name) };
            let margin = test.margin.as_ref().map_or_else(String::new, |m| format!("，{m}"));
            self.item(2, &format!("{} {name}{}（要求 {}{margin}）", mark(test.outcome), test.value, test.threshold));
        }
    }

    fn derivation(&mut self, fact: &Derivation) {
        let mut text = format!("{} = {}", fact.name, fact.value);
        let says: Vec<&str> = [fact.says.as_str(), &fact.source].into_iter().filter(|t| !t.is_empty()).collect();
        if !says.is_empty() {
            text.push_str(&format!("（{}）", says.join("；")));
        }
        if !fact.parts.is_empty() {
            text.push_str(&format!("：{}", fact.parts.join("，")));
        }
        for row in fact.rows.iter().filter(|r| r.cells.is_empty()) {
            text.push_str(&format!("〔{}〕", place(&row.place)));
        }
        self.item(1, &text);
        for row in fact.rows.iter().filter(|r| !r.cells.is_empty()) {
            self.item(2, &format!("{}：{}", place(&row.place), row.cells.join("，")));
        }
        if fact.more > 0 {
            self.item(2, &format!("另有 {} 行", fact.more));
        }
    }

    fn without_rows(&mut self, answer: &Answer) {
        let without: Vec<&MeasureAnswer> = answer.measures.iter().filter(|m| m.rows.is_empty()).collect();
        if without.is_empty() {
            return;
        }
        self.heading(2, "没有单据的措施");
        for measure in without {
            let why = measure.nothing.as_deref().unwrap_or_default();
            self.item(0, &format!("{} {}：{why}", measure.id, measure.title));
        }
    }
}

fn mark(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Holds => "✓",
        Outcome::Fails => "✗",
        Outcome::Open => "？",
        Outcome::PutOff => "…（标准未定，暂不审查）",
        Outcome::NotAsked => "—（未审）",
    }
}

fn place(place: &Place) -> String {
    format!("{} {} 第 {} 行", place.source, place.file, place.line)
}

fn ledger(entry: &LedgerEntry) -> String {
    let mut text = format!("台账编号 {}  状态 {}  所属期 {}", entry.id, entry.status, entry.period);
    if let (Some(before), Some(cut), Some(amount)) = (&entry.before, &entry.cut, &entry.amount) {
        text.push_str(&format!("  核定前 {before} − 核减 {cut} = 金额 {amount}"));
    }
    if !entry.reason.is_empty() {
        text.push_str(&format!("（{}）", entry.reason));
    }
    if let Some(ceiling) = &entry.ceiling {
        text.push_str(&format!("  上限金额 {ceiling}"));
    }
    text
}

fn parameter(p: &ParameterAnswer) -> String {
    let value = p.value.as_deref().unwrap_or("未定");
    let from = p.from.as_ref().map_or_else(String::new, |d| format!("{d} 起"));
    let to = p.to.as_ref().map_or_else(String::new, |d| format!("至 {d}"));
    let when: Vec<&str> = [from.as_str(), &to, &p.source].into_iter().filter(|t| !t.is_empty()).collect();
    let note = p.note.as_ref().map_or_else(String::new, |n| format!("；{n}"));
    format!("{} {value}（{}{note}）", p.name, when.join("，"))
}

/// 1 to 99 as an article is numbered.
fn numeral(n: u32) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let digit = |d: u32| DIGITS.get(d as usize).copied().unwrap_or_default();
    match n {
        1..10 => digit(n).to_string(),
        10..20 => format!("十{}", digit(n % 10)),
        20..100 => format!("{}十{}", digit(n / 10), digit(n % 10)),
        _ => n.to_string(),
    }
}
