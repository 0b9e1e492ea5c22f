//! Takes known secrets out of texts that leave the library: a server or proxy may echo what it was
//! sent. The one place for this rule.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use zeroize::Zeroizing;

const MARK: &str = "[redacted]";
/// Forms shorter than this stand in ordinary words too.
const SHORTEST_FORM: usize = 6;
/// Parts of a bearer shorter than this are too common to search for.
const SHORTEST_PART: usize = 16;

/// The forms in which one call's secrets could show up.
#[derive(Default)]
pub struct Redactor {
    forms: Vec<Zeroizing<String>>,
}

impl Redactor {
    /// Adds a secret in its plain, URL-encoded, JSON-escaped and base64 forms, and a JWT's parts.
    pub fn hide(&mut self, secret: &str) {
        if secret.is_empty() {
            return;
        }
        self.add(secret.to_owned());
        self.add(utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string());
        self.add(
            serde_json::Value::from(secret)
                .to_string()
                .trim_matches('"')
                .to_owned(),
        );
        self.add(STANDARD.encode(secret));
        self.add(URL_SAFE_NO_PAD.encode(secret));
        for part in secret.split('.').filter(|part| part.len() >= SHORTEST_PART) {
            self.add(part.to_owned());
        }
    }

    /// Adds a client's id and secret as HTTP Basic would send them.
    pub fn hide_pair(&mut self, id: &str, secret: &str) {
        self.hide(secret);
        let pair = Zeroizing::new(format!("{id}:{secret}"));
        self.add(STANDARD.encode(pair.as_bytes()));
    }

    fn add(&mut self, form: String) {
        let form = Zeroizing::new(form);
        if form.len() >= SHORTEST_FORM && !self.forms.contains(&form) {
            self.forms.push(form);
        }
        // The longest first, so that a part never breaks up the whole.
        self.forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
    }

    /// `text` without any of the secrets.
    pub fn clean(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for form in &self.forms {
            if text.contains(form.as_str()) {
                text = text.replace(form.as_str(), MARK);
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_found() {
        let mut redactor = Redactor::default();
        redactor.hide_pair("client", "pl@nted\"secret-0123456789");
        redactor.hide("eyJhbGciOiJub25lIn0.eyJzdWIiOiJwbGFudGVkIn0.c2lnbmF0dXJlLW9mLWl0");
        for form in [
            "pl@nted\"secret-0123456789",
            "pl%40nted%22secret%2D0123456789",
            r#"pl@nted\"secret-0123456789"#,
            "cGxAbnRlZCJzZWNyZXQtMDEyMzQ1Njc4OQ==",
            "Y2xpZW50OnBsQG50ZWQic2VjcmV0LTAxMjM0NTY3ODk=",
            "eyJzdWIiOiJwbGFudGVkIn0",
        ] {
            assert_eq!(redactor.clean(&format!("<{form}>")), format!("<{MARK}>"));
        }
    }

    #[test]
    fn other_text_stays() {
        let mut redactor = Redactor::default();
        redactor.hide("");
        redactor.hide("e");
        redactor.hide("secret");
        assert_eq!(redactor.clean("nothing here"), "nothing here");
    }
}
