//! What a reply's body is wrapped in: content codings, taken off as the bytes come.
//!
//! gzip is asked for; deflate and br come from servers and proxies that do not ask, and are read as well. Every limit
//! counts what comes out: a small reply that unpacks to more than the limit ends there, and so does one that is
//! packed several times.

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};
use flate2::{Decompress, FlushDecompress, Status};
use reqwest::header::{CONTENT_ENCODING, HeaderMap};
use zeroize::Zeroizing;

/// So many codings in a row are no accident.
const MOST_CODINGS: usize = 5;
/// What comes out of one step at a time.
const CHUNK: usize = 32 * 1024;
/// zlib's largest window.
const WINDOW_BITS: u8 = 15;

/// Why a body cannot be unwrapped.
#[derive(Debug, PartialEq, Eq)]
pub enum DecodingError {
    /// More comes out than the limit allows.
    TooLarge,
    /// These are not the coding's bytes.
    Corrupt(&'static str),
    /// They end before the coding does.
    Cut(&'static str),
    /// A coding that is not read, as the reply names it: all of the header's line, since only whoever knows the
    /// secrets may cut it.
    Unknown(String),
    /// More codings in a row than any server means.
    TooMany,
}

/// Takes a body's codings off.
pub struct Decoder {
    /// The outermost first.
    steps: Vec<DecodingStep>,
    text: Decoded,
    empty: bool,
}

impl Decoder {
    /// For a reply with these headers, whose announced length is trusted up to `reserve`.
    pub fn of(headers: &HeaderMap, limit: u64, reserve: u64) -> Result<Self, DecodingError> {
        let steps = steps(headers, limit)?;
        let reserve = if steps.is_empty() { reserve } else { 0 };
        let bytes = Vec::with_capacity(reserve as usize);
        let text = Decoded { bytes, limit };
        Ok(Decoder {
            steps,
            text,
            empty: true,
        })
    }

    /// Whether the announced length is that of the text.
    pub fn is_plain(&self) -> bool {
        self.steps.is_empty()
    }

    /// Takes the next bytes as they came.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), DecodingError> {
        self.empty &= bytes.is_empty();
        feed(&mut self.steps, bytes, &mut self.text)
    }

    /// The whole text. A reply without a body is empty whatever coding it names.
    pub fn finish(mut self) -> Result<Vec<u8>, DecodingError> {
        if !self.empty {
            for at in 0..self.steps.len() {
                let (step, inner) = self.steps[at..]
                    .split_first_mut()
                    .ok_or(DecodingError::TooMany)?;
                step.finish(&mut |piece| feed(inner, piece, &mut self.text))?;
            }
        }
        Ok(self.text.bytes)
    }

    /// What came out until now, for whoever needs no more.
    pub fn so_far(self) -> Vec<u8> {
        self.text.bytes
    }
}

fn steps(headers: &HeaderMap, limit: u64) -> Result<Vec<DecodingStep>, DecodingError> {
    let mut steps = Vec::new();
    for value in headers.get_all(CONTENT_ENCODING) {
        let value = String::from_utf8_lossy(value.as_bytes());
        for name in value.split(',') {
            let coding = match name.trim().to_ascii_lowercase().as_str() {
                "" | "identity" => continue,
                "gzip" | "x-gzip" => Coding::Gzip(Inflate::gzip()),
                "deflate" => Coding::Deflate(None, None),
                "br" => Coding::Brotli(Box::new(Brotli::new())),
                _ => return Err(DecodingError::Unknown(value.trim().to_owned())),
            };
            steps.push(DecodingStep {
                coding,
                left: limit,
            });
        }
    }
    if steps.len() > MOST_CODINGS {
        return Err(DecodingError::TooMany);
    }
    // Listed in the order in which they were put on.
    steps.reverse();
    Ok(steps)
}

/// What came out of the innermost coding.
struct Decoded {
    bytes: Vec<u8>,
    limit: u64,
}

impl Decoded {
    fn take(&mut self, piece: &[u8]) -> Result<(), DecodingError> {
        if (self.bytes.len() + piece.len()) as u64 > self.limit {
            // As much as the limit allows, for whoever needs no more.
            let room = self.limit as usize - self.bytes.len();
            self.bytes.extend_from_slice(&piece[..room]);
            return Err(DecodingError::TooLarge);
        }
        self.bytes.extend_from_slice(piece);
        Ok(())
    }
}

fn feed(steps: &mut [DecodingStep], bytes: &[u8], text: &mut Decoded) -> Result<(), DecodingError> {
    match steps.split_first_mut() {
        None => text.take(bytes),
        Some((step, inner)) => step.push(bytes, &mut |piece| feed(inner, piece, text)),
    }
}

/// Where a step's pieces go.
type Sink<'s> = dyn FnMut(&[u8]) -> Result<(), DecodingError> + 's;

struct DecodingStep {
    coding: Coding,
    /// How many bytes may still come out of this step: what unpacks to more than the limit ends here, however little
    /// the next step makes of it.
    left: u64,
}

enum Coding {
    Gzip(Inflate),
    /// By its standard in zlib's form, and by some servers without zlib's head: its first two bytes tell.
    Deflate(Option<u8>, Option<Inflate>),
    Brotli(Box<Brotli>),
}

impl DecodingStep {
    fn push(&mut self, bytes: &[u8], sink: &mut Sink<'_>) -> Result<(), DecodingError> {
        let left = &mut self.left;
        let sink: &mut Sink<'_> = &mut |piece: &[u8]| {
            let rest = left.checked_sub(piece.len() as u64);
            *left = rest.unwrap_or_default();
            sink(piece)?;
            rest.map(drop).ok_or(DecodingError::TooLarge)
        };
        match &mut self.coding {
            Coding::Gzip(inflate) => inflate.push(bytes, sink),
            Coding::Deflate(first, inflate) => deflate(first, inflate, bytes, sink),
            Coding::Brotli(brotli) => brotli.push(bytes, sink),
        }
    }

