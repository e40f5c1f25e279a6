//! The words that may stand for an enum's values.

use super::normal;
use crate::schema::ColumnKind;
use foldhash::fast::FixedState;
use std::collections::HashMap;

/// Word → place among the values.
#[derive(Default)]
pub struct Words(HashMap<Box<[u8]>, u8, FixedState>);

impl Words {
    /// The words of an enum, none for other types; no result where a place would not fit its byte.
    pub fn of(kind: &ColumnKind) -> Option<Words> {
        let mut words = Words::default();
        if let ColumnKind::Enum(options) = kind {
            u8::try_from(options.values.len()).ok()?;
            let values = (0..).zip(&options.values).map(|(place, value)| (value, place));
            let known: Vec<(&String, u8)> = values.chain(options.codes.iter().map(|(code, &place)| (code, place as u8))).collect();
            // A cell is made half-width before it is given up, so a word that is declared with （ ） must be there with ( ) too.
            let narrow = known.iter().map(|(word, place)| (normal::half_width(word), *place));
            // The first of two equal words stays.
            for (word, place) in known.iter().map(|(word, place)| (word.as_str().into(), *place)).chain(narrow) {
                words.0.entry(word.as_bytes().into()).or_insert(place);
            }
        }
        Some(words)
    }

    /// The place of a word as it stands.
    #[inline]
    pub fn find(&self, word: &[u8]) -> Option<u8> {
        self.0.get(word).copied()
    }

    /// The place of a word as it stands, half-width, or upper-case.
    pub fn find_any(&self, word: &str) -> Option<u8> {
        let narrow = normal::half_width(word);
        self.find(word.as_bytes()).or_else(|| self.find(narrow.as_bytes())).or_else(|| self.find(narrow.to_uppercase().as_bytes()))
    }
}
