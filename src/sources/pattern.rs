//! The little pattern language of code columns: literal characters, classes `[A-T0-9]`, counts `{4}` and `{2,4}`.

/// A pattern that a code matches whole or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(Vec<Item>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Item {
    /// Inclusive ranges of characters.
    ranges: Vec<(char, char)>,
    fewest: usize,
    most: usize,
}

impl Pattern {
    /// Reads a pattern; none if it is not one.
    pub fn parse(text: &str) -> Option<Pattern> {
        let mut items = Vec::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let ranges;
            (ranges, rest) = match first {
                '[' => {
                    let (class, after) = rest[1..].split_once(']')?;
                    (parse_class(class)?, after)
                }
                ']' | '{' | '}' => return None,
                other => (vec![(other, other)], &rest[other.len_utf8()..]),
            };
            let (mut fewest, mut most) = (1, 1);
            if let Some(counted) = rest.strip_prefix('{') {
                let (count, after) = counted.split_once('}')?;
                let (low, high) = count.split_once(',').unwrap_or((count, count));
                (fewest, most, rest) = (low.trim().parse().ok()?, high.trim().parse().ok()?, after);
            }
            if most < fewest {
                return None;
            }
            items.push(Item { ranges, fewest, most });
        }
        Some(Pattern(items))
    }

    /// Whether the whole code matches.
    pub fn matches(&self, code: &str) -> bool {
        matches(&self.0, code)
    }
}

fn parse_class(class: &str) -> Option<Vec<(char, char)>> {
    let mut ranges = Vec::new();
    let mut characters = class.chars().peekable();
    while let Some(low) = characters.next() {
        let high = if characters.next_if_eq(&'-').is_some() { characters.next()? } else { low };
        if high < low {
            return None;
        }
        ranges.push((low, high));
    }
    (!ranges.is_empty()).then_some(ranges)
}

/// Takes as many characters as an item can, then fewer: codes are short.
fn matches(items: &[Item], code: &str) -> bool {
    let Some((item, later)) = items.split_first() else {
        return code.is_empty();
    };
    let fits = |character: char| item.ranges.iter().any(|&(low, high)| (low..=high).contains(&character));
    let mut ends: Vec<usize> = vec![0];
    for (at, character) in code.char_indices().take(item.most) {
        if !fits(character) {
            break;
        }
        ends.push(at + character.len_utf8());
    }
    (item.fewest..ends.len()).rev().any(|count| matches(later, &code[ends[count]..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_codes_only() {
        let industry = Pattern::parse("[A-T][0-9]{2,4}").expect("a pattern");
        for code in ["C36", "C361", "C3612"] {
            assert!(industry.matches(code), "{code}");
        }
        for code in ["", "C", "C3", "C36121", "U36", "3612", "C36X", "c36"] {
            assert!(!industry.matches(code), "{code}");
        }
        let twice = Pattern::parse("[0-9]{1,3}0{1}X").expect("a pattern");
        assert!(twice.matches("120X") && !twice.matches("12X"));
        for text in ["[A-", "[]", "A{2", "A{3,1}", "[Z-A]", "{2}", "A{x}"] {
            assert_eq!(Pattern::parse(text), None, "{text}");
        }
    }
}
