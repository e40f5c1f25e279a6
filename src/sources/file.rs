//! Brings a delivered file into memory: its bytes as they were hashed, unpacked where they are packed.
//!
//! A file is read whole before anything is parsed, so what is parsed is what the hash proves. Packed files unpack within
//! limits; beyond them the file is refused. Workbooks are looked through and stay packed.

use super::ReadError;
use super::header::FileFault;
use super::rules::Rule;
use super::{package, workbook};
use sha2::{Digest, Sha256};
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::Path;

/// The most that a packed file may unpack to, in bytes.
const MAX_UNPACKED: u64 = 16 << 30;
/// The most times its size, beyond a size that no one minds.
const MAX_RATIO: u64 = 200;
const SMALL: u64 = 256 << 20;

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Csv,
    Gzip,
    Zstd,
    Xlsx,
    Xls,
}

impl Format {
    /// The name without its extension, and the format that this names.
    pub fn of(name: &str) -> Option<(&str, Format)> {
        const EXTENSIONS: [(&str, Format); 5] =
            [(".csv", Format::Csv), (".csv.gz", Format::Gzip), (".csv.zst", Format::Zstd), (".xlsx", Format::Xlsx), (".xls", Format::Xls)];
        EXTENSIONS.into_iter().find_map(|(extension, format)| {
            let stem = name.len().checked_sub(extension.len()).filter(|&at| name.is_char_boundary(at))?;
            let matches = stem > 0 && name[stem..].eq_ignore_ascii_case(extension);
            matches.then(|| (&name[..stem], format))
        })
    }
}

/// The bytes of a file.
#[derive(Debug)]
pub struct Loaded {
    pub bytes: Vec<u8>,
    pub sha256: String,
    /// Why it could not be unpacked.
    pub fault: Option<FileFault>,
}

impl Loaded {
    /// A text that came from no file.
    pub fn text(text: String) -> Loaded {
        Loaded { bytes: format!("\u{feff}{text}").into_bytes(), sha256: String::new(), fault: None }
    }
}

/// Reads a file whole.
pub fn load(path: &Path, format: Format) -> Result<Loaded, ReadError> {
    let bytes = read_whole(path)?;
    let (sha256, unpacked) = rayon::join(|| hex(&Sha256::digest(&bytes)), || unpack(&bytes, format));
    Ok(match unpacked {
        None => Loaded { bytes, sha256, fault: None },
        Some(Ok(bytes)) => Loaded { bytes, sha256, fault: None },
        Some(Err(fault)) => Loaded { bytes: Vec::new(), sha256, fault: Some(fault) },
    })
}

/// Reads all bytes and makes sure that nobody wrote the file meanwhile.
fn read_whole(path: &Path) -> Result<Vec<u8>, ReadError> {
    let error = |error| ReadError::Io { path: path.to_owned(), error };
    let mut file = File::open(path).map_err(error)?;
    let before = file.metadata().map_err(error)?;
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(before.len() as usize + 1).map_err(|_| error(io::ErrorKind::OutOfMemory.into()))?;
    file.read_to_end(&mut bytes).map_err(error)?;
    let after = fs::metadata(path).map_err(error)?;
    if bytes.len() as u64 != before.len() || !is_same(&before, &after) {
        return Err(ReadError::Changed { path: path.to_owned() });
    }
    Ok(bytes)
}

fn is_same(before: &Metadata, after: &Metadata) -> bool {
    before.len() == after.len() && before.modified().ok() == after.modified().ok()
}

fn unpack(bytes: &[u8], format: Format) -> Option<Result<Vec<u8>, FileFault>> {
    match format {
        Format::Csv => None,
        Format::Xlsx | Format::Xls if workbook::kind_of(bytes) == Some(Format::Xlsx) => package::check(bytes).err().map(Err),
        Format::Xlsx | Format::Xls => None,
        Format::Gzip => Some(unpack_within(flate2::read::MultiGzDecoder::new(bytes), bytes.len())),
        Format::Zstd => Some(match zstd::Decoder::new(bytes) {
            Ok(reader) => unpack_within(reader, bytes.len()),
            Err(error) => Err(unreadable(&error)),
        }),
    }
}

fn unpack_within(reader: impl Read, packed: usize) -> Result<Vec<u8>, FileFault> {
    let limit = (packed as u64 * MAX_RATIO).clamp(SMALL, MAX_UNPACKED);
    let mut bytes = Vec::new();
    reader.take(limit + 1).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    if bytes.len() as u64 > limit {
        let note = format!("{packed} 字节展开后超过 {limit} 字节");
        return Err(FileFault { rule: Rule::FileBomb, column: String::new(), note });
    }
    Ok(bytes)
}

fn unreadable(error: &io::Error) -> FileFault {
    FileFault { rule: Rule::FileUnreadable, column: String::new(), note: error.to_string() }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
