//! Number formats that fill a code with zeros: `0000000` shows 123 as 0000123, and that is what people mean.

/// A number format of zeros, with fixed text around or between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Padding(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Digit,
    Text(char),
}

impl Padding {
    /// None where a format is another one.
    pub fn of(format: &str) -> Option<Padding> {
        let mut pieces = Vec::new();
        let mut rest = format.split(';').next().unwrap_or_default().chars();
        while let Some(character) = rest.next() {
            match character {
                '0' => pieces.push(Piece::Digit),
                '"' => pieces.extend(rest.by_ref().take_while(|&inside| inside != '"').map(Piece::Text)),
                '\\' => pieces.extend(rest.next().map(Piece::Text)),
                // Colours and languages, and the width of a character that is left blank.
                '[' => rest.by_ref().take_while(|&inside| inside != ']').for_each(drop),
                '_' => rest.next().into_iter().for_each(drop),
                '-' | ' ' | '(' | ')' | '/' => pieces.push(Piece::Text(character)),
                _ => return None,
            }
        }
        let digits = pieces.iter().filter(|piece| **piece == Piece::Digit).count();
        (digits > 1).then_some(Padding(pieces))
    }

    /// A whole number as it is shown; none for what has decimals, a sign, or more digits than a workbook keeps.
    pub fn show(&self, value: f64) -> Option<String> {
        let is_whole = (0.0..1e15).contains(&value) && value.fract() == 0.0;
        let digits = is_whole.then(|| (value as u64).to_string())?;
        let places = self.0.iter().filter(|piece| **piece == Piece::Digit).count();
        let digits = format!("{digits:0>places$}");
        let (mut before, mut shown) = (Some(digits.len() - places), String::new());
        let mut rest = digits.chars();
        for piece in &self.0 {
            match piece {
                Piece::Text(character) => shown.push(*character),
                // Digits beyond the places stand before the first.
                Piece::Digit => shown.extend(rest.by_ref().take(before.take().unwrap_or(0) + 1)),
            }
        }
        Some(shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_of_zeros() {
        for (format, value, shown) in [
            ("0000000", 123.0, Some("0000123")),
            ("0000", 123456.0, Some("123456")),
            ("\"RD\"000000", 42.0, Some("RD000042")),
            ("000-0000", 1234567.0, Some("123-4567")),
            ("000-0000", 12345678.0, Some("1234-5678")),
            ("000\\-00_ ;[Red]-000", 7.0, Some("000-07")),
            ("[$-804]0000", 7.0, Some("0007")),
            ("0000", 1.5, None),
            ("0000", -1.0, None),
            ("0000", 1e15, None),
        ] {
            assert_eq!(Padding::of(format).and_then(|padding| padding.show(value)).as_deref(), shown, "{format} {value}");
        }
        for format in ["0", "0.00", "#,##0", "General", "@", "yyyy-mm-dd", "0%", "00.0"] {
            assert_eq!(Padding::of(format), None, "{format}");
        }
    }
}
