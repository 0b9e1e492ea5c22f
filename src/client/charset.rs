//! The charset of a reply's text: JSON is UTF-8 by its standard, and what gateways make of it is read all the same.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use zeroize::Zeroizing;

/// A text in UTF-8, and whether bytes in it had no meaning and show as U+FFFD.
pub struct Read {
    pub text: Vec<u8>,
    pub mended: bool,
}

/// Reads `body` by its byte order mark, else by the charset that its headers name. The error is a Content-Type whose
/// charset is not known: all of it, since only whoever knows the secrets may cut it.
pub fn read(body: Vec<u8>, headers: &HeaderMap) -> Result<Read, String> {
    let (encoding, mark) = match Encoding::for_bom(&body) {
        Some((encoding, length)) => (encoding, length),
        None => (named(&body, headers)?, 0),
    };
    if encoding == UTF_8 && mark == 0 && std::str::from_utf8(&body).is_ok() {
        let mended = false;
        return Ok(Read { text: body, mended });
    }
    // A reply may hold a secret: what it is turned from is wiped.
    let body = Zeroizing::new(body);
    let (text, mended) = encoding.decode_without_bom_handling(&body[mark..]);
    let text = text.into_owned().into_bytes();
    Ok(Read { text, mended })
}

/// The charset that the headers name. Text that is whole UTF-8 is taken for that, unless its bytes are no ASCII
/// either: many servers name a charset by habit.
fn named(body: &[u8], headers: &HeaderMap) -> Result<&'static Encoding, String> {
    let Some(kind) = headers.get(CONTENT_TYPE) else {
        return Ok(UTF_8);
    };
    let kind = String::from_utf8_lossy(kind.as_bytes());
    let Some(label) = charset(&kind) else {
        return Ok(UTF_8);
    };
    let Some(encoding) = Encoding::for_label(label.as_bytes()) else {
        // Its text may be ASCII all the same.
        let is_text = std::str::from_utf8(body).is_ok() && !body.contains(&0);
        return if is_text {
            Ok(UTF_8)
        } else {
            Err(kind.trim().to_owned())
        };
    };
    if encoding == UTF_16LE || encoding == UTF_16BE {
        // JSON begins with an ASCII character, whose half that is zero tells the order.
        return Ok(match body {
            [0, ..] => UTF_16BE,
            [_, 0, ..] => UTF_16LE,
            _ if std::str::from_utf8(body).is_ok() => UTF_8,
            _ => encoding,
        });
    }
    if encoding.is_ascii_compatible() && std::str::from_utf8(body).is_ok() {
        return Ok(UTF_8);
    }
    Ok(encoding)
}

fn charset(kind: &str) -> Option<&str> {
    let value = kind.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then_some(value)
    })?;
    let label = value.trim().trim_matches(['"', '\'']).trim();
    (!label.is_empty()).then_some(label)
}
