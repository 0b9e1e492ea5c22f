//! Pieces of secrets: who repeats what was sent may cut it anywhere. So many characters in a row of a secret are
//! hidden wherever they stand, as they are, in hexadecimal digits and in base64.
//!
//! Such a row must not be a word: it holds a digit, or letters of both cases, and is not the same few characters over
//! and over. What stands beside such a row and is the secret's goes with it, whatever it holds.

use std::ops::Range;

use zeroize::Zeroizing;

use crate::client::redact::signs::Signs;

/// So many characters of a secret in a row are no chance.
pub const SHORTEST_PIECE: usize = 12;
/// The digits of as many bytes.
pub const SHORTEST_HEX: usize = 24;
/// The base64 of as many bytes.
const SHORTEST_BASE64: usize = 16;
/// Fewer different characters than this say nothing.
const FEWEST: usize = 4;

/// Of all secrets of a call.
pub struct Pieces {
    text: Rows,
    hex: Rows,
    base64: Rows,
}

impl Pieces {
    pub fn new() -> Self {
        Pieces {
            text: Rows::of_length(SHORTEST_PIECE),
            hex: Rows::of_length(SHORTEST_HEX),
            base64: Rows::of_length(SHORTEST_BASE64),
        }
    }

    /// Adds a secret, which may hold what reads as a spelling itself.
    pub fn add_text(&mut self, secret: &str) {
        self.text.add(secret.as_bytes(), lower);
        let read = Signs::read(secret);
        if read.bytes.as_slice() != secret.as_bytes() {
            self.text.add(&read.bytes, lower);
        }
    }

    pub fn add_hex(&mut self, digits: &[u8]) {
        self.hex.add(digits, lower);
    }

    pub fn add_base64(&mut self, encoded: &[u8]) {
        self.base64.add(encoded, base64);
    }

    /// All that can be built of them is ready to be asked.
    pub fn finish(&mut self) {
        for rows in [&mut self.text, &mut self.hex, &mut self.base64] {
            rows.finish();
        }
    }

    /// Where pieces stand in the text. The work grows as the text does.
    pub fn find(&self, text: &str, found: &mut Vec<Range<usize>>) {
        let signs = Signs::read(text);
        if signs.bytes.as_slice() != text.as_bytes() {
            self.text.find(&Signs::raw(text).as_others(lower), found);
        }
        self.text.find(&signs.as_others(lower), found);
        self.hex.find(&signs.as_others(digit), found);
        self.base64.find(&signs.as_others(base64), found);
    }
}

fn lower(byte: u8) -> Option<u8> {
    Some(byte.to_ascii_lowercase())
}

/// Between digits others stand that part them.
fn digit(byte: u8) -> Option<u8> {
    (!matches!(byte, b':' | b'-' | b' ')).then_some(byte.to_ascii_lowercase())
}

/// base64 in URLs has two other characters.
fn base64(byte: u8) -> Option<u8> {
    lower(match byte {
        b'-' => b'+',
        b'_' => b'/',
        byte => byte,
    })
}

/// All rows of one length that secrets hold, as numbers: nothing of them is kept in readable form.
struct Rows {
    length: usize,
    /// The numbers in order; the lowest bit says that the row is no word.
    all: Zeroizing<Vec<u64>>,
    /// Which ones there may be, by their first bits: most rows of a text are passed over without a search.
    may_be: Zeroizing<Vec<bool>>,
}

const FIRST_BITS: u32 = 12;

impl Rows {
    fn of_length(length: usize) -> Self {
        Rows {
            length,
            all: Zeroizing::default(),
            may_be: Zeroizing::new(vec![false; 1 << FIRST_BITS]),
        }
    }

    fn add(&mut self, secret: &[u8], other: impl Fn(u8) -> Option<u8>) {
        let plain: Zeroizing<Vec<u8>> =
            Zeroizing::new(secret.iter().copied().filter_map(other).collect());
        for (start, number) in numbers(&plain, self.length) {
            let row = &secret[start..start + self.length];
            if row.iter().all(u8::is_ascii_graphic) {
                self.may_be[first_bits(number)] = true;
                self.all.push(number | u64::from(!is_word(row)));
            }
        }
    }

