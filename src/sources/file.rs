//! Brings a delivered file into memory: its bytes as they were hashed, unpacked where they are packed.
//!
//! A file is read once, whole, before anything is parsed, so what is parsed is what the hash proves; its state on disk is
//! compared before, after, and when all is read. Packed files unpack within
//! limits; beyond them the file is refused. Workbooks are looked through and stay packed.

use super::ReadError;
use super::contract::Contract;
use super::fault::{FileFault, Unread, unread};
use super::format::{Format, unpack_limit};
use super::rules::Rule;
use super::sheet::Book;
use super::workbook::Kind;
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
    /// Whether cells of a workbook may be merged.
    pub has_merges: bool,
    /// How it stood on disk; none where it came from no file.
    pub state: Option<State>,
}

impl Loaded {
    /// A text that came from no file.
    pub fn text(text: String) -> Loaded {
        Loaded { bytes: format!("\u{feff}{text}").into_bytes(), sha256: String::new(), fault: None, has_merges: false, state: None }
    }

    /// A file that is not opened.
    pub fn refused() -> Loaded {
        let fault = FileFault::new(Rule::FileLink, String::new());
        Loaded { bytes: Vec::new(), sha256: String::new(), fault: Some(fault), has_merges: false, state: None }
    }
}

/// Reads a file whole.
pub fn load(path: &Path, format: Format) -> Result<Loaded, ReadError> {
    let (bytes, state) = read_whole(path)?;
    let state = Some(state);
    let (sha256, unpacked) = rayon::join(|| hex(&Sha256::digest(&bytes)), || unpack(&bytes, format));
    Ok(match unpacked {
        Ok(Unpacked::Same { has_merges }) => Loaded { bytes, sha256, fault: None, has_merges, state },
        Ok(Unpacked::Other(bytes)) => Loaded { bytes, sha256, fault: None, has_merges: false, state },
        Err(fault) => Loaded { bytes: Vec::new(), sha256, fault: Some(fault), has_merges: false, state },
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

    /// Bytes of the file.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// An error where the file is no longer as it was.
    pub fn must_hold(&self, path: &Path) -> Result<(), ReadError> {
        match fs::metadata(path) {
            Ok(metadata) if State::of(&metadata) == *self => Ok(()),
            _ => Err(ReadError::Changed { path: path.to_owned() }),
        }
    }
}

/// What a file holds.
enum Unpacked {
    /// Itself: it is not packed, or stays so.
    Same {
        has_merges: bool,
    },
    Other(Vec<u8>),
}

fn unpack(bytes: &[u8], format: Format) -> Result<Unpacked, FileFault> {
    let packed = bytes.len();
    match format {
        Format::Text => Ok(Unpacked::Same { has_merges: false }),
        _ if bytes.is_empty() => Err(unread(Unread::Empty, "")),
        Format::Parquet => Ok(Unpacked::Same { has_merges: false }),
        Format::Book => match workbook::kind_of(bytes) {
            Some(Kind::Package) => package::check(bytes).map(|has_merges| Unpacked::Same { has_merges }),
            Some(Kind::Compound) => compound::check(bytes).map(|()| Unpacked::Same { has_merges: true }),
            None => Ok(Unpacked::Same { has_merges: false }),
        },
        Format::Gzip if !bytes.starts_with(&[0x1F, 0x8B]) => Err(unread(Unread::Other, "不是 gzip 压缩文件")),
        Format::Gzip => unpack_within(flate2::read::MultiGzDecoder::new(bytes), packed),
        Format::Zstd if !bytes.starts_with(&[0x28, 0xB5, 0x2F, 0xFD]) => Err(unread(Unread::Other, "不是 zstd 压缩文件")),
        Format::Zstd => zstd::Decoder::new(bytes).map_err(|error| packed_fault(&error)).and_then(|reader| unpack_within(reader, packed)),
    }
}

/// Opens a table that is no text; none for those that are.
pub fn open_book(format: Format, loaded: &Loaded, contract: &Contract) -> Option<Book> {
    match format {
        Format::Text | Format::Gzip | Format::Zstd => None,
        Format::Book => Some(workbook::open(&loaded.bytes, loaded.has_merges, contract)),
        Format::Parquet => Some(parquet::open(&loaded.bytes, contract)),
    }
}

fn unpack_within(reader: impl Read, packed: usize) -> Result<Unpacked, FileFault> {
    let limit = unpack_limit(packed);
    let mut bytes = Vec::new();
    reader.take(limit + 1).read_to_end(&mut bytes).map_err(|error| packed_fault(&error))?;
    if bytes.len() as u64 > limit {
        return Err(FileFault::new(Rule::FileBomb, format!("{packed} 字节展开后超过 {limit} 字节")));
    }
    Ok(Unpacked::Other(bytes))
}

fn packed_fault(error: &io::Error) -> FileFault {
    // What zstd says of a frame that ends early has no kind of its own.
    let is_cut = error.kind() == io::ErrorKind::UnexpectedEof || error.to_string().contains("incomplete frame");
    unread(if is_cut { Unread::Cut } else { Unread::Damaged }, error)
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
