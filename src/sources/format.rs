//! The name of a delivered file → how it is packed, and how much it may unpack to.

/// The most that a packed file may unpack to, in bytes.
const MAX_UNPACKED: u64 = 16 << 30;
/// The most times its size, beyond a size that no one minds.
const MAX_RATIO: u64 = 200;
const SMALL: u64 = 256 << 20;

/// How a file is written, as its extension says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Text,
    Gzip,
    Zstd,
    Book,
    Parquet,
}

/// Text, and how it may be packed.
const TEXTS: [&str; 3] = [".csv", ".txt", ".tsv"];
const PACKED: [(&str, Format); 3] = [("", Format::Text), (".gz", Format::Gzip), (".zst", Format::Zstd)];
/// Workbooks: what they are their first bytes tell.
const BOOKS: [&str; 6] = [".xlsx", ".xlsm", ".xlsb", ".xls", ".et", ".ods"];

impl Format {
    /// The name without its extension, in any case of letters, and the format that this names.
    pub fn of(name: &str) -> Option<(&str, Format)> {
        let without = |name: &'_ str, extension: &str| {
            let at = name.len().checked_sub(extension.len()).filter(|&at| at > 0 && name.is_char_boundary(at))?;
            name[at..].eq_ignore_ascii_case(extension).then_some(at)
        };
        let text = |(packed, format): (&str, Format)| {
            let end = without(name, packed)?;
            let at = TEXTS.iter().find_map(|extension| without(&name[..end], extension))?;
            Some((&name[..at], format))
        };
        let book = |extension: &str| Some((&name[..without(name, extension)?], Format::Book));
        let parquet = || Some((&name[..without(name, ".parquet")?], Format::Parquet));
        PACKED.into_iter().find_map(text).or_else(|| BOOKS.into_iter().find_map(book)).or_else(parquet)
    }
}

/// The most bytes that a packed file of this size may unpack to.
pub fn unpack_limit(packed: usize) -> u64 {
    (packed as u64).saturating_mul(MAX_RATIO).clamp(SMALL, MAX_UNPACKED)
}
