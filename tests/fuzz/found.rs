//! What fuzzing found, each case kept.

use crate::expressions::Expressions;
use crate::reader::Reader;
use crate::seeds;

/// As deep as it is long: the stack ran over.
#[test]
fn long_chains_are_refused_before_they_are_walked() {
    let expressions = Expressions::new();
    for (first, link) in
        [("1", " + 1"), ("TRUE", " AND TRUE"), ("TRUE", " IS TRUE"), ("1", " - -1"), ("截止日", "::DATE"), ("TRUE", " = TRUE")]
    {
        for length in [100, 145, 151, 3_000] {
            expressions.check(&format!("{first}{}", link.repeat(length)));
        }
    }
}

/// A workbook of the old kind whose directory runs in a circle took all memory that there was; so did a stream that claims to be
/// larger than its file, once its sectors run in a circle too.
#[test]
fn old_workbooks_that_never_end_are_refused() {
    let old = |bytes: &Vec<u8>| bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]);
    let (workbook, reader) = (seeds::files().into_iter().find(old).expect("an old workbook"), Reader::new());
    let number = |at: usize| u32::from_le_bytes([workbook[at], workbook[at + 1], workbook[at + 2], workbook[at + 3]]) as usize;
    let (table, directory) = ((number(76) + 1) * 512, number(48));
    let mut circle = workbook.clone();
    circle[table + directory * 4..][..4].copy_from_slice(&(directory as u32).to_le_bytes());
    let mut long = workbook.clone();
    long[(directory + 1) * 512 + 120..][..4].copy_from_slice(&u32::MAX.to_le_bytes());
    let mut listed = workbook.clone();
    listed[68..72].copy_from_slice(&0u32.to_le_bytes());
    for bytes in [circle, long, listed] {
        assert_eq!(reader.refused(&bytes), ["file.unreadable"]);
        reader.check(&bytes);
    }
    assert!(reader.refused(&workbook).iter().all(|rule| !rule.starts_with("file.")));
}
