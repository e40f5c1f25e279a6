//! Looks through a zip package (`.xlsx`) before anything is read from it: what it declares, and what it really holds.

use super::header::FileFault;
use super::rules::Rule;
use std::io::{Cursor, Read};
use zip::ZipArchive;

/// The most that a package may unpack to, in bytes.
const MAX_UNPACKED: u64 = 2 << 30;
/// The most times its size, beyond a size that no one minds. Sheets of numbers pack to a tenth or a twentieth.
const MAX_RATIO: u64 = 200;
const SMALL: u64 = 32 << 20;

/// Refuses a package that declares, or holds, more than a table can sensibly be. Every part is unpacked once and
/// counted, since the declared size is only a claim.
pub fn check(bytes: &[u8]) -> Result<(), FileFault> {
    let mut package = ZipArchive::new(Cursor::new(bytes)).map_err(|error| fault(Rule::FileUnreadable, error.to_string()))?;
    let (mut declared, mut sizes) = (0u64, Vec::new());
    for at in 0..package.len() {
        let part = package.by_index_raw(at).map_err(|error| fault(Rule::FileUnreadable, error.to_string()))?;
        declared = declared.saturating_add(part.size());
        sizes.push(part.size());
    }
    if declared > MAX_UNPACKED {
        return Err(fault(Rule::FileDeclaredSize, format!("声明 {declared} 字节，上限 {MAX_UNPACKED} 字节")));
    }
    if declared > SMALL && declared / MAX_RATIO > bytes.len() as u64 {
        return Err(fault(Rule::FileRatio, format!("{} 字节声明展开为 {declared} 字节", bytes.len())));
    }
    for (at, declared) in sizes.into_iter().enumerate() {
        let mut part = package.by_index(at).map_err(|error| fault(Rule::FileUnreadable, error.to_string()))?;
        let name = part.name().map(std::borrow::Cow::into_owned).unwrap_or_default();
        // A part that ends early or is damaged is told when the sheet needs it.
        if real_size(&mut part, declared) > declared {
            return Err(fault(Rule::FileBomb, format!("{name} 声明 {declared} 字节，实际更多")));
        }
    }
    Ok(())
}

/// Bytes that a part holds, or one more than it declares.
fn real_size(part: &mut impl Read, declared: u64) -> u64 {
    let mut buffer = vec![0; 1 << 16];
    let mut size = 0;
    while size <= declared {
        // Never across the declared size: the reader fails there without saying how much it read.
        let most = (declared - size).clamp(1, buffer.len() as u64) as usize;
        match part.read(&mut buffer[..most]) {
            Ok(0) => break,
            Ok(read) => size += read as u64,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            // A wrong checksum at the end is damage, not size.
            Err(error) if size < declared || error.to_string().contains("checksum") => break,
            Err(_) => return declared.saturating_add(1),
        }
    }
    size
}

fn fault(rule: Rule, note: String) -> FileFault {
    FileFault { rule, column: String::new(), note }
}
