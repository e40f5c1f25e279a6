//! Random numbers that can be asked for in any order, so that any row can be made without the rows before it.
//!
//! SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014) adds a constant per step and
//! mixes; its n-th number is therefore known at once. A [`Stream`] is one such sequence; names split it into others.

use crate::generate::plan::model::{Curve, Share};

/// The odd constant nearest to 2^64 ÷ golden ratio.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// One sequence of random numbers.
#[derive(Debug, Clone, Copy)]
pub struct Stream(u64);

impl Stream {
    pub fn new(seed: u64) -> Stream {
        Stream(mix(seed))
    }

    /// The sequence that belongs to a name within this one; equal names give equal sequences.
    pub fn named(self, name: &str) -> Stream {
        // FNV-1a, then mixed: names differ in few bits.
        let hash = name.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3));
        Stream(mix(self.0 ^ mix(hash)))
    }

    /// The sequence that belongs to a row within this one.
    pub fn row(self, row: u64) -> Stream {
        Stream(self.at(row))
    }

    /// The n-th number.
    pub fn at(self, n: u64) -> u64 {
        mix(self.0.wrapping_add(n.wrapping_add(1).wrapping_mul(GOLDEN)))
    }

    /// Whether the n-th number falls within a share.
    pub fn takes(self, n: u64, share: Share) -> bool {
        below(self.at(n), Share::WHOLE.0) < share.0
    }
}

fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

/// A random number brought into 0 … n − 1 (0 where n is 0).
pub fn below(random: u64, n: u64) -> u64 {
    ((u128::from(random) * u128::from(n)) >> 64) as u64
}

/// A value of [from, to]; `from` where the range is empty.
pub fn between(stream: Stream, from: i64, to: i64, curve: Curve) -> i64 {
    if to <= from {
        return from;
    }
    let span = to.abs_diff(from).saturating_add(1);
    let one = below(stream.at(0), span);
    let offset = match curve {
        Curve::Even => one,
        Curve::Rising => one.max(below(stream.at(1), span)),
        Curve::Falling => one.min(below(stream.at(1), span)),
        Curve::Log => {
            logarithmic(stream, from.max(1).unsigned_abs(), from.max(1).unsigned_abs().saturating_add(span - 1))
                - from.max(1).unsigned_abs()
        }
    };
    from.saturating_add_unsigned(offset)
}

/// A value of [low, high], every doubling of `low` equally often: whole numbers only, so that every machine draws the same.
fn logarithmic(stream: Stream, low: u64, high: u64) -> u64 {
    let doublings = u64::from((high / low).ilog2()) + 1;
    let start = low << below(stream.at(1), doublings);
    let end = start.saturating_mul(2).min(high.saturating_add(1));
    start + below(stream.at(2), end - start)
}

/// A one-to-one scramble of 0 … modulus − 1, so that numbered rows get codes that look drawn and never repeat.
pub fn scramble(n: u64, modulus: u64) -> u64 {
    let mut factor = (GOLDEN % modulus).max(1);
    while gcd(factor, modulus) != 1 {
        factor += 1;
    }
    ((u128::from(n) * u128::from(factor) + u128::from(modulus / 3)) % u128::from(modulus)) as u64
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_sequence() {
        // SplitMix64 from state 1234567: the reference output.
        let reference = Stream(1_234_567);
        assert_eq!([reference.at(0), reference.at(1), reference.at(2)], [6457827717110365317, 3203168211198807973, 9817491932198370423]);
    }

    #[test]
    fn ranges_hold_their_ends_and_reach_them() {
        for curve in [Curve::Even, Curve::Log, Curve::Rising, Curve::Falling] {
            let stream = Stream::new(7).named("range");
            let drawn: Vec<i64> = (0..2000).map(|row| between(stream.row(row), -3, 4, curve)).collect();
            assert_eq!((drawn.iter().min(), drawn.iter().max()), (Some(&-3), Some(&4)), "{curve:?}");
        }
        assert_eq!(between(Stream::new(1), 5, 4, Curve::Even), 5);
        assert!((i64::MIN..=i64::MAX).contains(&between(Stream::new(1), i64::MIN, i64::MAX, Curve::Log)));
    }

    #[test]
    fn scrambles_never_repeat() {
        for modulus in [1, 2, 31, 1000, 4096] {
            let mut seen: Vec<u64> = (0..modulus).map(|n| scramble(n, modulus)).collect();
            seen.sort();
            assert_eq!(seen, (0..modulus).collect::<Vec<u64>>());
        }
    }
}
