//! `$1`, `$P1`, `$B1` in a case's cells: valid credit codes, identity numbers and bank codes, the same in every case.

use crate::uscc;

/// Makes the numbers that stand for placeholders.
pub struct Placeholders {
    /// Six digits of a place, at the head of every number.
    county: String,
}

/// A placeholder in a text: its kind, its number, and how many bytes it takes.
struct Found {
    kind: Kind,
    number: u32,
    length: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Code,
    Person,
    Bank,
}

/// What every placeholder begins with.
pub const PLACEHOLDER: char = '$';

impl Placeholders {
    pub fn new(county: &str) -> Self {
        Placeholders { county: county.to_string() }
    }

    /// The text with every placeholder replaced.
    pub fn fill(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(PLACEHOLDER) {
            out.push_str(&rest[..at]);
            rest = &rest[at..];
            match placeholder(rest) {
                Some(found) => {
                    out.push_str(&self.number(found.kind, found.number));
                    rest = &rest[found.length..];
                }
                None => {
                    out.push(PLACEHOLDER);
                    rest = &rest[1..];
                }
            }
        }
        out.push_str(rest);
        out
    }

    fn number(&self, kind: Kind, n: u32) -> String {
        let (first, check) = match kind {
            Kind::Bank => return format!("B{n:013}"),
            Kind::Code => {
                let first = format!("91{}MA{n:07}", self.county);
                let check = uscc::uscc_check_character(first.as_bytes());
                (first, check)
            }
            Kind::Person => {
                let first = format!("{}19900101{:03}", self.county, n % 1000);
                let check = uscc::identity_check_digit(first.as_bytes());
                (first, check)
            }
        };
        first + &check.map_or(String::new(), |c| char::from(c).to_string())
    }
}

/// The placeholder at the head of a text.
fn placeholder(text: &str) -> Option<Found> {
    let after = text.strip_prefix(PLACEHOLDER)?;
    let (kind, digits) = match after.chars().next()? {
        'P' => (Kind::Person, &after[1..]),
        'B' => (Kind::Bank, &after[1..]),
        _ => (Kind::Code, after),
    };
    let count = digits.bytes().take_while(u8::is_ascii_digit).count();
    let number = digits[..count].parse().ok()?;
    Some(Found { kind, number, length: text.len() - digits.len() + count })
}
