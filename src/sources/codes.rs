//! The dictionary of codes: text ⇄ dense id, exact, with ids in the order in which codes were first pushed.

use super::Codes;
use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std::hash::{BuildHasher, Hasher};

/// Marks an id of a part's own dictionary until the parts are merged.
pub const LOCAL: u32 = 1 << 31;
/// No code.
pub const NO_ID: u32 = u32::MAX;

/// Codes with an index over them.
#[derive(Default)]
pub struct Dictionary {
    pub codes: Codes,
    /// Ids by their codes.
    index: HashTable<u32>,
}

impl Dictionary {
    /// Codes, all different, with an index.
    pub fn of(codes: Codes) -> Dictionary {
        let mut index = HashTable::with_capacity(codes.len());
        for id in 0..codes.len() as u32 {
            index.insert_unique(hash_of(&codes, id), id, |&id| hash_of(&codes, id));
        }
        Dictionary { codes, index }
    }

    /// The id of a code that is there.
    #[inline]
    pub fn find(&self, hash: u64, code: &[u8]) -> Option<u32> {
        self.index.find(hash, |&id| self.codes.get(id as usize).as_bytes() == code).copied()
    }

    /// The id of a code, which is appended where it is new.
    pub fn find_or_push(&mut self, hash: u64, code: &str) -> u32 {
        if let Some(id) = self.find(hash, code.as_bytes()) {
            return id;
        }
        let id = self.codes.push(code) as u32;
        self.index.insert_unique(hash, id, |&id| hash_of(&self.codes, id));
        id
    }
}

fn hash_of(codes: &Codes, id: u32) -> u64 {
    hash(codes.get(id as usize).as_bytes())
}

/// The same on every run and machine.
#[inline]
pub fn hash(code: &[u8]) -> u64 {
    let mut hasher = FixedState::with_seed(0x6875_6971_6921).build_hasher();
    hasher.write(code);
    hasher.finish()
}

/// Where a part's codes go: those known before are looked up, new ones collected.
pub struct Sink<'a> {
    pub known: &'a Dictionary,
    pub new: Dictionary,
}

impl Sink<'_> {
    /// The id of a normalised code, which is UTF-8.
    #[inline]
    pub fn id(&mut self, code: &[u8]) -> u32 {
        let hash = hash(code);
        match self.known.find(hash, code) {
            Some(id) => id,
            None => LOCAL | self.new.find_or_push(hash, &String::from_utf8_lossy(code)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_dense_and_stay() {
        let mut dictionary = Dictionary::default();
        let codes: Vec<String> = (0..5000).map(|n| format!("code {}", n % 1700)).collect();
        for (n, code) in codes.iter().enumerate() {
            assert_eq!(dictionary.find_or_push(hash(code.as_bytes()), code), n as u32 % 1700);
        }
        assert_eq!(dictionary.codes.len(), 1700);
        assert_eq!(dictionary.codes.get(1699), "code 1699");
        assert_eq!(dictionary.find(hash(b"code 1700"), b"code 1700"), None);
    }
}
