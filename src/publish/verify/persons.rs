//! Looks for identity numbers that show: a token of 18 letters and digits that is one and is no enterprise's code.

use super::finding::{Check, Findings};
use crate::uscc;
use memchr::{memchr, memchr_iter, memmem, memrchr};

/// Length of a resident identity number.
const LENGTH: usize = 18;

pub(super) fn check(file: &str, bytes: &[u8], findings: &mut Findings) {
    let mut tell = |offset: usize, token: &[u8]| {
        let line = 1 + memchr_iter(b'\n', &bytes[..offset]).count() as u64;
        let number = uscc::mask(&String::from_utf8_lossy(token));
        findings.add(Check::Person, file, Some(line), || format!("a person's identity number shows: {number}"));
    };
    find(bytes, &mut tell);
    let mut from = 0;
    for at in memchr_iter(0xEF, bytes) {
        if at < from || !is_full_width(&bytes[at..]) {
            continue;
        }
        let start = memrchr(b'\n', &bytes[..at]).map_or(0, |end| end + 1);
        let end = memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |length| at + length);
        let narrow: String = String::from_utf8_lossy(&bytes[start..end]).chars().map(half_width).collect();
        // What is narrow in the file too has been told.
        find(narrow.as_bytes(), &mut |_, token| {
            if memmem::find(&bytes[start..end], token).is_none() {
                tell(start, token);
            }
        });
        from = end;
    }
}

/// Whether a text begins with what may be part of a number: `０` to `９`, `Ｘ`, `ｘ`.
fn is_full_width(text: &[u8]) -> bool {
    matches!(text, [0xEF, 0xBC, 0x90..=0x99 | 0xB8, ..] | [0xEF, 0xBD, 0x98, ..])
}

fn half_width(character: char) -> char {
    match character {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(character as u32 - 0xFEE0).unwrap_or(character),
        other => other,
    }
}

/// Tells every token that names a person, with its offset.
fn find(bytes: &[u8], tell: &mut impl FnMut(usize, &[u8])) {
    let mut start = 0;
    for (at, byte) in bytes.iter().chain([&b' ']).enumerate() {
        if !byte.is_ascii_alphanumeric() {
            if at - start == LENGTH && names_person(&bytes[start..at]) {
                tell(start, &bytes[start..at]);
            }
            start = at + 1;
        }
    }
}

fn names_person(token: &[u8]) -> bool {
    let code = token.to_ascii_uppercase();
    uscc::is_identity_number(&code) && !uscc::is_uscc(&code)
}
