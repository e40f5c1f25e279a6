//! Codes that pass their checks and never repeat: a row's number, scrambled, written in the code's alphabet.

use super::draw::scramble;
use crate::period;
use crate::uscc;

/// Organisation codes of eight characters of the alphabet of GB 32100.
const ORGANISATIONS: u64 = 31u64.pow(8);
/// Rows of one column; each column has its own stretch of [`ORGANISATIONS`].
const STRETCH: u64 = 1 << 32;
/// Persons born in one region on one day.
const PER_DAY: u64 = 999;

/// The unified social credit code of a row: two characters of the issuer, six digits of the region.
///
/// `ordinal` numbers the plan's columns of such codes, `shift` differs by seed. None where the parts make no code.
pub fn credit_code(issuer: &str, region: &str, row: u64, ordinal: u64, shift: u64) -> Option<String> {
    if row >= STRETCH || ordinal >= ORGANISATIONS / STRETCH {
        return None;
    }
    let mut number = (scramble(ordinal * STRETCH + row, ORGANISATIONS) + shift % ORGANISATIONS) % ORGANISATIONS;
    let mut organisation = [b'0'; 8];
    for place in organisation.iter_mut().rev() {
        *place = uscc::ALPHABET[(number % 31) as usize];
        number /= 31;
    }
    let mut code = format!("{issuer}{region}").into_bytes();
    code.extend_from_slice(&organisation);
    code.push(uscc::organisation_check_character(&organisation)?);
    code.push(uscc::uscc_check_character(&code)?);
    String::from_utf8(code).ok()
}

/// The identity number of a row's person, of one of the regions, born within two days; the places
/// `row · of + ordinal` never repeat.
pub fn identity_number(regions: &[String], born: (i32, i32), row: u64, (ordinal, of): (u64, u64), shift: u64) -> Option<String> {
    let days = u64::try_from(i64::from(born.1) - i64::from(born.0) + 1).ok()?;
    let places = days * PER_DAY * regions.len() as u64;
    let number = row.checked_mul(of)?.checked_add(ordinal).filter(|n| *n < places)?;
    let number = (scramble(number, places) + shift % places) % places;
    let (year, month, day) = period::civil(born.0 + i32::try_from(number % days).ok()?);
    let (region, order) = (&regions[(number / days / PER_DAY) as usize], number / days % PER_DAY + 1);
    let mut code = format!("{region}{year:04}{month:02}{day:02}{order:03}").into_bytes();
    code.push(uscc::identity_check_digit(&code)?);
    String::from_utf8(code).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn credit_codes_are_valid_and_never_repeat() {
        let mut seen = BTreeSet::new();
        for (issuer, ordinal) in [("91", 0), ("A1", 0), ("N2", 1)] {
            for row in 0..2000 {
                let code = credit_code(issuer, "140902", row, ordinal, 12345).expect("a code");
                assert!(uscc::is_uscc(code.as_bytes()), "{code}");
                assert!(seen.insert(code[8..].to_string()) || issuer == "A1", "{code}");
            }
        }
        assert_eq!(credit_code("9I", "140902", 1, 0, 0), None);
        assert_eq!(credit_code("91", "14090", 1, 0, 0), None);
        assert_eq!(credit_code("91", "140902", STRETCH, 0, 0), None);
    }

    #[test]
    fn identity_numbers_are_valid_and_never_repeat() {
        let born = (period::days(1990, 1, 1).expect("a day"), period::days(1990, 1, 3).expect("a day"));
        let mut seen = BTreeSet::new();
        let regions = ["140902".to_string(), "140981".to_string()];
        for row in 0..PER_DAY * 6 {
            let code = identity_number(&regions, born, row, (0, 1), 77).expect("a number");
            assert!(uscc::is_identity_number(code.as_bytes()), "{code}");
            assert!(seen.insert(code));
        }
        assert_eq!(identity_number(&regions, born, PER_DAY * 6, (0, 1), 77), None);
    }
}
