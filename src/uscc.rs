//! Codes that name an enterprise or a person: unified social credit codes (GB 32100-2015) and resident identity
//! numbers (GB 11643-1999), and what else stands in their place in real exports.
//!
//! Works on normalised codes (trimmed, upper-case, half-width); never normalises, never guesses a character.

use crate::period;

/// The 31 characters of GB 32100, in the order of their values; I, O, S, V and Z are left out.
pub const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Value of a byte in [`ALPHABET`], 255 where it is not part of it.
const VALUE: [u8; 256] = {
    let mut table = [255; 256];
    let mut value = 0;
    while value < ALPHABET.len() {
        table[ALPHABET[value] as usize] = value as u8;
        value += 1;
    }
    table
};

/// 3^i mod 31 of GB 32100, position 1 first.
const USCC_WEIGHT: [u32; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];

/// 2^(17-i) mod 11 of GB 11643, position 1 first.
const IDENTITY_WEIGHT: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/// Check digits of GB 11643 by the weighted sum mod 11.
const IDENTITY_CHECK: &[u8; 11] = b"10X98765432";

/// Weights of the organisation code, GB 11714, position 1 first.
const ORGANISATION_WEIGHT: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// Why a code is no unified social credit code: what it is instead, or what is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UsccFault {
    /// 15 digits: the registration number in use before 2015.
    RegistrationNumber,
    /// 13 digits: the registration number in use before 2007.
    OldRegistrationNumber,
    /// 9 characters with the check character of GB 11714.
    OrganisationCode,
    /// A person's number.
    IdentityNumber,
    Length,
    Alphabet,
    CheckCharacter,
}

/// Why a code is no resident identity number of 18.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentityFault {
    /// Not 17 digits and a digit or X.
    Form,
    /// The birth date is not of 19xx or 20xx or does not exist.
    BirthDate,
    CheckDigit,
}

/// Whether this is a valid unified social credit code.
pub fn is_uscc(code: &[u8]) -> bool {
    code.len() == 18 && sum_of(code).is_some_and(|sum| VALUE[code[17] as usize] as u32 == (31 - sum % 31) % 31)
}

/// The check character that makes 17 characters a code; none if one of them is not of the alphabet.
pub fn uscc_check_character(first: &[u8]) -> Option<u8> {
    if first.len() != 17 {
        return None;
    }
    sum_of(first).map(|sum| ALPHABET[((31 - sum % 31) % 31) as usize])
}

/// The check character that makes 8 characters an organisation code (GB 11714); none for other lengths and characters.
pub fn organisation_check_character(first: &[u8]) -> Option<u8> {
    if first.len() != 8 {
        return None;
    }
    let value = |byte: u8| match byte {
        b'0'..=b'9' => Some((byte - b'0') as u32),
        b'A'..=b'Z' => Some((byte - b'A') as u32 + 10),
        _ => None,
    };
    let sum: Option<u32> = first.iter().zip(ORGANISATION_WEIGHT).map(|(&byte, weight)| Some(value(byte)? * weight)).sum();
    sum.map(|sum| match 11 - sum % 11 {
        10 => b'X',
        11 => b'0',
        digit => b'0' + digit as u8,
    })
}

/// Says what keeps a code from being a unified social credit code.
pub fn check_uscc(code: &[u8]) -> Result<(), UsccFault> {
    if is_uscc(code) {
        return Ok(());
    }
    let digits = code.iter().all(u8::is_ascii_digit);
    Err(match code.len() {
        13 if digits => UsccFault::OldRegistrationNumber,
        15 if digits => UsccFault::RegistrationNumber,
        18 if is_identity_number(code) => UsccFault::IdentityNumber,
        18 if code.iter().any(|&byte| VALUE[byte as usize] == 255) => UsccFault::Alphabet,
        18 => UsccFault::CheckCharacter,
        _ if is_organisation_code(code) => UsccFault::OrganisationCode,
        _ => UsccFault::Length,
    })
}

/// Whether this is a valid resident identity number of 18, whatever else it may be.
pub fn is_identity_number(code: &[u8]) -> bool {
    check_identity_number(code).is_ok()
}

/// Says what keeps a code from being a resident identity number.
pub fn check_identity_number(code: &[u8]) -> Result<(), IdentityFault> {
    let Some((digits, last)) = identity_parts(code) else {
        return Err(IdentityFault::Form);
    };
    if !has_birth_date(digits) {
        return Err(IdentityFault::BirthDate);
    }
    if identity_check_digit(digits) != Some(last) {
        return Err(IdentityFault::CheckDigit);
    }
    Ok(())
}

/// The check digit that makes 17 digits an identity number.
pub fn identity_check_digit(first: &[u8]) -> Option<u8> {
    if first.len() != 17 || !first.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let sum: u32 = first.iter().zip(IDENTITY_WEIGHT).map(|(&digit, weight)| (digit - b'0') as u32 * weight).sum();
    Some(IDENTITY_CHECK[(sum % 11) as usize])
}

