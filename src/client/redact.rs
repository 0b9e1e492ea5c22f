//! Takes known secrets out of texts that leave the library: a server or proxy may echo what it was sent, and in any
//! spelling. The one place for this rule; [`crate::client::send::Call`] applies it to everything that a call gives out.
//!
//! The data of a success is not searched: it is the service's own, and a create's holds the new secret on purpose.

mod pattern;
mod pieces;
mod signs;
mod spelling;

use std::cell::OnceCell;
use std::ops::Range;

use serde::Deserialize;
use zeroize::Zeroizing;

use crate::api::error_body;
use crate::api::id::ID_DIGITS;
use crate::client::answer::Answer;
use crate::client::redact::pattern::Patterns;
use crate::client::redact::pieces::SHORTEST_HEX;
use crate::client::redact::spelling::read;
use crate::error::{Error, Headers};

const REDACTED: &str = "[redacted]";
/// What is shorter still hides nothing.
const SHORTEST_VALUE: usize = 3;
/// Parts of a bearer shorter than this are too common to search for.
const SHORTEST_PART: usize = 16;
/// What a server makes longer than any words of this library.
const LONGEST_SERVER_TEXT: usize = 8_000;

/// A text that must not show.
#[derive(PartialEq, Eq)]
struct Hidden {
    text: Zeroizing<String>,
    /// Pieces of it must not, either.
    in_pieces: bool,
}

/// The secrets of one call.
#[derive(Default)]
pub struct Redactor {
    secrets: Vec<Hidden>,
    hides_long_numbers: bool,
    patterns: OnceCell<Patterns>,
}

impl Redactor {
    /// Hides a secret, in every spelling, in hexadecimal digits and in base64 wherever it begins there; of a JWT the
    /// parts, too.
    pub fn hide(&mut self, secret: &str) {
        self.add(secret, true);
        for part in secret.split('.') {
            if part.len() >= SHORTEST_PART && part.len() < secret.len() {
                self.add(part, false);
            }
        }
    }

    /// Hides a client's secret, and id and secret as HTTP Basic would send them. Of these no pieces: the id may show.
    pub fn hide_pair(&mut self, id: &str, secret: &str) {
        self.hide(secret);
        self.add(&Zeroizing::new(format!("{id}:{secret}")), false);
    }

    fn add(&mut self, text: &str, in_pieces: bool) {
        let text = Zeroizing::new(text.to_owned());
        let hidden = Hidden { text, in_pieces };
        if hidden.text.chars().count() >= SHORTEST_VALUE && !self.secrets.contains(&hidden) {
            self.patterns.take();
            self.secrets.push(hidden);
        }
    }

    /// Hides the secret of a token that a create made, where its reply says it, and what has the form of one.
    fn hide_made(&mut self, reply: &[u8]) {
        #[derive(Deserialize)]
        struct MadeSecret {
            secret: Zeroizing<String>,
        }
        if let Ok(made) = serde_json::from_slice::<MadeSecret>(reply) {
            self.hide(&made.secret);
        }
        self.hides_long_numbers = true;
    }

    /// `text` without any of the secrets.
    pub fn clean(&self, text: &str) -> String {
        let mut found = Vec::new();
        self.patterns().find(text, &mut found);
        if self.hides_long_numbers {
            long_numbers(text.as_bytes(), &mut found);
        }
        without(text, found)
    }

    /// The same for a message, which may hold all of a header. It is cut afterwards: what is cut before may be half of
    /// a secret.
    pub fn clean_message(&self, text: &str) -> String {
        error_body::shortened(&self.clean(text), LONGEST_SERVER_TEXT)
    }

    /// The same for an id. One in the usual form that holds no piece of a secret as it is holds none in any other way,
    /// which is all that the id of a usual success costs.
    fn clean_id(&self, text: &str) -> String {
        let secrets = self.secrets.iter();
        let pieces = secrets.filter(|secret| secret.in_pieces);
        let pieces = pieces.map(|secret| secret.text.as_str());
        let is_usual =
            !self.hides_long_numbers && text.len() < self.shortest() && has_form_of_id(text);
        match is_usual && !pieces::may_show(text, pieces) {
            true => text.to_owned(),
            false => self.clean(text),
        }
    }

