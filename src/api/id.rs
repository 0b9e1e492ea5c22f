//! A token's id, which is the client id that signs in with it: checked before it becomes part of a URL, and
//! before it is shown. Ids are shown everywhere, secrets nowhere; so what has the form of a secret is no id.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::error::{Error, Result};

/// Ids have 32 or 36 characters today; the limit leaves room for a longer form.
const LONGEST_TOKEN_ID: usize = 128;

/// So many hexadecimal digits in a row an id has; more of them are a secret, or most of one.
pub const ID_DIGITS: usize = 32;
const SECRET_DIGITS: usize = 64;
/// What is wrong with an id that has the form of a secret. The value itself is never told.
pub const SECRET_FOR_ID: &str =
    "has the form of a secret (64 hexadecimal digits): are id and secret swapped?";

/// An id as people may see it: what has the form of a secret may be one in the wrong place.
pub fn shown(id: &str) -> &str {
    if has_form_of_secret(id) {
        "an id that has the form of a secret"
    } else {
        id
    }
}

/// Whether a text has the form of a secret: exactly 64 hexadecimal digits.
pub fn has_form_of_secret(text: &str) -> bool {
    let text = text.trim();
    text.len() == SECRET_DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a text has the form of an id: 32 hexadecimal digits, with or without hyphens.
pub fn has_form_of_id(text: &str) -> bool {
    let text = text.trim();
    let digits = text.bytes().filter(u8::is_ascii_hexdigit).count();
    let hyphens = text.bytes().filter(|byte| *byte == b'-').count();
    digits == ID_DIGITS && digits + hyphens == text.len()
}

/// An id that is safe to put into a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenId(String);

impl TokenId {
    /// Takes letters, digits, `-` and `_` only: `..`, `/` or `%` would address something else.
    pub fn parse(field: &'static str, text: String) -> Result<Self> {
        if text.trim().is_empty() {
            return Err(Error::field(field, "must not be empty"));
        }
        if has_form_of_secret(&text) {
            return Err(Error::field(field, SECRET_FOR_ID)
                .with_remedy("take the id as a list shows it, and never give the secret for it"));
        }
        if text.len() > LONGEST_TOKEN_ID {
            return Err(Error::field(
                field,
                format!("must have at most {LONGEST_TOKEN_ID} characters"),
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
    fn a_secret_is_no_id_and_is_not_told() {
        for secret in ["0123456789abcdef".repeat(4), "ABCDEF0123456789".repeat(4)] {
            let error = TokenId::parse("id", secret.clone()).unwrap_err();
            assert_eq!(error.to_string(), format!("id: {SECRET_FOR_ID}"));
            assert!(!format!("{error:?}").contains(&secret));
        }
        for id in [
            "a".repeat(63),
            "a".repeat(65),
            format!("{}g", "a".repeat(63)),
        ] {
            TokenId::parse("id", id).unwrap();
        }
    }

    #[test]
    fn both_forms_of_an_id_are_known() {
        for id in [
            "ef38f94347e94562b5bb8424a56397d8",
            " 7F5AD9AC-8C3A-4A2C-9B9F-1A2B3C4D5E6F\n",
        ] {
            assert!(has_form_of_id(id), "{id}");
        }
        for other in [
            "",
            "abc",
            "ef38f94347e94562b5bb8424a56397d",
            "-".repeat(32).as_str(),
        ] {
            assert!(!has_form_of_id(other), "{other}");
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
