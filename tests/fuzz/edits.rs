//! Seeds edited at random: what a case is made of.

/// A kind of edit, a place (a share of the length), a length, a choice among tokens or seeds.
pub type Edit = (u8, u16, u8, u16);

/// A seed with all edits made, in their order.
pub fn edit(seeds: &[Vec<u8>], seed: usize, edits: &[Edit], tokens: &[&str]) -> Vec<u8> {
    let mut bytes = seeds[seed].clone();
    for &edit in edits {
        apply(&mut bytes, edit, seeds, tokens);
    }
    bytes
}

fn apply(bytes: &mut Vec<u8>, (kind, place, length, choice): Edit, seeds: &[Vec<u8>], tokens: &[&str]) {
    let at = place as usize * bytes.len() / (u16::MAX as usize + 1);
    let to = (at + length as usize % 40 + 1).min(bytes.len());
    let token = tokens[choice as usize % tokens.len()].as_bytes();
    match kind % 12 {
        0..=3 => drop(bytes.splice(at..at, token.iter().copied())),
        4 => drop(bytes.splice(at..to, token.iter().copied())),
        5 => drop(bytes.drain(at..to)),
        6 => {
            let piece = bytes[at..to].to_vec();
            drop(bytes.splice(at..at, piece));
        }
        7 if at < bytes.len() => bytes[at] = choice as u8,
        8 => bytes.truncate(at),
        9 => {
            // The line at the place once more, at another place.
            let start = bytes[..at].iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
            let end = bytes[at..].iter().position(|&byte| byte == b'\n').map_or(bytes.len(), |length| at + length + 1);
            let (line, target) = (bytes[start..end].to_vec(), choice as usize % (bytes.len() + 1));
            drop(bytes.splice(target..target, line));
        }
        10 => {
            let other = &seeds[choice as usize % seeds.len()];
            let from = (length as usize * other.len()) / 256;
            drop(bytes.splice(at..at, other[from..].iter().copied().take(200)));
        }
        11 if length % 4 == 0 => reencode(bytes, choice),
        _ => {}
    }
}

/// The text in another encoding, where it is one.
fn reencode(bytes: &mut Vec<u8>, choice: u16) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let wide = |unit: fn(u16) -> [u8; 2]| std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(unit).collect();
    *bytes = match choice % 4 {
        0 => encoding_rs::GB18030.encode(text).0.into_owned(),
        1 => wide(u16::to_le_bytes),
        2 => wide(u16::to_be_bytes),
        _ => format!("\u{FEFF}{text}").into_bytes(),
    };
}