    fn shortest(&self) -> usize {
        let lengths = self.secrets.iter().map(|secret| secret.text.len());
        lengths.min().unwrap_or(usize::MAX)
    }

    fn patterns(&self) -> &Patterns {
        self.patterns.get_or_init(|| Patterns::of(&self.secrets))
    }
}

/// A success without them where it is not data: a header or an id may repeat what was sent, and what was made.
pub fn answer(mut answer: Answer, mut redactor: Redactor, creates: bool) -> Answer {
    if creates {
        redactor.hide_made(&answer.data);
    }
    for text in [&mut answer.request_id, &mut answer.note]
        .into_iter()
        .flatten()
    {
        *text = redactor.clean_id(text);
    }
    clean_headers(&mut answer.headers, &redactor);
    answer
}

/// A failure without them, in everything that it holds.
pub fn error(mut error: Error, mut redactor: Redactor, creates: bool) -> Error {
    let detail = error.detail_mut();
    if creates {
        let body = detail.body.as_deref().unwrap_or_default();
        redactor.hide_made(body.as_bytes());
    }
    detail.message = redactor.clean_message(&detail.message);
    let texts = [
        &mut detail.field,
        &mut detail.remedy,
        &mut detail.body,
        &mut detail.tracking_id,
    ];
    clean_all(texts, &redactor);
    clean_headers(&mut detail.headers, &redactor);
    if let Some(orphan) = &mut detail.orphan {
        orphan.id = redactor.clean(&orphan.id);
        orphan.name = redactor.clean(&orphan.name);
        clean_all([&mut orphan.created], &redactor);
    }
    error
}

fn clean_all<const N: usize>(texts: [&mut Option<String>; N], redactor: &Redactor) {
    for text in texts.into_iter().flatten() {
        *text = redactor.clean(text);
    }
}

fn clean_headers(headers: &mut Option<Headers>, redactor: &Redactor) {
    for (name, values) in headers.iter_mut().flatten() {
        *name = redactor.clean(name);
        for value in values {
            *value = redactor.clean(value);
        }
    }
}

/// Hexadecimal digits, parted by nothing or dashes, that are those of no visible text.
fn has_form_of_id(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let is_id = |byte: &u8| *byte == b'-' || byte.is_ascii_hexdigit();
    if !bytes.iter().all(is_id) {
        return false;
    }
    let digits: Vec<u32> = bytes.iter().filter_map(digit).collect();
    let is_visible = |two: &[u32]| (0x20..0x7f).contains(&(two[0] * 16 + two[1]));
    let is_text = |row: &[u32]| row.chunks_exact(2).all(is_visible);
    !digits.windows(SHORTEST_HEX).any(is_text)
}

/// The text with a mark in the place of each range, where they touch of both.
fn without(text: &str, mut found: Vec<Range<usize>>) -> String {
    found.sort_by_key(|range| (range.start, range.end));
    let mut clean = String::with_capacity(text.len());
    let mut end = 0;
    let mut ranges = found.into_iter().peekable();
    while let Some(mut range) = ranges.next() {
        while let Some(next) = ranges.next_if(|next| next.start < range.end) {
            range.end = range.end.max(next.end);
        }
        clean.push_str(&text[end..range.start]);
        clean.push_str(REDACTED);
        end = range.end;
    }
    clean.push_str(&text[end..]);
    clean
}

/// Runs of more hexadecimal digits than an id has, in any spelling.
fn long_numbers(text: &[u8], found: &mut Vec<Range<usize>>) {
    let digit = |at: usize| {
        let readings = read(text, at);
        let mut all = readings.all().iter();
        let is_digit = |symbol: &&spelling::Symbol| {
            symbol.bytes().len() == 1 && symbol.bytes()[0].is_ascii_hexdigit()
        };
        all.find(is_digit).map(|symbol| symbol.end)
    };
    let mut at = 0;
    while at < text.len() {
        let (start, mut digits) = (at, 0);
        while at < text.len()
            && let Some(end) = digit(at)
        {
            digits += 1;
            at = end;
        }
        if digits > ID_DIGITS {
            found.push(start..at);
        }
        if digits == 0 {
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests;
