//! A token's id, checked before it becomes part of a URL.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::error::{Error, Result};

/// Ids have 32 or 36 characters today; the limit leaves room for a longer form.
const LONGEST: usize = 128;

/// An id that is safe to put into a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenId(String);

impl TokenId {
    /// Takes letters, digits, `-` and `_` only: `..`, `/` or `%` would address something else.
    pub fn parse(field: &'static str, text: String) -> Result<Self> {
        if text.trim().is_empty() {
            return Err(Error::field(field, "must not be empty"));
        }
        if text.len() > LONGEST {
            return Err(Error::field(
                field,
                format!("must have at most {LONGEST} characters"),
            ));
        }
        if !text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        {
            return Err(
                Error::field(field, "may hold letters, digits, '-' and '_' only")
                    .with_remedy("take the id as a list shows it"),
            );
        }
        Ok(TokenId(text))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id as a path segment.
    pub fn encoded(&self) -> String {
        utf8_percent_encode(&self.0, NON_ALPHANUMERIC)
            .to_string()
            .replace("%2D", "-")
            .replace("%5F", "_")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_ids_pass_unchanged() {
        for id in [
            "ef38f94347e94562b5bb8424a56397d8",
            "7f5ad9ac-8c3a-4a2c-9b9f-1a2b3c4d5e6f",
        ] {
            assert_eq!(TokenId::parse("id", id.to_owned()).unwrap().encoded(), id);
        }
    }

    #[test]
    fn what_could_change_the_path_is_refused() {
        let long = "a".repeat(129);
        for id in [
            "", "a/b", "..", ".", "a%2fb", "a\r\nb", "a\0b", "a b", "ä", "a?b", "a#b", &long,
        ] {
            let error = TokenId::parse("id", id.to_owned()).unwrap_err();
            assert_eq!(error.detail().field.as_deref(), Some("id"), "{id:?}");
        }
    }
}