    fn finish(&mut self) {
        self.all.sort_unstable();
        self.all.dedup();
    }

    /// Whether this row is a secret's, and whether it is no word.
    fn know(&self, number: u64) -> Option<bool> {
        if !self.may_be[first_bits(number)] {
            return None;
        }
        let after = self.all.partition_point(|known| *known <= number | 1);
        let last = *self.all.get(after.checked_sub(1)?)?;
        (last & !1 == number).then_some(last & 1 == 1)
    }

    fn find(&self, signs: &Signs, found: &mut Vec<Range<usize>>) {
        // Rows that follow upon each other are one piece.
        let mut piece: Option<(usize, usize, bool)> = None;
        let mut close = |piece: &mut Option<(usize, usize, bool)>| {
            if let Some((first, last, true)) = piece.take() {
                let end = signs.places[last + self.length - 1].1;
                found.push(signs.places[first].0..end);
            }
        };
        for (start, number) in numbers(&signs.bytes, self.length) {
            match (self.know(number), &mut piece) {
                (Some(counts), Some((_, last, any))) => {
                    *last = start;
                    *any |= counts;
                }
                (Some(counts), None) => piece = Some((start, start, counts)),
                (None, _) => close(&mut piece),
            }
        }
        close(&mut piece);
    }
}

/// Whether a short text without any spelling may hold such a row, which costs less to ask than to look for all of them:
/// one that does holds, at one of the places looked at, these few characters.
pub fn may_show<'s>(text: &str, mut secrets: impl Iterator<Item = &'s str>) -> bool {
    let rows: Vec<u64> = text.as_bytes().windows(SAMPLE).map(sample).collect();
    let mut may_be = [0u64; 1 << (FIRST_BITS - 6)];
    for &row in &rows {
        let bits = first_bits(row);
        may_be[bits >> 6] |= 1 << (bits & 63);
    }
    let is_known = |row: &[u8]| {
        let row = sample(row);
        let bits = first_bits(row);
        may_be[bits >> 6] >> (bits & 63) & 1 == 1 && rows.contains(&row)
    };
    secrets.any(|secret| {
        let rows = secret.as_bytes().windows(SAMPLE);
        rows.step_by(SHORTEST_PIECE + 1 - SAMPLE).any(is_known)
    })
}

const SAMPLE: usize = 5;

fn sample(row: &[u8]) -> u64 {
    let lower = row.iter().map(u8::to_ascii_lowercase);
    lower.fold(0, |number, byte| number << 8 | u64::from(byte))
}

/// Each row of so many bytes as a number, made from the one before. Even: the lowest bit is for others.
fn numbers(bytes: &[u8], length: usize) -> impl Iterator<Item = (usize, u64)> {
    const BASE: u64 = 0x9e37_79b9_7f4a_7c15;
    let oldest = (1..length).fold(1u64, |power, _| power.wrapping_mul(BASE));
    let mut number = 0u64;
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() {
            if at >= length {
                let gone = u64::from(bytes[at - length]) + 1;
                number = number.wrapping_sub(gone.wrapping_mul(oldest));
            }
            number = number
                .wrapping_mul(BASE)
                .wrapping_add(u64::from(bytes[at]) + 1);
            at += 1;
            if at >= length {
                return Some((at - length, number & !1));
            }
        }
        None
    })
}

/// A multiplication mixes upwards, so the first bits hold of all.
fn first_bits(number: u64) -> usize {
    (number.wrapping_mul(0xd6e8_feb8_6659_fd93) >> (64 - FIRST_BITS)) as usize
}

/// Whether people could have written this for something else.
fn is_word(row: &[u8]) -> bool {
    let has = |is: fn(&u8) -> bool| row.iter().any(is);
    let is_mixed = has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase);
    let mut seen = [false; 256];
    row.iter()
        .for_each(|byte| seen[usize::from(byte.to_ascii_lowercase())] = true);
    let different = seen.iter().filter(|seen| **seen).count();
    different < FEWEST || !(has(u8::is_ascii_digit) || is_mixed)
}
