//! The list filters: `lastUsed le <ISO 8601>` and `lastUsed isnull`, and no others.

use jiff::{Timestamp, civil, tz::Offset};

/// A parsed filter.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Filter {
    UsedUntil(Timestamp),
    NeverUsed,
}

impl Filter {
    /// Reads the query's `filters` value; the error says what is wrong with it.
    pub fn parse(text: &str) -> Result<Filter, String> {
        let words: Vec<&str> = text.split_ascii_whitespace().collect();
        match words.as_slice() {
            ["lastUsed", "isnull"] => Ok(Filter::NeverUsed),
            ["lastUsed", "le", date] => parse_date(date)
                .map(Filter::UsedUntil)
                .ok_or_else(|| format!("Invalid filter: \"{date}\" is not an ISO 8601 date-time.")),
            ["lastUsed", operator, ..] => Err(format!(
                "Invalid filter: operator \"{operator}\" is not supported for \"lastUsed\"."
            )),
            [property, ..] => Err(format!(
                "Invalid filter: property \"{property}\" is not filterable."
            )),
            [] => Err("Invalid filter: it is empty.".to_owned()),
        }
    }

    pub fn keeps(&self, last_used: Option<Timestamp>) -> bool {
        match self {
            Filter::NeverUsed => last_used.is_none(),
            Filter::UsedUntil(limit) => last_used.is_some_and(|used| used <= *limit),
        }
    }
}

/// A date-time with offset, or without one or as a date alone, which then count as UTC.
fn parse_date(text: &str) -> Option<Timestamp> {
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return Some(timestamp);
    }
    let local: civil::DateTime = text.parse().ok()?;
    Offset::UTC.to_timestamp(local).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_filters_are_read() {
        assert_eq!(Filter::parse("lastUsed isnull"), Ok(Filter::NeverUsed));
        let date = "2023-02-05T10:59:27.214Z".parse().unwrap();
        let filter = Filter::parse("lastUsed le 2023-02-05T10:59:27.214Z");
        assert_eq!(filter, Ok(Filter::UsedUntil(date)));
        let other_offset = Filter::parse("lastUsed le 2023-02-05T11:59:27.214+01:00");
        assert_eq!(other_offset, Ok(Filter::UsedUntil(date)));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "lastUsed",
            "lastUsed eq 2023-02-05T10:59:27Z",
            "lastUsed le",
            "lastUsed le yesterday",
            "lastUsed isnull and lastUsed isnull",
            "name isnull",
            "lastused isnull",
        ] {
            assert!(Filter::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_token_never_used_is_not_used_before_a_date() {
        let limit = "2023-02-05T10:59:27Z".parse().unwrap();
        assert!(!Filter::UsedUntil(limit).keeps(None));
        assert!(Filter::UsedUntil(limit).keeps(Some(limit)));
    }
}
