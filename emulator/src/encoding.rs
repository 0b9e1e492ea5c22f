//! Compressed replies, and replies in other charsets: where they are asked for, and as faults.

use std::io::{Read, Write};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use hyper::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, VARY,
};

use crate::fault::{Charset, Coding, Encoded};
use crate::replies::Reply;

/// The reply in gzip, where the request says that it reads that.
pub(crate) fn gzipped(mut reply: Reply, asked: &HeaderMap) -> Reply {
    let accepts = asked.get_all(ACCEPT_ENCODING).iter().any(|value| {
        let words = value.to_str().unwrap_or_default().split(',');
        words
            .map(str::trim)
            .any(|word| word.eq_ignore_ascii_case("gzip"))
    });
    if !accepts || reply.body.is_empty() {
        return reply;
    }
    reply.body = compressed(&reply.body, Coding::Gzip).into();
    reply
        .with(CONTENT_ENCODING, HeaderValue::from_static("gzip"))
        .with(VARY, HeaderValue::from_static("Accept-Encoding"))
}

/// The reply as a fault wants it.
pub(crate) fn encoded(mut reply: Reply, how: Encoded) -> Reply {
    let mut body = in_charset(&reply.body, how.charset, how.mark);
    for coding in &how.by {
        body = compressed(&body, *coding);
    }
    if let Some(at) = how.cut_at {
        body.truncate(at);
    }
    if let Some(byte) = how.broken_at.and_then(|at| body.get_mut(at)) {
        *byte = !*byte;
    }
    reply.body = Bytes::from(body);
    let names: Vec<&str> = how.by.iter().map(|coding| coding.name()).collect();
    let named = how.named.map(|text| text.0);
    let named = named.or_else(|| HeaderValue::try_from(names.join(", ")).ok());
    if let Some(named) = named.filter(|named| !named.is_empty()) {
        reply.headers.insert(CONTENT_ENCODING, named);
    }
    if let Some(charset) = how.charset {
        let kind = format!("application/json; charset={}", charset.name());
        let kind = HeaderValue::try_from(kind).expect("a name is a header's value");
        reply.headers.insert(CONTENT_TYPE, kind);
    }
    reply
}

impl Coding {
    fn name(self) -> &'static str {
        match self {
            Coding::Gzip => "gzip",
            Coding::Deflate | Coding::RawDeflate => "deflate",
            Coding::Br => "br",
        }
    }
}

impl Charset {
    fn name(self) -> &'static str {
        match self {
            Charset::Utf8 => "utf-8",
            Charset::Utf16Le | Charset::Utf16Be => "UTF-16",
            Charset::Latin1 => "ISO-8859-1",
        }
    }
}

fn compressed(body: &[u8], coding: Coding) -> Vec<u8> {
    let level = Compression::fast();
    // Writing to a vector never fails.
    let done = match coding {
        Coding::Gzip => written(GzEncoder::new(Vec::new(), level), body, GzEncoder::finish),
        Coding::Deflate => written(
            ZlibEncoder::new(Vec::new(), level),
            body,
            ZlibEncoder::finish,
        ),
        Coding::RawDeflate => {
            let encoder = DeflateEncoder::new(Vec::new(), level);
            written(encoder, body, DeflateEncoder::finish)
        }
        Coding::Br => {
            let mut out = Vec::new();
            let mut reader = brotli::CompressorReader::new(body, 4096, 5, 22);
            reader.read_to_end(&mut out).map(|_| out)
        }
    };
    done.expect("memory takes what is written")
}

fn written<W: Write>(
    mut encoder: W,
    body: &[u8],
    finish: fn(W) -> std::io::Result<Vec<u8>>,
) -> std::io::Result<Vec<u8>> {
    encoder.write_all(body)?;
    finish(encoder)
}

fn in_charset(body: &[u8], charset: Option<Charset>, mark: bool) -> Vec<u8> {
    let text = String::from_utf8_lossy(body);
    let marked = if mark { "\u{feff}" } else { "" };
    let units = marked.encode_utf16().chain(text.encode_utf16());
    match charset {
        Some(Charset::Utf16Le) => units.flat_map(u16::to_le_bytes).collect(),
        Some(Charset::Utf16Be) => units.flat_map(u16::to_be_bytes).collect(),
        // What Latin-1 does not have is not sent.
        Some(Charset::Latin1) => text.chars().filter_map(|c| u8::try_from(c).ok()).collect(),
        Some(Charset::Utf8) | None => [marked.as_bytes(), body].concat(),
    }
}
