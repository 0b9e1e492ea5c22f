//! The shape of a value that a person copied to here: a client id, a secret, a URL. One trim wherever it comes in, and in
//! words what is odd, so that the error of a refused sign-in can say it. Never a character of the value.

use zeroize::Zeroizing;

/// Hexadecimal digits in a personal access token's secret.
const SECRET_LENGTH: usize = 64;
/// Characters of a token's id: without hyphens, and with them.
const ID_LENGTHS: [usize; 2] = [32, 36];
/// Marks that people and programs put around a text, none of which begins or ends a value.
const QUOTES: &[char] = &[
    '\'', '"', '`', '\u{2018}', '\u{2019}', '\u{201a}', '\u{201b}', '\u{201c}', '\u{201d}',
    '\u{201e}', '\u{00ab}', '\u{00bb}',
];

/// A value without the white space and line ends around it: files, commands and keyrings add them, and no value has
/// any of its own. Nothing else is taken off.
pub fn trimmed(text: &str) -> &str {
    text.trim()
}

/// The same as a text of its own, wiped when dropped.
pub fn owned(text: &str) -> Zeroizing<String> {
    Zeroizing::new(trimmed(text).to_owned())
}

/// What no value of any kind has: quotes around it, characters that nobody sees, white space inside.
pub fn oddity(text: &str) -> Option<&'static str> {
    if text.chars().any(is_invisible) {
        return Some("holds an invisible character (a byte order mark or a zero-width one)");
    }
    let (first, last) = (text.chars().next()?, text.chars().next_back()?);
    match (QUOTES.contains(&first), QUOTES.contains(&last)) {
        (true, true) => return Some("stands in quotes"),
        (true, false) => return Some("begins with a quote"),
        (false, true) => return Some("ends with a quote"),
        (false, false) => {}
    }
    if text.chars().any(char::is_whitespace) {
        return Some("holds white space");
    }
    text.chars()
        .any(char::is_control)
        .then_some("holds a control character")
}

/// What is odd in a secret. Its length is said and none of its characters.
pub fn oddity_of_secret(text: &str) -> Option<String> {
    if let Some(odd) = oddity(text) {
        return Some(odd.to_owned());
    }
    let length = text.chars().count();
    if length != SECRET_LENGTH {
        return Some(format!(
            "has {length} characters, a personal access token's has {SECRET_LENGTH}"
        ));
    }
    (!is_hex(text)).then(|| {
        "holds characters other than hexadecimal digits, a personal access token's has none"
            .to_owned()
    })
}

/// What is odd in a client id.
pub fn oddity_of_id(text: &str) -> Option<String> {
    if let Some(odd) = oddity(text) {
        return Some(odd.to_owned());
    }
    let length = text.chars().count();
    if !ID_LENGTHS.contains(&length) {
        return Some(format!(
            "has {length} characters, a token's id has 32 or 36"
        ));
    }
    (!is_hex(&text.replace('-', ""))).then(|| {
        "holds characters other than hexadecimal digits and hyphens, a token's id has none"
            .to_owned()
    })
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Byte order mark, zero-width characters and marks of direction, the soft hyphen.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{00ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f00123456789abcdef0f1e2d3c4b5a6978";

    #[test]
    fn white_space_and_line_ends_go_and_nothing_else_does() {
        for (text, kept) in [
            ("a", "a"),
            (" a\r\n", "a"),
            ("\t\r\n a b \n\n", "a b"),
            ("\u{a0}a\u{3000}", "a"),
            ("\"a\"\n", "\"a\""),
            ("\u{feff}a", "\u{feff}a"),
            ("\0a\0", "\0a\0"),
            (" \n", ""),
        ] {
            assert_eq!(trimmed(text), kept, "{text:?}");
        }
    }

    #[test]
    fn each_oddity_has_its_words() {
        for (text, words) in [
            ("'abc'", "stands in quotes"),
            ("\u{201c}abc\u{201d}", "stands in quotes"),
            ("\u{2018}abc\u{2019}", "stands in quotes"),
            ("\"abc", "begins with a quote"),
            ("abc\u{201d}", "ends with a quote"),
            ("\u{feff}abc", "invisible"),
            ("ab\u{200b}c", "invisible"),
            ("abc\u{200f}", "invisible"),
            ("a\u{2060}bc", "invisible"),
            ("a\u{00ad}bc", "invisible"),
            ("a bc", "white space"),
            ("a\nbc", "white space"),
            ("a\0bc", "control"),
        ] {
            let odd = oddity(text).unwrap_or_else(|| panic!("{text:?} passes"));
            assert!(odd.contains(words), "{text:?}: {odd}");
            assert_eq!(oddity_of_secret(text).as_deref(), Some(odd));
            assert_eq!(oddity_of_id(text).as_deref(), Some(odd));
        }
        for plain in ["", "a", "it's", SECRET] {
            assert_eq!(oddity(plain), None, "{plain}");
        }
    }

    #[test]
    fn a_secret_is_told_by_length_and_digits_and_never_shown() {
        assert_eq!(oddity_of_secret(SECRET), None);
        assert_eq!(oddity_of_secret(&SECRET.to_uppercase()), None);
        let short = oddity_of_secret(&SECRET[1..]).unwrap();
        assert_eq!(short, "has 63 characters, a personal access token's has 64");
        let other = format!("{}z", &SECRET[1..]);
        let odd = oddity_of_secret(&other).unwrap();
        assert!(odd.contains("other than hexadecimal"), "{odd}");
        let umlauts = "ü".repeat(64);
        assert!(oddity_of_secret(&umlauts).unwrap().contains("other than"));
        for odd in [short, odd] {
            let pieces = SECRET.as_bytes().windows(4);
            for piece in pieces.filter_map(|piece| std::str::from_utf8(piece).ok()) {
                assert!(!odd.contains(piece), "{odd}");
            }
        }
    }

    #[test]
    fn an_id_has_32_or_36_characters() {
        for id in [
            "ef38f94347e94562b5bb8424a56397d8",
            "7f5ad9ac-8c3a-4a2c-9b9f-1a2b3c4d5e6f",
        ] {
            assert_eq!(oddity_of_id(id), None);
            assert!(oddity_of_id(&id[1..]).unwrap().contains("32 or 36"));
            assert!(
                oddity_of_id(&format!("{}g", &id[1..]))
                    .unwrap()
                    .contains("hyphens")
            );
        }
    }
}
