//! The name of a delivered file → how it is packed, and how much it may unpack to.

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
    Parquet,
}

impl Format {
    /// The name without its extension, and the format that this names.
    pub fn of(name: &str) -> Option<(&str, Format)> {
        const EXTENSIONS: [(&str, Format); 6] = [
            (".csv", Format::Csv),
            (".csv.gz", Format::Gzip),
            (".csv.zst", Format::Zstd),
            (".xlsx", Format::Xlsx),
            (".xls", Format::Xls),
            (".parquet", Format::Parquet),
        ];
        EXTENSIONS.into_iter().find_map(|(extension, format)| {
            let stem = name.len().checked_sub(extension.len()).filter(|&at| name.is_char_boundary(at))?;
            let matches = stem > 0 && name[stem..].eq_ignore_ascii_case(extension);
            matches.then(|| (&name[..stem], format))
        })
    }
}

/// The most bytes that a packed file of this size may unpack to.
pub fn unpack_limit(packed: usize) -> u64 {
    (packed as u64).saturating_mul(MAX_RATIO).clamp(SMALL, MAX_UNPACKED)
}
