//! Texts as plain data: many short ones in one piece of memory, heads to sort by, hashes as digits.

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
