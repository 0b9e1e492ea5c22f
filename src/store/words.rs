//! What a program wrote, without the secrets in it. They are taken out before anything is cut off: half a secret is
//! no text that could be searched for.

use std::collections::HashSet;
use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use zeroize::Zeroizing;

use crate::api::id::ID_DIGITS;

const SECRET_MARK: &str = "[secret]";
const LONGEST_WORDS: usize = 500;
/// So many characters in a row of a secret are taken for a piece of it: a line's end, a colour or a cut may stand in
/// the middle.
const SECRET_PIECE: usize = 6;
/// The names under which a secret stands in an answer, a file or a variable.
const SECRET_NAMES: &[&str] = &[
    "clientsecret",
    "client_secret",
    "client-secret",
    "client secret",
];

/// `text` as a short line: without the known secrets, in any form and in pieces, and without what looks like one.
pub fn clean(text: &str, secrets: &[&str]) -> String {
    let lower = Zeroizing::new(text.to_ascii_lowercase());
    let mut hidden = vec![false; text.len()];
    let mut hide = |range: Range<usize>| hidden[range].fill(true);
    for secret in secrets {
        pieces(&lower, secret).into_iter().for_each(&mut hide);
    }
    long_numbers(&lower).into_iter().for_each(&mut hide);
    let named = SECRET_NAMES.iter().filter_map(|name| {
        let at = lower.find(name)? + name.len();
        Some(at..text.len())
    });
    named.for_each(&mut hide);
    shortened(&marked(text, &hidden))
}

/// What was read up to a limit ends anywhere: without as much of its end as a secret could have begun in.
pub fn without_torn_end<'t>(text: &'t str, secrets: &[&str]) -> &'t str {
    let longest = secrets.iter().flat_map(|secret| forms(secret));
    let longest = longest.map(|form| form.len()).max();
    let mut end = text
        .len()
        .saturating_sub(longest.unwrap_or_default().max(2 * ID_DIGITS));
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// A secret plain, as it stands in JSON or a URL, and in base64 wherever in a text it begins.
fn forms(secret: &str) -> Vec<Zeroizing<String>> {
    let quoted = Zeroizing::new(serde_json::to_string(secret).unwrap_or_default());
    let mut forms = vec![
        Zeroizing::new(secret.to_owned()),
        Zeroizing::new(quoted.trim_matches('"').to_owned()),
        Zeroizing::new(utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string()),
    ];
    for before in ["", "x", "xx"] {
        let whole = Zeroizing::new(format!("{before}{secret}"));
        let encoded = Zeroizing::new(STANDARD_NO_PAD.encode(whole.as_bytes()));
        // The first and the last group hold something of what stands around the secret, too.
        let first = if before.is_empty() { 0 } else { 4 };
        let inner = encoded.get(first..encoded.len().saturating_sub(3));
        forms.extend(inner.map(|inner| Zeroizing::new(inner.to_owned())));
    }
    forms.retain(|form| !form.is_empty());
    forms
}

fn pieces(lower: &str, secret: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for form in forms(secret) {
        let form = Zeroizing::new(form.to_ascii_lowercase());
        let width = form.len().min(SECRET_PIECE);
        let known: HashSet<&[u8]> = form.as_bytes().windows(width).collect();
        let windows = lower.as_bytes().windows(width).enumerate();
        let at = windows.filter(|(_, window)| known.contains(window));
        found.extend(at.map(|(at, _)| at..at + width));
    }
    found
}

fn long_numbers(lower: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut begin = 0;
    for (at, byte) in lower.bytes().chain([b' ']).enumerate() {
        if byte.is_ascii_hexdigit() {
            continue;
        }
        if at - begin > ID_DIGITS {
            found.push(begin..at);
        }
        begin = at + 1;
    }
    found
}

fn marked(text: &str, hidden: &[bool]) -> String {
    let mut said = String::new();
    let mut within = false;
    for (at, c) in text.char_indices() {
        let hide = hidden[at..at + c.len_utf8()].contains(&true);
        match (hide, within) {
            (true, false) => said.push_str(SECRET_MARK),
            (true, true) => {}
            (false, _) => said.push(c),
        }
        within = hide;
    }
    said
}

fn shortened(words: &str) -> String {
    let words = words.trim();
    if words.is_empty() {
        return "it said nothing".to_owned();
    }
    words
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(LONGEST_WORDS)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f00123456789abcdef0f1e2d3c4b5a6978";

    fn shows(said: &str, secret: &str) -> bool {
        let said = said.to_ascii_lowercase();
        secret
            .as_bytes()
            .windows(SECRET_PIECE)
            .any(|piece| said.contains(std::str::from_utf8(piece).unwrap()))
    }

    #[test]
    fn a_known_secret_is_found_in_every_form_and_in_pieces() {
        let secret = "Pl@nted \"s3cret\" of some length";
        let wrapped = format!(
            "{}\r\n{}\u{1b}[0m{}",
            &secret[..9],
            &secret[9..18],
            &secret[18..]
        );
        let upper = secret.to_uppercase();
        let json = serde_json::to_string(secret).unwrap();
        let url = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
        for form in [
            secret,
            &secret[..12],
            &secret[9..],
            &upper,
            &wrapped,
            &json,
            &url,
        ] {
            let said = clean(&format!("got {form}."), &[secret]);
            assert!(!shows(&said, &secret.to_lowercase()), "{said}");
            assert!(said.starts_with("got ") && said.ends_with('.'), "{said}");
        }
        for before in ["", "a", "ab", "abc"] {
            let text = STANDARD_NO_PAD.encode(format!("{before}{secret}"));
            let said = clean(&text, &[secret]);
            assert!(said.len() < 24, "{said}");
        }
    }

    #[test]
    fn an_unknown_secret_is_found_by_its_form_and_its_name() {
        for text in [
            format!("bad value {SECRET}"),
            format!("bad value {}", &SECRET[..61]),
            format!("bad value {}", SECRET.to_uppercase()),
            format!("bad value: {{\"ClientSecret\": \"planted-{SECRET}\"}}"),
            "bad value SAIL_CLIENT_SECRET=planted".to_owned(),
        ] {
            let said = clean(&text, &[]);
            assert!(
                said.starts_with("bad value") && said.contains(SECRET_MARK),
                "{said}"
            );
            assert!(!shows(&said, SECRET) && !said.contains("planted"), "{said}");
        }
        let id = "no pair for ef38f94347e94562b5bb8424a56397d8";
        assert_eq!(clean(id, &[SECRET]), id);
    }

    #[test]
    fn a_secret_goes_before_the_text_is_cut() {
        for before in 430..510 {
            let text = format!("{}{SECRET}", "x".repeat(before));
            for secrets in [&[SECRET][..], &[]] {
                let said = clean(&text, secrets);
                assert!(!said.contains(&SECRET[..1]), "{before}: {said}");
            }
        }
    }

    #[test]
    fn a_secret_that_was_read_in_part_goes_with_the_end() {
        let spaces = " ".repeat(4096);
        for read in 1..SECRET.len() {
            let text = format!("{spaces}{}", &SECRET[..read]);
            assert_eq!(without_torn_end(&text, &[SECRET]).trim(), "");
            assert_eq!(without_torn_end(&text, &[]).trim(), "");
        }
        assert_eq!(without_torn_end("ä", &[]), "");
    }
}