    /// The bytes ended: whether they ended as the coding does.
    fn finish(&mut self, sink: &mut Sink<'_>) -> Result<(), DecodingError> {
        self.push(&[], sink)?;
        let (name, ended) = match &self.coding {
            Coding::Gzip(inflate) => ("gzip", inflate.ended),
            Coding::Deflate(_, inflate) => (
                "deflate",
                inflate.as_ref().is_some_and(|inflate| inflate.ended),
            ),
            Coding::Brotli(brotli) => ("br", brotli.ended),
        };
        ended.then_some(()).ok_or(DecodingError::Cut(name))
    }
}

fn deflate(
    first: &mut Option<u8>,
    inflate: &mut Option<Inflate>,
    bytes: &[u8],
    sink: &mut Sink<'_>,
) -> Result<(), DecodingError> {
    if let Some(inflate) = inflate {
        return inflate.push(bytes, sink);
    }
    let mut head = Vec::from_iter(*first);
    head.extend(bytes.iter().copied().take(2 - head.len()));
    let [method, flags] = head[..] else {
        *first = head.first().copied();
        return Ok(());
    };
    let has_head = method & 0x0f == 8 && u16::from_be_bytes([method, flags]) % 31 == 0;
    let inflate = inflate.insert(Inflate::deflate(has_head));
    if let Some(first) = first.take() {
        inflate.push(&[first], sink)?;
    }
    inflate.push(bytes, sink)
}

/// gzip, zlib or bare deflate.
struct Inflate {
    name: &'static str,
    state: Decompress,
    ended: bool,
    piece: Zeroizing<Vec<u8>>,
}

impl Inflate {
    fn new(name: &'static str, state: Decompress) -> Self {
        Inflate {
            name,
            state,
            ended: false,
            piece: Zeroizing::new(vec![0; CHUNK]),
        }
    }

    fn gzip() -> Self {
        Self::new("gzip", Decompress::new_gzip(WINDOW_BITS))
    }

    fn deflate(has_head: bool) -> Self {
        Self::new("deflate", Decompress::new(has_head))
    }

    fn push(&mut self, mut bytes: &[u8], sink: &mut Sink<'_>) -> Result<(), DecodingError> {
        loop {
            if self.ended && !self.begins_again(bytes) {
                // What follows a whole stream, whose check sum was right, is padding.
                return Ok(());
            }
            let (read, written) = (self.state.total_in(), self.state.total_out());
            let status = self
                .state
                .decompress(bytes, &mut self.piece, FlushDecompress::None)
                .map_err(|_| DecodingError::Corrupt(self.name))?;
            let written = (self.state.total_out() - written) as usize;
            bytes = &bytes[(self.state.total_in() - read) as usize..];
            sink(&self.piece[..written])?;
            match status {
                Status::StreamEnd => self.ended = true,
                _ if bytes.is_empty() && written < CHUNK => return Ok(()),
                Status::BufError if written == 0 => return Err(DecodingError::Corrupt(self.name)),
                Status::Ok | Status::BufError => {}
            }
        }
    }

    /// A gzip may be several ones after each other.
    fn begins_again(&mut self, bytes: &[u8]) -> bool {
        let again = self.name == "gzip" && bytes.first() == Some(&0x1f);
        if again {
            self.state.reset(true);
            self.ended = false;
        }
        again
    }
}

struct Brotli {
    state: BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>,
    ended: bool,
    piece: Zeroizing<Vec<u8>>,
}

impl Brotli {
    fn new() -> Self {
        let alloc = StandardAlloc::default;
        Brotli {
            state: BrotliState::new(alloc(), alloc(), alloc()),
            ended: false,
            piece: Zeroizing::new(vec![0; CHUNK]),
        }
    }

    fn push(&mut self, bytes: &[u8], sink: &mut Sink<'_>) -> Result<(), DecodingError> {
        let (mut left, mut read) = (bytes.len(), 0);
        while !self.ended {
            let (mut room, mut written) = (self.piece.len(), 0);
            let result = BrotliDecompressStream(
                &mut left,
                &mut read,
                bytes,
                &mut room,
                &mut written,
                &mut self.piece,
                &mut 0,
                &mut self.state,
            );
            sink(&self.piece[..written])?;
            match result {
                BrotliResult::ResultSuccess => self.ended = true,
                BrotliResult::NeedsMoreOutput => {}
                BrotliResult::NeedsMoreInput => return Ok(()),
                BrotliResult::ResultFailure => return Err(DecodingError::Corrupt("br")),
            }
        }
        Ok(())
    }
}
