//! Brings a delivered file into memory: its bytes as they were hashed, unpacked where they are packed.
//!
//! A file is read once, whole, before anything is parsed, so what is parsed is what the hash proves; its state on disk is
//! compared before, after, and when all is read. Packed files unpack within
//! limits; beyond them the file is refused. Workbooks are looked through and stay packed.

use super::ReadError;
use super::contract::Contract;
use super::format::{Format, unpack_limit};
use super::header::FileFault;
use super::rules::Rule;
use super::sheet::Sheet;
use super::{compound, package, parquet, workbook};
use crate::texts::hex;
use sha2::{Digest, Sha256};
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::Path;
use std::time::SystemTime;

/// The bytes of a file.
#[derive(Debug)]
pub struct Loaded {
    pub bytes: Vec<u8>,
    pub sha256: String,
    /// Why it could not be unpacked.
    pub fault: Option<FileFault>,
    /// How it stood on disk; none where it came from no file.
    pub state: Option<State>,
}

impl Loaded {
    /// A text that came from no file.
    pub fn text(text: String) -> Loaded {
        Loaded { bytes: format!("\u{feff}{text}").into_bytes(), sha256: String::new(), fault: None, state: None }
    }

    /// A file that is not opened.
    pub fn refused() -> Loaded {
        let fault = FileFault { rule: Rule::FileLink, column: String::new(), note: String::new() };
        Loaded { bytes: Vec::new(), sha256: String::new(), fault: Some(fault), state: None }
    }
}

/// Reads a file whole.
pub fn load(path: &Path, format: Format) -> Result<Loaded, ReadError> {
    let (bytes, state) = read_whole(path)?;
    let state = Some(state);
    let (sha256, unpacked) = rayon::join(|| hex(&Sha256::digest(&bytes)), || unpack(&bytes, format));
    Ok(match unpacked {
        None => Loaded { bytes, sha256, fault: None, state },
        Some(Ok(bytes)) => Loaded { bytes, sha256, fault: None, state },
        Some(Err(fault)) => Loaded { bytes: Vec::new(), sha256, fault: Some(fault), state },
    })
}

/// Reads all bytes and makes sure that nobody wrote the file meanwhile.
fn read_whole(path: &Path) -> Result<(Vec<u8>, State), ReadError> {
    let error = |error| ReadError::Io { path: path.to_owned(), error };
    let mut file = File::open(path).map_err(error)?;
    let before = file.metadata().map_err(error)?;
    let (length, state) = (before.len(), State::of(&before));
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(length as usize + 1).map_err(|_| error(io::ErrorKind::OutOfMemory.into()))?;
    file.read_to_end(&mut bytes).map_err(error)?;
    if bytes.len() as u64 != length {
        return Err(ReadError::Changed { path: path.to_owned() });
    }
    state.must_hold(path)?;
    Ok((bytes, state))
}

/// What changes on disk when a file is written, replaced, or its times are set back: the time of the last change of its
/// entry can be set by nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    length: u64,
    modified: Option<SystemTime>,
    #[cfg(unix)]
    entry: [i64; 4],
}

impl State {
    fn of(metadata: &Metadata) -> State {
        #[cfg(unix)]
        use std::os::unix::fs::MetadataExt;
        State {
            length: metadata.len(),
            modified: metadata.modified().ok(),
            #[cfg(unix)]
            entry: [metadata.dev() as i64, metadata.ino() as i64, metadata.ctime(), metadata.ctime_nsec()],
        }
    }

    /// An error where the file is no longer as it was.
    pub fn must_hold(&self, path: &Path) -> Result<(), ReadError> {
        match fs::metadata(path) {
            Ok(metadata) if State::of(&metadata) == *self => Ok(()),
            _ => Err(ReadError::Changed { path: path.to_owned() }),
        }
    }
}

fn unpack(bytes: &[u8], format: Format) -> Option<Result<Vec<u8>, FileFault>> {
    match format {
        Format::Csv => None,
        Format::Xlsx | Format::Xls => match workbook::kind_of(bytes) {
            Some(Format::Xlsx) => package::check(bytes).err().map(Err),
            Some(_) => compound::check(bytes).err().map(Err),
            None => None,
        },
        Format::Parquet => None,
        Format::Gzip => Some(unpack_within(flate2::read::MultiGzDecoder::new(bytes), bytes.len())),
        Format::Zstd => Some(match zstd::Decoder::new(bytes) {
            Ok(reader) => unpack_within(reader, bytes.len()),
            Err(error) => Err(unreadable(&error)),
        }),
    }
}

/// Opens a table that is no text; none for those that are.
pub fn open_sheet(format: Format, bytes: &[u8], contract: &Contract) -> Option<Sheet> {
    match format {
        Format::Csv | Format::Gzip | Format::Zstd => None,
        Format::Xlsx | Format::Xls => Some(workbook::open(bytes, contract)),
        Format::Parquet => Some(parquet::open(bytes, contract)),
    }
}

fn unpack_within(reader: impl Read, packed: usize) -> Result<Vec<u8>, FileFault> {
    let limit = unpack_limit(packed);
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::FileTimes;

    #[test]
    fn a_change_shows_even_where_length_and_time_are_the_same() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("records.csv");
        fs::write(&path, "1,2\n").expect("a file");
        let (bytes, state) = read_whole(&path).expect("bytes");
        assert_eq!(bytes, b"1,2\n");
        let modified = fs::metadata(&path).and_then(|metadata| metadata.modified()).expect("a time");
        std::thread::sleep(std::time::Duration::from_millis(20));
        fs::write(&path, "1,3\n").expect("a file");
        let file = File::options().write(true).open(&path).expect("a file");
        file.set_times(FileTimes::new().set_modified(modified)).expect("a time");
        assert!(matches!(state.must_hold(&path), Err(ReadError::Changed { .. })));
    }
}
