//! Finds the figures in an article: digits and Chinese numerals with their unit words, as exact values.

/// A figure as the article writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// `50万元`, `百分之三`, `2025年12月31日`.
    pub text: String,
    pub value: Amount,
    /// Where it stands in the article's text, in bytes.
    pub at: usize,
}

/// What a figure is worth, at 1e-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// In yuan, or in the unit as written.
    Plain(i128),
    /// A fraction: 3% is 0.03.
    Share(i128),
    /// Years, for comparison with months.
    Years(i128),
    Months(i128),
    /// Year, month, day; 0 where not written.
    Date(i32, u32, u32),
}

impl Amount {
    /// The bare number.
    pub fn number(self) -> Option<i128> {
        match self {
            Amount::Plain(n) | Amount::Share(n) | Amount::Years(n) | Amount::Months(n) => Some(n),
            Amount::Date(..) => None,
        }
    }
}

pub const ONE: i128 = 100_000_000;

/// Unit words after a number, longer ones first, with what they multiply by (as a fraction of 1e8) and whether they make a share.
const UNITS: [(&str, i128, bool); 10] = [
    ("亿元", 100_000_000 * ONE, false),
    ("亿", 100_000_000 * ONE, false),
    ("万元", 10_000 * ONE, false),
    ("万", 10_000 * ONE, false),
    ("个百分点", ONE / 100, true),
    ("个基点", ONE / 10_000, true),
    ("%", ONE / 100, true),
    ("％", ONE / 100, true),
    ("‰", ONE / 1000, true),
    ("折", ONE / 10, true),
];

/// Unit words that are shown with the number and do not change it.
const WORDS: [&str; 24] = [
    "个工作日",
    "平方米",
    "个月",
    "千瓦",
    "工作日",
    "小时",
    "分钟",
    "周岁",
    "个",
    "元",
    "人",
    "户",
    "家",
    "名",
    "套",
    "份",
    "天",
    "日",
    "次",
    "倍",
    "级",
    "强",
    "条",
    "岁",
];

/// The one numeral that is written with its unit of money.
const MILLION: &str = "百万元";

/// Every figure of a text, in its order. The number that an article begins with is none.
pub fn scan(text: &str) -> Vec<Figure> {
    let mut at = text.len() - text.trim_start().len();
    at += text[at..].find(|c: char| !c.is_ascii_digit()).filter(|n| *n > 0 && text[at + n..].starts_with('.')).unwrap_or(0);
    let mut found = Vec::new();
    while let Some(c) = text[at..].chars().next() {
        match one(&text[at..]) {
            Some((length, value)) => {
                found.push(Figure { text: text[at..at + length].to_string(), value, at });
                at += length;
            }
            None => at += c.len_utf8(),
        }
    }
    found
}

/// A figure at the beginning of a text: its length and value.
fn one(text: &str) -> Option<(usize, Amount)> {
    if let Some(rest) = text.strip_prefix("百分之") {
        let (length, n) = number(rest).or_else(|| numeral(rest))?;
        return Some(("百分之".len() + length, Amount::Share(n / 100)));
    }
    if text.starts_with(MILLION) {
        return Some((MILLION.len(), Amount::Plain(1_000_000 * ONE)));
    }
    if let Some(found) = date(text) {
        return Some(found);
    }
    match number(text) {
        // 5G, 3C: a name.
        Some((length, _)) if text[length..].starts_with(|c: char| c.is_ascii_alphabetic()) => None,
        Some((length, n)) => Some(with_unit(text, length, n)),
        // Chinese numerals count only before a unit of time or a multiple: 三年, 一倍.
        None => numeral(text).and_then(|(length, n)| {
            let rest = &text[length..];
            let multiple = rest.starts_with('倍') || rest.starts_with('折');
            let time = ["年", "个月", "个工作日", "日内", "天"].iter().any(|unit| rest.starts_with(unit));
            (multiple || time).then(|| with_unit(text, length, n))
        }),
    }
}

fn with_unit(text: &str, length: usize, n: i128) -> (usize, Amount) {
    let rest = &text[length..];
    if let Some((unit, factor, share)) = UNITS.iter().find(|(unit, ..)| rest.starts_with(unit)) {
        let value = n / 10_000 * (factor / 10_000);
        return (length + unit.len(), if *share { Amount::Share(value) } else { Amount::Plain(value) });
    }
    if rest.starts_with("年") {
        return (length + "年".len(), Amount::Years(n));
    }
    let word = WORDS.iter().find(|w| rest.starts_with(**w)).map_or(0, |w| w.len());
    let value = if rest.starts_with("个月") { Amount::Months(n) } else { Amount::Plain(n) };
    (length + word, value)
}

/// `2025年12月31日`, `2023年底`, `2022年`.
fn date(text: &str) -> Option<(usize, Amount)> {
    let digits = |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let length = digits(text);
    let year: i32 = text[..length].parse().ok().filter(|_| length == 4)?;
    // 2021-2023年: the year that a span begins with.
    let until = text[length..].strip_prefix(['-', '—', '至']).filter(|rest| digits(rest) == 4);
    if until.is_some_and(|rest| rest[4..].starts_with("年")) {
        return Some((length, Amount::Date(year, 0, 0)));
    }
    let mut end = length + text[length..].strip_prefix("年").map(|_| "年".len())?;
    let mut parts = [0u32; 2];
    for (part, word) in parts.iter_mut().zip(["月", "日"]) {
        let n = digits(&text[end..]);
        if n == 0 || !text[end + n..].starts_with(word) {
            break;
        }
        *part = text[end..end + n].parse().ok()?;
        end += n + word.len();
    }
    Some((end, Amount::Date(year, parts[0], parts[1])))
}

/// Digits with at most eight decimals, at 1e-8.
fn number(text: &str) -> Option<(usize, i128)> {
    let whole = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    if whole == 0 || whole > 18 {
        return None;
    }
    let mut value = text[..whole].parse::<i128>().ok()? * ONE;
    let rest = &text[whole..];
    let decimals = rest.strip_prefix('.').map_or(0, |r| r.len() - r.trim_start_matches(|c: char| c.is_ascii_digit()).len());
    if decimals == 0 || decimals > 8 {
        return Some((whole, value));
    }
    value += rest[1..=decimals].parse::<i128>().ok()? * 10i128.pow(8 - decimals as u32);
    Some((whole + 1 + decimals, value))
}

/// 一 to 九十九, at 1e-8.
fn numeral(text: &str) -> Option<(usize, i128)> {
    let digit = |c: char| "一二三四五六七八九".chars().position(|d| d == c).map(|p| p as i128 + 1).or((c == '两').then_some(2));
    let (mut length, mut total, mut last) = (0, 0, None);
    for c in text.chars() {
        match (digit(c), c) {
            (Some(d), _) if last.is_none() => last = Some(d),
            (None, '十') if total == 0 => total = last.take().unwrap_or(1) * 10,
            _ => break,
        }
        length += c.len_utf8();
    }
    let value = total + last.unwrap_or(0);
    (length > 0 && value > 0).then_some((length, value * ONE))
}
