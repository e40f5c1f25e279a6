//! The forms that text takes before it is compared: trimmed, half-width, upper-case.

use std::borrow::Cow;

/// Blanks that exports put around cells, U+3000 and the marks that one cannot see among them: those of zero width, and
/// those of writing direction that come along when a code is copied from a window.
fn is_blank(character: char) -> bool {
    const UNSEEN: [std::ops::RangeInclusive<char>; 4] =
        ['\u{200B}'..='\u{200F}', '\u{202A}'..='\u{202E}', '\u{2060}'..='\u{2069}', '\u{FEFF}'..='\u{FEFF}'];
    character.is_whitespace() || UNSEEN.iter().any(|unseen| unseen.contains(&character))
}

/// Without blanks at either end.
#[inline]
pub fn trim(text: &str) -> &str {
    let plain = |byte: Option<&u8>| byte.is_none_or(u8::is_ascii_graphic);
    if plain(text.as_bytes().first()) && plain(text.as_bytes().last()) {
        return text;
    }
    text.trim_matches(is_blank)
}

/// Full-width ASCII (`１`, `（`, `Ａ`) and U+3000 as half-width.
pub fn half_width(text: &str) -> Cow<'_, str> {
    let wide = |character: char| matches!(character, '\u{FF01}'..='\u{FF5E}' | '\u{3000}');
    if text.is_ascii() || !text.contains(wide) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(half_width_character).collect())
}

/// One full-width character as half-width.
pub fn half_width_character(character: char) -> char {
    match character {
        '\u{3000}' => ' ',
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(character as u32 - 0xFEE0).unwrap_or(character),
        other => other,
    }
}

/// A code: trimmed, half-width, upper-case.
pub fn code(text: &str) -> Cow<'_, str> {
    let text = trim(text);
    if is_code(text.as_bytes()) {
        return Cow::Borrowed(text);
    }
    match half_width(text) {
        Cow::Borrowed(text) => Cow::Owned(text.to_uppercase()),
        Cow::Owned(text) => Cow::Owned(trim(&text).to_uppercase()),
    }
}

/// Whether these bytes are a code already.
#[inline]
pub fn is_code(text: &[u8]) -> bool {
    !text.first().is_some_and(|first| FORMULA.contains(first))
        && text.iter().all(|&byte| byte.is_ascii_graphic() && !byte.is_ascii_lowercase())
}

/// What a spreadsheet takes for the beginning of a formula.
const FORMULA: [u8; 4] = *b"=+-@";

/// Whether a normalised code would run in a spreadsheet, or hide something: codes are published as they stand.
pub fn is_formula(code: &str) -> bool {
    code.as_bytes().first().is_some_and(|first| FORMULA.contains(first)) || code.chars().any(char::is_control)
}

/// A column's name as headers are compared: as a code, without blanks inside.
pub fn name(text: &str) -> String {
    half_width(trim(text)).chars().filter(|&character| !is_blank(character)).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        assert_eq!(trim("\u{3000} 忻州\u{3000}\t"), "忻州");
        assert_eq!(trim("a"), "a");
        assert_eq!(trim("\u{202D}\u{200E}91140902\u{202C}\u{A0}"), "91140902");
        assert_eq!(code(" ９１１４０９０２ｘ\u{3000}"), "91140902X");
        assert_eq!(code("C3612"), "C3612");
        assert!(!is_formula("HT-2022") && ["=1", "+1", "-1", "@A", "A\u{7}B"].into_iter().all(is_formula));
        assert_eq!(code("ht（1）号"), "HT(1)号");
        assert_eq!(name("\u{FEFF}统一 社会\u{3000}信用代码 "), "统一社会信用代码");
        assert_eq!(name("Uniscid"), "UNISCID");
    }
}