/// Whether a token has the form of a person's number, valid or mistyped: 17 digits of a province and a birth date with
/// any last character, or the 15 digits in use before 1999. For masking where nothing better is known of a token.
pub fn looks_like_identity_number(code: &[u8]) -> bool {
    if code.len() == 15 && code.iter().all(u8::is_ascii_digit) {
        return is_province(code) && exists(1900 + number(&code[6..8]), &code[8..12]);
    }
    identity_parts(code).is_some_and(|(digits, _)| is_province(digits) && has_birth_date(digits))
}

/// Whether a code is a person's where nothing better is known of it: a mistyped number is still somebody's, but a valid
/// enterprise code is no mistyped number.
pub fn is_personal(code: &[u8]) -> bool {
    is_identity_number(code) || looks_like_identity_number(code) && !is_uscc(code)
}

/// Masks a person's number: the first 6 and last 4 characters, one `*` for each between; 10 characters or fewer: all.
pub fn mask(number: &str) -> String {
    let length = number.chars().count();
    let keeps = |at: usize| length > 10 && (at < 6 || at + 4 >= length);
    number.chars().enumerate().map(|(at, character)| if keeps(at) { character } else { '*' }).collect()
}

fn sum_of(code: &[u8]) -> Option<u32> {
    let mut sum = 0;
    let mut highest = 0;
    for (&byte, weight) in code.iter().zip(USCC_WEIGHT) {
        let value = VALUE[byte as usize];
        highest |= value;
        sum += value as u32 * weight;
    }
    (highest < 32).then_some(sum)
}

fn is_organisation_code(code: &[u8]) -> bool {
    let (body, check) = match code {
        [body @ .., b'-', check] if body.len() == 8 => (body, *check),
        [body @ .., check] if body.len() == 8 => (body, *check),
        _ => return false,
    };
    organisation_check_character(body) == Some(check)
}

/// The first 17 digits and the last character of something formed like an identity number.
fn identity_parts(code: &[u8]) -> Option<(&[u8], u8)> {
    match code {
        [digits @ .., last @ (b'0'..=b'9' | b'X')] if digits.len() == 17 && digits.iter().all(u8::is_ascii_digit) => Some((digits, *last)),
        _ => None,
    }
}

fn has_birth_date(digits: &[u8]) -> bool {
    matches!(&digits[6..8], b"19" | b"20") && exists(number(&digits[6..10]), &digits[10..14])
}

fn exists(year: u32, month_day: &[u8]) -> bool {
    period::days(year as i32, number(&month_day[..2]), number(&month_day[2..])).is_some()
}

/// Provinces and the like have the codes 11 to 82 (GB/T 2260).
fn is_province(digits: &[u8]) -> bool {
    (11..=82).contains(&number(&digits[..2]))
}

fn number(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |value, &digit| value * 10 + (digit - b'0') as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn completed(first: &str) -> String {
        format!("{first}{}", uscc_check_character(first.as_bytes()).expect("alphabet") as char)
    }

    #[test]
    fn real_codes_pass_and_their_neighbours_do_not() {
        assert!(is_uscc(b"91350100M000100Y43"));
        assert!(!is_uscc(b"91350100M000100Y44"));
        assert_eq!(check_uscc(b"91350100M000100Y4"), Err(UsccFault::Length));
        assert_eq!(check_uscc(b"91350100M000100O43"), Err(UsccFault::Alphabet));
        assert_eq!(check_uscc(b"91350100M000100Y44"), Err(UsccFault::CheckCharacter));
        assert!(is_uscc(completed("N2140902ME1234567").as_bytes()), "letters may stand first");
    }

    #[test]
    fn what_stands_in_place_of_a_code_is_named() {
        assert_eq!(check_uscc(b"140902000012345"), Err(UsccFault::RegistrationNumber));
        assert_eq!(check_uscc(b"1409020000123"), Err(UsccFault::OldRegistrationNumber));
        assert_eq!(check_uscc(b"D2143569-X"), Err(UsccFault::OrganisationCode));
        assert_eq!(check_uscc(b"D2143569X"), Err(UsccFault::OrganisationCode));
        assert_eq!(check_uscc("企合苏锡总字第0001".as_bytes()), Err(UsccFault::Length));
        assert_eq!(check_uscc(b"11010519491231002X"), Err(UsccFault::IdentityNumber));
    }

    #[test]
    fn identity_numbers_need_a_day_that_exists_and_a_check_digit() {
        assert_eq!(check_identity_number(b"11010519491231002X"), Ok(()));
        assert_eq!(check_identity_number(b"110105194912310021"), Err(IdentityFault::CheckDigit));
        assert_eq!(check_identity_number(b"11010519490231002X"), Err(IdentityFault::BirthDate));
        assert_eq!(check_identity_number(b"11010518491231002X"), Err(IdentityFault::BirthDate));
        assert_eq!(check_identity_number(b"1101051949123100"), Err(IdentityFault::Form));
        assert!(looks_like_identity_number(b"110105194912310021"));
        assert!(looks_like_identity_number(b"110105491231002"));
        assert!(!looks_like_identity_number(b"140902000012345"));
    }

    #[test]
    fn masks_keep_six_and_four() {
        assert_eq!(mask("140921198508013931"), "140921********3931");
        assert_eq!(mask("护照E1234567890"), "护照E123***7890");
        assert_eq!(mask("E123456789"), "**********");
        assert_eq!(mask(""), "");
    }
}
