//! Texts for people show what they hold: whatever would move the cursor, colour a line, ring a bell, end a line
//! or turn the reading direction is written as \uXXXX. A name, a header or a reply comes from others, and a
//! terminal obeys what it prints.
//!
//! Applied once, where texts leave for people. Data stays as it is: programs read it.

use std::borrow::Cow;
use std::fmt::Write;

use serde::Serializer;

/// Format characters (general category Cf of Unicode 16.0, DerivedGeneralCategory.txt), and the two separators of
/// lines and paragraphs. Without U+200C and U+200D: words of some scripts, and many emoji, are not right without.
const FORMAT: &[(char, char)] = &[
    ('\u{ad}', '\u{ad}'),
    ('\u{600}', '\u{605}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{6dd}', '\u{6dd}'),
    ('\u{70f}', '\u{70f}'),
    ('\u{890}', '\u{891}'),
    ('\u{8e2}', '\u{8e2}'),
    ('\u{180e}', '\u{180e}'),
    ('\u{200b}', '\u{200b}'),
    ('\u{200e}', '\u{200f}'),
    ('\u{2028}', '\u{202e}'),
    ('\u{2060}', '\u{2064}'),
    ('\u{2066}', '\u{206f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{fff9}', '\u{fffb}'),
    ('\u{110bd}', '\u{110bd}'),
    ('\u{110cd}', '\u{110cd}'),
    ('\u{13430}', '\u{1343f}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0001}', '\u{e0001}'),
    ('\u{e0020}', '\u{e007f}'),
];

fn is_format(c: char) -> bool {
    FORMAT
        .iter()
        .any(|(first, last)| (*first..=*last).contains(&c))
}

/// One line: line ends and tabs are written out, too.
pub fn line(text: &str) -> Cow<'_, str> {
    escaped(text, |c| c.is_control() || is_format(c))
}

/// A reply's body, with its own lines and tabs. JSON keeps its meaning: what is escaped stands in its strings only.
///
/// A lone CR, which would write over the line before it, becomes a line end: between the tokens of JSON both are
/// nothing but space.
pub fn body(text: &str) -> Cow<'_, str> {
    let is_hidden = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r') || is_format(c);
    if !has_lone_cr(text) {
        return escaped(text, is_hidden);
    }
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    Cow::Owned(escaped(&lines, is_hidden).into_owned())
}

fn has_lone_cr(text: &str) -> bool {
    text.split('\r')
        .skip(1)
        .any(|after| !after.starts_with('\n'))
}

/// A field of a text for people, for `serialize_with`.
pub fn serialized<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&line(text))
}

/// The same for a text that may be missing.
pub fn serialized_if_any<S: Serializer>(
    text: &Option<String>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match text {
        Some(text) => serialized(text, serializer),
        None => serializer.serialize_none(),
    }
}

fn escaped(text: &str, is_hidden: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.chars().any(&is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_hidden(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string never fails.
                let _ = write!(shown, "\\u{unit:04x}");
            }
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use unicode_general_category::{GeneralCategory, get_general_category};

    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_written_out() {
        for (text, shown) in [
            ("\u{1b}]0;title\u{7}", "\\u001b]0;title\\u0007"),
            ("a\r\nb\tc\0", "a\\u000d\\u000ab\\u0009c\\u0000"),
            ("\u{85}\u{9b}2J\u{7f}", "\\u0085\\u009b2J\\u007f"),
            ("abc\u{202e}gpj\u{2066}", "abc\\u202egpj\\u2066"),
            ("a\u{2028}b\u{feff}", "a\\u2028b\\ufeff"),
            ("\u{e0041}", "\\udb40\\udc41"),
        ] {
            assert_eq!(line(text), shown);
        }
    }

    #[test]
    fn ordinary_text_of_any_script_stays_and_costs_no_copy() {
        for text in [
            "",
            "plain \\u001b text",
            "größe 名前 नमस्ते שלום",
            "می\u{200c}خواهم",
            "👩\u{200d}💻",
            "a\u{301}",
        ] {
            assert!(matches!(line(text), Cow::Borrowed(same) if same == text));
        }
    }

    #[test]
    fn a_body_keeps_its_lines_and_json_its_meaning() {
        assert_eq!(
            body("a\tb\r\nc\u{1b}[1m\u{85}"),
            "a\tb\r\nc\\u001b[1m\\u0085"
        );
        assert_eq!(body("first\rover it\r\n"), "first\nover it\n");
        let json = "{\r\n\t\"messages\": [\"\u{202e}\u{7f}\u{9b}\u{e0041}\", \"\\u001b\"]}";
        let shown = body(json);
        assert!(!shown.contains('\u{202e}'));
        let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        assert_eq!(read(&shown), read(json));
    }

    #[test]
    fn the_table_is_that_of_unicode() {
        for c in '\0'..=char::MAX {
            let wanted = match get_general_category(c) {
                GeneralCategory::Control
                | GeneralCategory::LineSeparator
                | GeneralCategory::ParagraphSeparator => true,
                GeneralCategory::Format => !matches!(c, '\u{200c}' | '\u{200d}'),
                _ => false,
            };
            let escapes = matches!(line(c.encode_utf8(&mut [0; 4])), Cow::Owned(_));
            assert_eq!(escapes, wanted, "U+{:04X}", u32::from(c));
        }
    }
}
