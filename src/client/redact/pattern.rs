//! What is searched for: each secret as it is, in hexadecimal digits and in base64, in every spelling of its characters.

use std::collections::BTreeSet;
use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use zeroize::Zeroizing;

use crate::client::redact::Hidden;
use crate::client::redact::pieces::{Pieces, SHORTEST_PIECE};
use crate::client::redact::spelling::{is_escape, read};

/// Secrets shorter than this stand in ordinary words, too: they are taken out where they stand as a value.
const SHORTEST: usize = 6;
/// A text may end in the middle of a secret. So much of one is taken for it.
pub(super) const SHORTEST_TORN: usize = 6;
/// The longest spelling of one character; less than that may be a torn one.
const LONGEST_SPELLING: usize = 12;
/// Stands where a text was cut.
const CUT: &[u8] = "…".as_bytes();

/// How a pattern's symbols are compared.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Comparison {
    /// The secret itself, in any case.
    Text,
    /// The same, where it stands as a value.
    Value,
    /// Its hexadecimal digits.
    Hex,
    /// What of its base64 is the same whatever stands around it; and whether a character before and one after that
    /// are of it in part.
    Base64 { before: bool, after: bool },
}

struct Pattern {
    kind: Comparison,
    bytes: Zeroizing<Vec<u8>>,
}

pub struct Patterns {
    all: Vec<Pattern>,
    /// Those that can begin with a byte.
    by_first: Vec<Vec<usize>>,
    pieces: Pieces,
}

impl Patterns {
    pub fn of(secrets: &[Hidden]) -> Self {
        let mut pieces = Pieces::new();
        let mut all = Vec::new();
        for secret in secrets {
            let patterns = patterns(&secret.text);
            if secret.in_pieces && secret.text.len() >= SHORTEST_PIECE {
                pieces.add_text(&secret.text);
                patterns
                    .iter()
                    .for_each(|pattern| pattern.add_to(&mut pieces));
            }
            all.extend(patterns);
        }
        pieces.finish();
        let mut by_first = vec![Vec::new(); 256];
        for (number, pattern) in all.iter().enumerate() {
            for byte in 0..=u8::MAX {
                if pattern.takes(0, &[byte]) {
                    by_first[usize::from(byte)].push(number);
                }
            }
        }
        Patterns {
            all,
            by_first,
            pieces,
        }
    }

    pub fn find(&self, text: &str, found: &mut Vec<Range<usize>>) {
        self.find_whole(text.as_bytes(), found);
        self.pieces.find(text, found);
    }

    /// One pass: at each place every pattern that can begin there.
    fn find_whole(&self, text: &[u8], found: &mut Vec<Range<usize>>) {
        for (at, &byte) in text.iter().enumerate() {
            if is_escape(byte) {
                let readings = read(text, at);
                let mut tried: Vec<usize> = Vec::new();
                for symbol in readings.all() {
                    let first = symbol.bytes()[0];
                    for &number in &self.by_first[usize::from(first)] {
                        if !tried.contains(&number) {
                            tried.push(number);
                            found.extend(self.all[number].at(text, at));
                        }
                    }
                }
            } else {
                for &number in &self.by_first[usize::from(byte)] {
                    found.extend(self.all[number].at(text, at));
                }
            }
        }
    }
}

fn patterns(secret: &str) -> Vec<Pattern> {
    let bytes = secret.as_bytes();
    let pattern = |kind, bytes: Vec<u8>| Pattern {
        kind,
        bytes: Zeroizing::new(bytes),
    };
    if secret.chars().count() < SHORTEST {
        return vec![pattern(Comparison::Value, bytes.to_vec())];
    }
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let digits = digits.filter_map(|digit| char::from_digit(u32::from(digit), 16));
    let mut patterns = vec![
        pattern(Comparison::Text, bytes.to_vec()),
        pattern(Comparison::Hex, digits.map(|digit| digit as u8).collect()),
    ];
    patterns.extend(base64s(bytes));
    // A server that shows the form that it was sent may pack that.
    let form: Zeroizing<String> =
        Zeroizing::new(utf8_percent_encode(secret, NON_ALPHANUMERIC).collect());
    if form.len() > secret.len() {
        patterns.extend(base64s(form.as_bytes()));
    }
    patterns
}

/// base64 of these bytes, wherever they begin in it.
fn base64s(bytes: &[u8]) -> impl Iterator<Item = Pattern> {
    (0..3).map(|shift| {
        let mut shifted = Zeroizing::new(Vec::with_capacity(shift + bytes.len()));
        shifted.resize(shift, 0);
        shifted.extend_from_slice(bytes);
        let encoded = Zeroizing::new(STANDARD_NO_PAD.encode(&*shifted));
        // Six bits a character: those that other bytes have a part in differ from text to text.
        let first = (shift * 8).div_ceil(6);
        let end = shifted.len() * 8 / 6;
        let kind = Comparison::Base64 {
            before: shift > 0,
            after: end < encoded.len(),
        };
        let bytes = Zeroizing::new(encoded.as_bytes()[first..end].to_vec());
        Pattern { kind, bytes }
    })
}

impl Pattern {
    fn add_to(&self, pieces: &mut Pieces) {
        match self.kind {
            Comparison::Hex => pieces.add_hex(&self.bytes),
            Comparison::Base64 { .. } => pieces.add_base64(&self.bytes),
            Comparison::Text | Comparison::Value => {}
        }
    }

