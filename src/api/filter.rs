//! The list's filter: `lastUsed le <ISO 8601>` or `lastUsed isnull`, and nothing else
//! (the service answers 400 to anything else; here the message shows the place).

use crate::error::{Error, Result};

const RULE: &str = "the service knows 'lastUsed le <ISO 8601 date>' and 'lastUsed isnull'";

/// Checks a filter; returns it trimmed.
pub fn parse(text: &str) -> Result<&str> {
    let mut words = words(text);
    expect(text, words.next(), "lastUsed", "the field 'lastUsed'")?;
    match words.next() {
        Some((_, "isnull")) => {}
        Some((_, "le")) => date(text, words.next())?,
        other => return Err(wrong(text, other, "the operator 'le' or 'isnull'")),
    }
    match words.next() {
        None => Ok(text.trim()),
        extra => Err(wrong(text, extra, "the end")),
    }
}

/// The words of `text` with their byte positions.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_whitespace()
        .map(move |word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
}

fn expect(text: &str, found: Option<(usize, &str)>, word: &str, what: &str) -> Result<()> {
    match found {
        Some((_, found)) if found == word => Ok(()),
        other => Err(wrong(text, other, what)),
    }
}

/// ISO 8601, with or without time and offset.
fn date(text: &str, found: Option<(usize, &str)>) -> Result<()> {
    match found {
        Some((_, word))
            if word.parse::<jiff::Timestamp>().is_ok()
                || word.parse::<jiff::civil::DateTime>().is_ok() =>
        {
            Ok(())
        }
        other => Err(wrong(
            text,
            other,
            "an ISO 8601 date such as 2026-01-31T00:00:00Z",
        )),
    }
}

/// An error that quotes the filter up to the wrong word.
fn wrong(text: &str, found: Option<(usize, &str)>, expected: &str) -> Error {
    let message = match found {
        Some((position, word)) => format!(
            "at character {}: expected {expected}, found '{}'; {RULE}",
            text[..position].chars().count() + 1,
            word.chars().take(40).collect::<String>()
        ),
        None => format!("at its end: expected {expected}; {RULE}"),
    };
    Error::field("filters", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_forms_pass() {
        for filter in [
            "lastUsed isnull",
            "lastUsed le 2023-02-05T10:59:27.214Z",
            "lastUsed le 2023-02-05T10:59:27+01:00",
            "lastUsed le 2023-02-05",
            "  lastUsed   isnull ",
        ] {
            assert_eq!(parse(filter).unwrap(), filter.trim());
        }
    }

    #[test]
    fn a_wrong_one_shows_the_place() {
        for (filter, place) in [
            ("", "at its end: expected the field 'lastUsed'"),
            (
                "name eq \"x\"",
                "at character 1: expected the field 'lastUsed', found 'name'",
            ),
            ("lastUsed", "at its end: expected the operator"),
            (
                "lastUsed ge 2023-01-01",
                "at character 10: expected the operator",
            ),
            ("lastUsed le", "at its end: expected an ISO 8601 date"),
            (
                "lastUsed le yesterday",
                "at character 13: expected an ISO 8601 date",
            ),
            (
                "lastUsed isnull or",
                "at character 17: expected the end, found 'or'",
            ),
            ("lastUsed le 2023-13-45T00:00:00Z", "at character 13"),
        ] {
            let error = parse(filter).unwrap_err();
            assert!(error.to_string().contains(place), "{filter}: {error}");
        }
    }
}
