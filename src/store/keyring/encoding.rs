//! How the official command line writes a text into the macOS Keychain: base64 behind a mark, hex behind
//! another in older versions, as it is in the oldest.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::{Attempt, KeyringError};

const BASE64: &str = "go-keyring-base64:";
const HEX: &str = "go-keyring-encoded:";

pub fn encode(text: &str) -> Zeroizing<String> {
    let mut encoded = Zeroizing::new(String::with_capacity(BASE64.len() + text.len() * 2 + 4));
    encoded.push_str(BASE64);
    encoded.push_str(&Zeroizing::new(STANDARD.encode(text)));
    encoded
}

pub fn decode(text: &str) -> Attempt<Zeroizing<String>> {
    let bytes = if let Some(base64) = text.strip_prefix(BASE64) {
        STANDARD.decode(base64.trim()).ok()
    } else if let Some(hex) = text.strip_prefix(HEX) {
        from_hex(hex.trim())
    } else {
        Some(text.as_bytes().to_vec())
    };
    let bytes = Zeroizing::new(bytes.ok_or_else(unreadable)?);
    let text = std::str::from_utf8(&bytes).map_err(|_| unreadable())?;
    Ok(Zeroizing::new(text.to_owned()))
}

fn from_hex(hex: &str) -> Option<Vec<u8>> {
    if !hex.is_ascii() || !hex.len().is_multiple_of(2) {
        return None;
    }
    (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).ok())
        .collect()
}

fn unreadable() -> KeyringError {
    KeyringError::Other("an entry is not encoded as it should be".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_age_of_the_command_line_is_read() {
        for (text, expected) in [
            ("go-keyring-base64:czNjcsOpdA==", "s3crét"),
            ("go-keyring-encoded:7333637265740a", "s3cret\n"),
            ("plain", "plain"),
        ] {
            assert_eq!(decode(text).unwrap().as_str(), expected);
        }
        assert_eq!(encode("s3crét").as_str(), "go-keyring-base64:czNjcsOpdA==");
        for text in [
            "go-keyring-base64:*",
            "go-keyring-encoded:7",
            "go-keyring-encoded:zz",
        ] {
            assert!(decode(text).is_err(), "{text}");
        }
    }
}
