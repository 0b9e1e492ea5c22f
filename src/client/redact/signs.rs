//! A text as whoever reads it sees it: each character once, read out of its spelling, and nothing that does not show.

use zeroize::Zeroizing;

use crate::client::redact::spelling::{Symbol, is_escape, read};

/// Stands for a character that is none of ASCII's.
const OTHER: u8 = 0xff;

/// Characters in ASCII, and where in the text each one stands.
pub struct Signs {
    pub bytes: Zeroizing<Vec<u8>>,
    pub places: Vec<(usize, usize)>,
}

impl Signs {
    /// The text's own bytes.
    pub fn raw(text: &str) -> Self {
        let places = (0..text.len()).map(|at| (at, at + 1));
        Signs {
            bytes: Zeroizing::new(text.as_bytes().to_vec()),
            places: places.collect(),
        }
    }

    /// The characters that are meant. Of several ways to read a place the longest counts.
    pub fn read(text: &str) -> Self {
        let mut signs = Signs {
            // As it never grows, no copy of a secret is left behind.
            bytes: Zeroizing::new(Vec::with_capacity(text.len())),
            places: Vec::with_capacity(text.len()),
        };
        let (bytes, mut at, mut breaks) = (text.as_bytes(), 0, false);
        while let Some(&byte) = bytes.get(at) {
            let (sign, end) = if is_escape(byte) {
                let longest = longest(bytes, at);
                (spelled(&longest), longest.end)
            } else if byte.is_ascii() {
                (plain(byte), at + 1)
            } else {
                let c = text[at..].chars().next().unwrap_or_default();
                (of_char(c), at + c.len_utf8().max(1))
            };
            match sign {
                // A line that was folded begins with blanks.
                Some(b' ' | b'\t') if breaks => {}
                Some(sign) => {
                    signs.bytes.push(sign);
                    signs.places.push((at, end));
                    breaks = false;
                }
                None => breaks |= end == at + 1 && matches!(byte, b'\r' | b'\n'),
            }
            at = end;
        }
        signs
    }

    /// Each sign as another one, where it counts.
    pub fn as_others(&self, other: impl Fn(u8) -> Option<u8>) -> Self {
        let mut signs = Signs {
            bytes: Zeroizing::new(Vec::with_capacity(self.bytes.len())),
            places: Vec::with_capacity(self.places.len()),
        };
        for (&byte, &place) in self.bytes.iter().zip(&self.places) {
            if let Some(byte) = other(byte) {
                signs.bytes.push(byte);
                signs.places.push(place);
            }
        }
        signs
    }
}

fn longest(text: &[u8], at: usize) -> Symbol {
    let readings = read(text, at);
    let all = readings.all().iter().copied();
    all.reduce(|one, other| if other.end > one.end { other } else { one })
        .unwrap_or(Symbol::byte(OTHER, at + 1))
}

fn spelled(symbol: &Symbol) -> Option<u8> {
    match symbol.bytes() {
        [byte] => plain(*byte),
        bytes => of_char(
            std::str::from_utf8(bytes)
                .ok()
                .and_then(|text| text.chars().next())
                .unwrap_or_default(),
        ),
    }
}

/// None for what does not show: the zeros of UTF-16 that was read as bytes, and the end of a line.
fn plain(byte: u8) -> Option<u8> {
    (!matches!(byte, 0 | b'\r' | b'\n')).then_some(byte)
}

/// None for a character without width.
fn of_char(c: char) -> Option<u8> {
    let is_hidden = matches!(
        c,
        '\0' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}'
    );
    match u8::try_from(c) {
        _ if is_hidden => None,
        Ok(byte) if byte.is_ascii() => plain(byte),
        _ => Some(OTHER),
    }
}
