//! Looks through a zip package (`.xlsx`) before anything is read from it: what it declares, and what it really holds.

use super::fault::{FileFault, Unread, unread};
use super::rules::Rule;
use memchr::memmem;
use std::io::{Cursor, Read};
use zip::ZipArchive;

/// The most that a package may unpack to, in bytes.
const MAX_UNPACKED: u64 = 2 << 30;
/// The most times its size, beyond a size that no one minds. Sheets of numbers pack to a tenth or a twentieth.
const MAX_RATIO: u64 = 200;
const SMALL: u64 = 32 << 20;

/// Refuses a package that declares, or holds, more than a table can sensibly be. Every part is unpacked once and
/// counted, since the declared size is only a claim; on the way it shows whether any cells are merged.
pub fn check(bytes: &[u8]) -> Result<bool, FileFault> {
    let mut package = ZipArchive::new(Cursor::new(bytes)).map_err(|error| unread(why(bytes), error))?;
    let (mut declared, mut sizes) = (0u64, Vec::new());
    for at in 0..package.len() {
        let part = package.by_index_raw(at).map_err(|error| unread(Unread::Damaged, error))?;
        declared = declared.saturating_add(part.size());
        sizes.push(part.size());
    }
    if declared > MAX_UNPACKED {
        return Err(FileFault::new(Rule::FileDeclaredSize, format!("声明 {declared} 字节，上限 {MAX_UNPACKED} 字节")));
    }
    if declared > SMALL && declared / MAX_RATIO > bytes.len() as u64 {
        return Err(FileFault::new(Rule::FileRatio, format!("{} 字节声明展开为 {declared} 字节", bytes.len())));
    }
    let mut has_merges = false;
    for (at, declared) in sizes.into_iter().enumerate() {
        let mut part = package.by_index(at).map_err(|error| unread(Unread::Damaged, error))?;
        let name = part.name().map(std::borrow::Cow::into_owned).unwrap_or_default();
        // A part that ends early or is damaged is told when the sheet needs it.
        if real_size(&mut part, declared, &mut has_merges) > declared {
            return Err(FileFault::new(Rule::FileBomb, format!("{name} 声明 {declared} 字节，实际更多")));
        }
    }
    Ok(has_merges)
}

/// What names a merge in a sheet, in the forms that have one.
const MERGES: [&[u8]; 2] = [b"mergeCell", b"rows-spanned"];
/// Bytes of the longest of them.
const LONGEST: usize = 12;

/// Bytes that a part holds, or one more than it declares.
fn real_size(part: &mut impl Read, declared: u64, has_merges: &mut bool) -> u64 {
    // The end of one piece stands before the next: what is looked for may lie across.
    const KEPT: usize = LONGEST - 1;
    let mut buffer = vec![0; KEPT + (1 << 16)];
    let mut size = 0;
    while size <= declared {
        // Never across the declared size: the reader fails there without saying how much it read.
        let most = (declared - size).clamp(1, (buffer.len() - KEPT) as u64) as usize;
        match part.read(&mut buffer[KEPT..KEPT + most]) {
            Ok(0) => break,
            Ok(read) => {
                size += read as u64;
                let piece = &buffer[..KEPT + read];
                *has_merges = *has_merges || MERGES.iter().any(|merge| memmem::find(piece, merge).is_some());
                buffer.copy_within(read..read + KEPT, 0);
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            // A wrong checksum at the end is damage, not size.
            Err(error) if size < declared || error.to_string().contains("checksum") => break,
            Err(_) => return declared.saturating_add(1),
        }
    }
    size
}

/// Its list of parts stands at the end of a package.
fn why(bytes: &[u8]) -> Unread {
    if memmem::rfind(bytes, b"PK\x05\x06").is_none() { Unread::Cut } else { Unread::Damaged }
}