    /// Whether these bytes of a text are what stands at `place` in the pattern.
    fn takes(&self, place: usize, bytes: &[u8]) -> bool {
        let Some(own) = self.bytes.get(place..place + bytes.len()) else {
            return false;
        };
        match self.kind {
            // Hosts and codings are told in small letters.
            Comparison::Base64 { .. } => {
                bytes.len() == 1 && standard(bytes[0]).eq_ignore_ascii_case(&own[0])
            }
            // A form writes a blank as a plus.
            _ => bytes.eq_ignore_ascii_case(own) || bytes == b"+" && own == b" ",
        }
    }

    /// Whether a text may hold this byte between two of the pattern's symbols.
    fn skips(&self, place: usize, bytes: &[u8]) -> bool {
        match self.kind {
            Comparison::Hex => place.is_multiple_of(2) && matches!(bytes, b":" | b"-" | b" "),
            Comparison::Base64 { .. } => matches!(bytes, b"\r" | b"\n"),
            Comparison::Text | Comparison::Value => false,
        }
    }

    /// Where the pattern stands when it begins at `at`, with what belongs to it.
    fn at(&self, text: &[u8], at: usize) -> Option<Range<usize>> {
        let end = self.end(text, at)?;
        match self.kind {
            Comparison::Value if !is_value(text, at, end) => None,
            Comparison::Base64 { before, after } => Some(widened(text, at..end, before, after)),
            _ => Some(at..end),
        }
    }

    fn end(&self, text: &[u8], at: usize) -> Option<usize> {
        let (mut place, mut at) = (0, at);
        // The usual way: as it stands.
        while place < self.bytes.len() && at < text.len() && !is_escape(text[at]) {
            if self.takes(place, &text[at..=at]) {
                place += 1;
            } else if place == 0 || !self.skips(place, &text[at..=at]) {
                return self.torn_at(text, place, at);
            }
            at += 1;
        }
        self.end_of_spelled(text, place, at)
    }

    /// The longest of the ways in which the rest can be read, else where the text ends within it. Each pair of places is
    /// looked at once.
    fn end_of_spelled(&self, text: &[u8], place: usize, at: usize) -> Option<usize> {
        let mut open = BTreeSet::from([(at, place)]);
        let (mut end, mut torn) = (None, None);
        while let Some((at, place)) = open.pop_first() {
            if place == self.bytes.len() {
                end = end.max(Some(at));
                continue;
            }
            torn = torn.max(self.torn_at(text, place, at));
            for symbol in read(text, at).all() {
                let bytes = symbol.bytes();
                if self.takes(place, bytes) {
                    open.insert((symbol.end, place + bytes.len()));
                } else if place > 0 && self.skips(place, bytes) {
                    open.insert((symbol.end, place));
                }
            }
        }
        end.or(torn)
    }

    /// Where the text ends within the secret, or within the spelling of one of its characters.
    fn torn_at(&self, text: &[u8], place: usize, at: usize) -> Option<usize> {
        let is_long = match self.kind {
            Comparison::Text => place >= SHORTEST_TORN,
            Comparison::Hex | Comparison::Base64 { .. } => place >= 2 * SHORTEST_TORN,
            Comparison::Value => false,
        };
        if !is_long {
            return None;
        }
        let rest = &text[at..];
        let mut near = rest.windows(CUT.len()).take(LONGEST_SPELLING);
        let end = &rest[..near.position(|bytes| bytes == CUT).unwrap_or(rest.len())];
        is_torn_spelling(end).then_some(at + end.len())
    }
}

/// Whether this is no more than the beginning of a character's spelling.
fn is_torn_spelling(end: &[u8]) -> bool {
    let belongs = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'#' || is_escape(*byte);
    end.is_empty()
        || end.len() < LONGEST_SPELLING
            && is_escape(end[0])
            && end.iter().all(belongs)
            && read(end, 0).all()[1..].iter().all(|symbol| symbol.open)
}

/// base64 in URLs has two other characters.
fn standard(byte: u8) -> u8 {
    match byte {
        b'-' => b'+',
        b'_' => b'/',
        byte => byte,
    }
}

/// With the characters of base64 that are the secret's in part, and what fills up the end.
fn widened(text: &[u8], found: Range<usize>, before: bool, after: bool) -> Range<usize> {
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte);
    let next = |at: usize, serves: &dyn Fn(u8) -> bool| {
        let readings = read(text, at);
        let mut all = readings.all().iter();
        all.find(|symbol| matches!(symbol.bytes(), [byte] if serves(*byte)))
            .map(|symbol| symbol.end)
    };
    let mut found = found;
    if before && found.start > 0 && is_base64(text[found.start - 1]) {
        found.start -= 1;
    }
    if after && let Some(end) = next(found.end, &is_base64) {
        found.end = end;
    }
    while let Some(end) = next(found.end, &|byte| byte == b'=') {
        found.end = end;
    }
    found
}

/// Whether what stands there is all of a value: of a form's field, of a JSON string, of a URL's login, of a header.
fn is_value(text: &[u8], start: usize, end: usize) -> bool {
    let before = text[..start].trim_ascii_end();
    let opens = before.last().is_none_or(|byte| b"=:\"'>".contains(byte));
    let closes = text
        .get(end)
        .is_none_or(|byte| byte.is_ascii_whitespace() || b"&\"'<,;@)}]\\".contains(byte));
    opens && closes
}
