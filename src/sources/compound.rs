//! Looks through a compound file (`.xls`) before anything is read from it: chains of sectors that never end, and streams
//! longer than the file, would fill the memory of whoever follows them.

use super::fault::{FileFault, Unread, unread};
use memchr::memmem;

/// Ends a chain.
const END: u32 = 0xFFFF_FFFE;
/// Numbers from here on are marks, not sectors.
const MARKS: u32 = 0xFFFF_FFFA;
/// Sectors of the table that the header itself names.
const IN_HEADER: std::ops::Range<usize> = 76..512;
const ENTRY: usize = 128;

/// Refuses a file whose directory runs in a circle, or that claims a stream larger than itself. What else is wrong with it
/// its reader tells.
pub fn check(bytes: &[u8]) -> Result<(), FileFault> {
    let is_large = number(bytes, 30) & 0xFFFF == 12;
    let file = Compound { bytes, size: if is_large { 4096 } else { 512 } };
    let circle = || unread(Unread::Damaged, "扇区链成环");
    let table = file.table().ok_or_else(circle)?;
    let directory = file.chain(number(bytes, 48), &table).ok_or_else(circle)?;
    let entries = directory.iter().filter_map(|&sector| file.sector(sector)).flat_map(|sector| sector.chunks_exact(ENTRY));
    // An entry that is not in use has kind 0; files of small sectors have lengths of 32 bits.
    let length = |entry: &[u8]| u64::from(number(entry, 120)) | if is_large { u64::from(number(entry, 124)) << 32 } else { 0 };
    let longest = entries.filter(|entry| entry[66] != 0).map(length).max().unwrap_or_default();
    let shorts = u64::from(number(bytes, 64)) * file.size as u64;
    if longest.max(shorts) > bytes.len() as u64 {
        return Err(unread(Unread::Damaged, format!("声明的内容长 {} 字节，比文件还长", longest.max(shorts))));
    }
    Ok(())
}

/// Whether a workbook stands in it behind a password.
pub fn is_encrypted(bytes: &[u8]) -> bool {
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    memmem::find(bytes, &name).is_some()
}

/// Whether the file ends before sectors that its table says are used.
pub fn is_cut(bytes: &[u8]) -> bool {
    let file = Compound { bytes, size: if number(bytes, 30) & 0xFFFF == 12 { 4096 } else { 512 } };
    let used = file.table().and_then(|table| table.iter().rposition(|&next| next < MARKS || next == END));
    // The table itself may be what is missing.
    used.is_none_or(|used| file.sector(used as u32).is_none_or(<[u8]>::is_empty))
}

struct Compound<'a> {
    bytes: &'a [u8],
    /// Bytes of a sector; the header takes the first.
    size: usize,
}

impl<'a> Compound<'a> {
    fn sector(&self, sector: u32) -> Option<&'a [u8]> {
        let start = (sector as usize).checked_add(1)?.checked_mul(self.size)?;
        self.bytes.get(start..(start + self.size).min(self.bytes.len()))
    }

    /// Which sector follows which; none where the list of its own sectors never ends.
    fn table(&self) -> Option<Vec<u32>> {
        let mut named: Vec<u32> = numbers(self.bytes.get(IN_HEADER).unwrap_or_default()).collect();
        let mut next = number(self.bytes, 68);
        for _ in 0..=self.sectors() {
            let Some(list) = self.sector(next).filter(|_| next < MARKS) else {
                let table = named.iter().filter(|&&sector| sector < MARKS).filter_map(|&sector| self.sector(sector));
                return Some(table.take(self.sectors()).flat_map(numbers).collect());
            };
            named.extend(numbers(list));
            next = named.pop().unwrap_or(END);
        }
        None
    }

    /// The sectors of a chain; none where it never ends.
    fn chain(&self, first: u32, table: &[u32]) -> Option<Vec<u32>> {
        let (mut chain, mut next) = (Vec::new(), first);
        while next != END {
            // A sector that is not there is damage that the reader meets before it goes on.
            let Some(&following) = table.get(next as usize) else { return Some(chain) };
            if chain.len() > self.sectors() {
                return None;
            }
            chain.push(next);
            next = following;
        }
        Some(chain)
    }

    fn sectors(&self) -> usize {
        self.bytes.len() / self.size
    }
}

/// The number at a place, 0 where the file has ended.
fn number(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|number| number.try_into().ok()).map_or(0, u32::from_le_bytes)
}

fn numbers(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes.chunks_exact(4).map(|number| u32::from_le_bytes([number[0], number[1], number[2], number[3]]))
}
