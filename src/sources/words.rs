//! The words that may stand for an enum's values, found by a hash of their ends.

use super::normal;
use crate::schema::ColumnKind;

const SLOTS: usize = 2048;

/// Word → place among the values.
pub struct Words {
    /// Place in `entries` plus one; zero is free.
    slots: Vec<u16>,
    entries: Vec<(Box<[u8]>, u8)>,
}

impl Words {
    /// The words of an enum, none for other types; no result where a place would not fit its byte or the table.
    pub fn of(kind: &ColumnKind) -> Option<Words> {
        let mut words = Words { slots: Vec::new(), entries: Vec::new() };
        if let ColumnKind::Enum(options) = kind {
            if options.values.len() > 255 || options.values.len() + options.codes.len() > SLOTS / 4 {
                return None;
            }
            words.slots = vec![0; SLOTS];
            let values = (0..).zip(&options.values).map(|(place, value)| (value, place));
            let known: Vec<(&String, u8)> = values.chain(options.codes.iter().map(|(code, &place)| (code, place as u8))).collect();
            for &(word, place) in &known {
                words.insert(word, place);
            }
            // A cell is made half-width before it is given up, so a word that is declared with （ ） must be there with ( ).
            for (word, place) in known {
                words.insert(&normal::half_width(word), place);
            }
        }
        Some(words)
    }

    /// The place of a word as it stands.
    #[inline]
    pub fn find(&self, word: &[u8]) -> Option<u8> {
        if self.slots.is_empty() {
            return None;
        }
        let mut slot = hash(word);
        loop {
            match self.slots[slot] {
                0 => return None,
                entry => {
                    let (known, place) = &self.entries[entry as usize - 1];
                    if known.as_ref() == word {
                        return Some(*place);
                    }
                }
            }
            slot = (slot + 1) % SLOTS;
        }
    }

    /// The place of a word as it stands, half-width, or upper-case.
    pub fn find_any(&self, word: &str) -> Option<u8> {
        let narrow = normal::half_width(word);
        self.find(word.as_bytes()).or_else(|| self.find(narrow.as_bytes())).or_else(|| self.find(narrow.to_uppercase().as_bytes()))
    }

    /// The first of two equal words stays.
    fn insert(&mut self, word: &str, place: u8) {
        let mut slot = hash(word.as_bytes());
        while self.slots[slot] != 0 {
            if self.entries[self.slots[slot] as usize - 1].0.as_ref() == word.as_bytes() {
                return;
            }
            slot = (slot + 1) % SLOTS;
        }
        self.entries.push((word.as_bytes().into(), place));
        self.slots[slot] = self.entries.len() as u16;
    }
}

/// Chinese words differ most in their first and last characters.
#[inline]
fn hash(word: &[u8]) -> usize {
    let mut sum = word.len() as u64;
    for &byte in word.iter().take(6) {
        sum = (sum ^ byte as u64).wrapping_mul(0x0100_0000_01B3);
    }
    for &byte in word.iter().rev().take(3) {
        sum = (sum ^ byte as u64).wrapping_mul(0x0100_0000_01B3);
    }
    (sum >> 20) as usize % SLOTS
}
