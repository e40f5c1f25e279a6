//! Texts as plain data: many short ones in one piece of memory, heads to sort by, hashes as digits.

use rayon::prelude::*;

/// Texts that are only added to. A million of them cost two allocations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts {
    text: String,
    ends: Vec<usize>,
}

impl Texts {
    /// The text of a number that [`Texts::push`] or [`Texts::write`] gave.
    pub fn get(&self, number: usize) -> &str {
        let start = if number == 0 { 0 } else { self.ends[number - 1] };
        &self.text[start..self.ends[number]]
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// So many texts, each written by its number; by several threads where there are many.
    pub fn of(len: usize, write: impl Fn(usize, &mut String) + Sync) -> Texts {
        /// Texts that one thread writes at a time.
        const BLOCK: usize = 1 << 14;
        let block = |at: usize| {
            let mut texts = Texts::default();
            (at * BLOCK..len.min((at + 1) * BLOCK)).for_each(|number| {
                texts.write(|out| write(number, out));
            });
            texts
        };
        let blocks: Vec<Texts> = (0..len.div_ceil(BLOCK)).into_par_iter().map(block).collect();
        let mut all = Texts { text: String::with_capacity(blocks.iter().map(|b| b.text.len()).sum()), ends: Vec::with_capacity(len) };
        for block in blocks {
            let before = all.text.len();
            all.text.push_str(&block.text);
            all.ends.extend(block.ends.iter().map(|end| before + end));
        }
        all
    }

    /// Some of these, in another order.
    pub fn taken(&self, order: &[u32]) -> Texts {
        Texts::of(order.len(), |at, out| out.push_str(self.get(order[at] as usize)))
    }

    /// Adds a text; gives its number.
    pub fn push(&mut self, text: &str) -> usize {
        self.write(|out| out.push_str(text))
    }

    /// Adds what `write` appends; gives its number.
    pub fn write(&mut self, write: impl FnOnce(&mut String)) -> usize {
        write(&mut self.text);
        self.ends.push(self.text.len());
        self.ends.len() - 1
    }
}

/// The first bytes of a text as a number: two texts whose heads differ stand in the order of their heads. Sorting many texts by their
/// heads first looks at few of the texts themselves.
pub fn head(text: &str) -> u128 {
    let mut head = [0; 16];
    let length = text.len().min(16);
    head[..length].copy_from_slice(&text.as_bytes()[..length]);
    u128::from_be_bytes(head)
}

/// Bytes as hexadecimal digits, as hashes are written.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let mut text = String::with_capacity(bytes.len() * 2);
    bytes.iter().for_each(|byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    });
    text
}
