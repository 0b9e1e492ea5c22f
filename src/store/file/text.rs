//! A settings file's bytes as text: UTF-8, with or without a byte order mark, and what Windows PowerShell's Out-File
//! writes, UTF-16 with one.

use zeroize::Zeroizing;

/// A byte order mark as text.
pub const BYTE_ORDER_MARK: char = '\u{feff}';

/// The text; a byte order mark stays where it is. The error says in words what the bytes are not.
pub fn of_bytes(bytes: Zeroizing<Vec<u8>>) -> Result<Zeroizing<String>, String> {
    match bytes.as_slice() {
        [0xff, 0xfe, ..] => of_utf16(&bytes, u16::from_le_bytes),
        [0xfe, 0xff, ..] => of_utf16(&bytes, u16::from_be_bytes),
        _ => match std::str::from_utf8(&bytes) {
            // Checked just now; the bytes stay where they are, so that no copy is left.
            Ok(_) => Ok(moved(bytes)),
            Err(error) => Err(format!(
                "is no UTF-8 text: line {}",
                lines(&bytes[..error.valid_up_to()])
            )),
        },
    }
}

fn moved(mut bytes: Zeroizing<Vec<u8>>) -> Zeroizing<String> {
    Zeroizing::new(String::from_utf8(std::mem::take(&mut *bytes)).unwrap_or_default())
}

/// The number of the line that comes after these bytes.
fn lines(before: &[u8]) -> usize {
    before.iter().filter(|&&byte| byte == b'\n').count() + 1
}

fn of_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Zeroizing<String>, String> {
    let (units, odd) = bytes.as_chunks::<2>();
    if !odd.is_empty() {
        return Err("is UTF-16 with half a character at its end".to_owned());
    }
    // A unit of two bytes becomes three at most: the text never moves and leaves no copy.
    let mut text = Zeroizing::new(String::with_capacity(units.len() * 3));
    for character in char::decode_utf16(units.iter().copied().map(unit)) {
        let Ok(character) = character else {
            let line = lines(text.as_bytes());
            return Err(format!("is no UTF-16 text: line {line}"));
        };
        text.push(character);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> Result<String, String> {
        of_bytes(Zeroizing::new(bytes.to_vec())).map(|text| text.to_string())
    }

    fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(unit).collect()
    }

    #[test]
    fn every_encoding_that_powershell_writes_is_read() {
        let whole = "\u{feff}{\"Név\":\"😀\"}\r\n";
        for bytes in [
            whole.as_bytes().to_vec(),
            utf16(whole, u16::to_le_bytes),
            utf16(whole, u16::to_be_bytes),
        ] {
            assert_eq!(text(&bytes).unwrap(), whole);
        }
        assert_eq!(text(b"plain").unwrap(), "plain");
        assert_eq!(text(b"").unwrap(), "");
    }

    #[test]
    fn other_bytes_are_told_with_their_line() {
        for (bytes, problem) in [
            (&b"a\nb\xffc"[..], "is no UTF-8 text: line 2"),
            (b"\xff\xfea", "is UTF-16 with half a character"),
            (b"\xff\xfe\n\0\0\xd8", "is no UTF-16 text: line 2"),
        ] {
            let said = text(bytes).unwrap_err();
            assert!(said.starts_with(problem), "{said}");
        }
    }
}
