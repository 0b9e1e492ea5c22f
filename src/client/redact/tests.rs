use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::collection::vec;
use proptest::prelude::*;

use super::pattern::SHORTEST_TORN;
use super::*;

const SECRET: &str = "pl@nted \"s&cr%t\\-0123456789é😀";

fn redactor(secret: &str) -> Redactor {
    let mut redactor = Redactor::default();
    redactor.hide_pair("client", secret);
    redactor
}

fn each(secret: &str, spell: impl Fn(char) -> String) -> String {
    secret.chars().map(spell).collect()
}

fn percent(c: char) -> String {
    let mut bytes = [0; 4];
    let bytes = c.encode_utf8(&mut bytes).bytes();
    bytes.map(|byte| format!("%{byte:02X}")).collect()
}

fn units(c: char) -> String {
    let mut units = [0; 2];
    let units = c.encode_utf16(&mut units).iter();
    units.map(|unit| format!("\\u{unit:04x}")).collect()
}

fn hex(secret: &str, between: &str) -> String {
    let bytes: Vec<String> = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    bytes.join(between)
}

#[test]
fn every_form_is_found() {
    let mut redactor = redactor(SECRET);
    redactor.hide("eyJhbGciOiJub25lIn0.eyJzdWIiOiJwbGFudGVkIn0.c2lnbmF0dXJlLW9mLWl0");
    let json = serde_json::Value::from(SECRET).to_string();
    let percented = utf8_percent_encode(SECRET, NON_ALPHANUMERIC).to_string();
    let basic = STANDARD.encode(format!("client:{SECRET}"));
    for form in [
        SECRET.to_owned(),
        SECRET.to_ascii_uppercase(),
        SECRET.replace(' ', "+"),
        percented.to_lowercase(),
        each(SECRET, percent),
        each(&each(SECRET, percent), percent),
        json.trim_matches('"').to_owned(),
        serde_json::Value::from(json.clone())
            .to_string()
            .trim_matches(['"', '\\'])
            .to_owned(),
        each(SECRET, units),
        each(SECRET, units).to_ascii_uppercase(),
        each(SECRET, |c| format!("&#x{:X};", u32::from(c))),
        each(SECRET, |c| format!("&#{};", u32::from(c))),
        SECRET.replace('&', "&amp;").replace('"', "&quot;"),
        hex(SECRET, ""),
        hex(SECRET, "").to_uppercase(),
        hex(SECRET, ":"),
        hex(SECRET, "-"),
        hex(SECRET, " "),
        hex(SECRET, "%3A"),
        STANDARD.encode(SECRET),
        URL_SAFE.encode(SECRET),
        URL_SAFE_NO_PAD.encode(SECRET),
        utf8_percent_encode(&basic, NON_ALPHANUMERIC).to_string(),
        basic,
        "eyJzdWIiOiJwbGFudGVkIn0".to_owned(),
    ] {
        for (before, after) in [("<", ">"), ("", ""), ("a ", "\u{e9}")] {
            let cleaned = redactor.clean(&format!("{before}{form}{after}"));
            assert_eq!(cleaned, format!("{before}{REDACTED}{after}"), "{form}");
        }
    }
}

#[test]
fn base64_is_found_wherever_the_secret_begins_in_it() {
    let redactor = redactor(SECRET);
    let shown = STANDARD.encode(SECRET);
    let core = &shown[4..shown.len() - 8];
    for before in ["", "a", "ab", "abc", "user:", "{\"key\":\""] {
        for after in ["", "b", "\"}", "and more"] {
            for engine in [&STANDARD, &URL_SAFE, &URL_SAFE_NO_PAD] {
                let text = engine.encode(format!("{before}{SECRET}{after}"));
                let cleaned = redactor.clean(&format!("x={text}."));
                assert!(
                    cleaned.starts_with("x=") && cleaned.ends_with('.'),
                    "{cleaned}"
                );
                assert!(
                    cleaned.contains(REDACTED) && !cleaned.contains(core),
                    "{cleaned}"
                );
                let kept = cleaned.len() - REDACTED.len() - 3;
                // Of what stood around it no more than a character at each side is lost.
                let around = (before.len() + after.len()) * 4 / 3;
                assert!(kept <= around + 4, "{before} {after}: {cleaned}");
                // What is left holds none of the secret's bytes.
                for rest in cleaned.split(REDACTED) {
                    let rest = rest.trim_matches(['x', '=', '.']);
                    let whole = &rest[..rest.len() / 4 * 4];
                    let bytes = engine.decode(whole).unwrap_or_default();
                    assert!(
                        !String::from_utf8_lossy(&bytes).contains("pl@n"),
                        "{cleaned}"
                    );
                }
            }
        }
    }
    let wrapped = STANDARD.encode(SECRET);
    let wrapped = format!("{}\r\n{}", &wrapped[..20], &wrapped[20..]);
    assert_eq!(redactor.clean(&wrapped), REDACTED);
}

#[test]
fn other_text_stays() {
    let mut redactor = Redactor::default();
    redactor.hide("");
    redactor.hide("e");
    redactor.hide("secret");
    for text in [
        "nothing here",
        "",
        "%",
        "\\",
        "&",
        "100 %\\u00zz &amp; &#1",
        "secre",
        "s-e-c-r-e-t",
    ] {
        assert_eq!(redactor.clean(text), text);
    }
}

#[test]
fn a_short_secret_is_hidden_where_it_is_a_value() {
    let mut redactor = Redactor::default();
    redactor.hide_pair("u", "abc");
    for (text, clean) in [
        ("password=abc&user=u", "password=[redacted]&user=u"),
        (r#"{"password": "abc"}"#, r#"{"password": "[redacted]"}"#),
        ("password=%61b\\u0063", "password=[redacted]"),
        ("http://v:abc@proxy/", "http://v:[redacted]@proxy/"),
        ("abc", "[redacted]"),
        ("abcd, xabc and abcabc", "abcd, xabc and abcabc"),
        ("the abc of it", "the abc of it"),
        ("code=abcd", "code=abcd"),
    ] {
        assert_eq!(redactor.clean(text), clean);
    }
    let mut redactor = Redactor::default();
    redactor.hide_pair("user", "abc");
    assert_eq!(redactor.clean("Basic dXNlcjphYmM="), "Basic [redacted]");
}

#[test]
fn a_text_that_ends_within_a_secret_shows_none_of_it() {
    let redactor = redactor(SECRET);
    let spelled = [
        SECRET.to_owned(),
        each(SECRET, percent),
        each(SECRET, units),
    ];
    for form in spelled {
        for end in form.char_indices().map(|(end, _)| end) {
            let cut = redactor.clean(&format!("said: {}… and more", &form[..end]));
            let cleaned = redactor.clean(&format!("said: {}", &form[..end]));
            assert_eq!(cut, format!("{cleaned}… and more"));
            let left = cleaned.trim_start_matches("said: ");
            assert!(left == REDACTED || end < 6 * SHORTEST_TORN + 6, "{cleaned}");
        }
    }
}

#[test]
fn what_has_the_form_of_a_new_secret_is_hidden_where_asked_for() {
    let mut redactor = Redactor::default();
    let (id, secret) = ("0123456789abcdef".repeat(2), "0123456789ABCdef".repeat(4));
    assert_eq!(redactor.clean(&secret), secret);
    redactor.hide_made(b"");
    assert_eq!(redactor.clean(&id), id);
    for form in [
        secret.clone(),
        each(&secret, percent),
        each(&secret, units),
        hex(&secret, ""),
    ] {
        assert_eq!(
            redactor.clean(&format!("got {form}, {id}")),
            format!("got {REDACTED}, {id}")
        );
    }
}

#[test]
fn the_time_is_that_of_one_pass() {
    // Texts made to be read in as many ways as there are: the work for each place has an end.
    let redactor = redactor(&"a%25".repeat(40));
    for piece in [
        "a%25",
        "%25",
        "%2525",
        "\\\\u005c",
        "&amp;amp;",
        "%%%%",
        "a",
    ] {
        let text = piece.repeat(6_000 / piece.len());
        let cleaned = redactor.clean(&text);
        assert!(cleaned.len() <= text.len() + REDACTED.len());
    }
}

/// One character in one of its spellings.
fn spelled(c: char, way: u8, upper: bool) -> String {
    let text = match way {
        0 => percent(c),
        1 => units(c),
        2 => format!("&#x{:x};", u32::from(c)),
        3 => format!("&#{};", u32::from(c)),
        4 => each(&percent(c), |c| {
            if c == '%' {
                "%25".to_owned()
            } else {
                c.to_string()
            }
        }),
        _ => return c.to_string(),
    };
    if upper {
        text.to_uppercase()
    } else {
        text.to_lowercase()
    }
}

fn secrets() -> impl Strategy<Value = String> {
    let any = vec(any::<char>(), 6..40).prop_map(String::from_iter);
    let ascii = vec(proptest::char::range(' ', '~'), 6..70).prop_map(String::from_iter);
    prop_oneof![any, ascii, Just("0123456789abcdef".repeat(4))]
}

/// A secret in the service's form, and a bearer's three parts.
const SERVICES: &str = "c7d90a4b8e36f1527796adc0e4b15f83a2c6d09e7b41358f6dce02a99b7f4e10";
const BEARER: &str = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJwbGFudGVkIn0.c2lnbmF0dXJlLW9mLWl0LTE3MzQ5";

#[test]
fn a_piece_is_hidden_wherever_it_stands() {
    let mut redactor = redactor(SERVICES);
    redactor.hide(BEARER);
    for (piece, kept) in [
        (&SERVICES[..12], "\"}"),
        (&SERVICES[20..60], " and"),
        (&SERVICES[1..], "x"),
        (&BEARER[5..40], "!"),
    ] {
        let spelled = [
            piece.to_owned(),
            piece.to_uppercase(),
            each(piece, percent),
            each(piece, units),
            each(piece, |c| format!("\\u{{{:x}}}", u32::from(c))),
            each(piece, |c| format!("\\U{:08x}", u32::from(c))),
            each(piece, |c| format!("&#{};", u32::from(c))),
            each(piece, |c| format!("&#{}", u32::from(c))),
            each(piece, |c| format!("{c}\0"))
                .trim_end_matches('\0')
                .to_owned(),
            each(piece, |c| format!("\\u0000{c}"))[6..].to_owned(),
            each(piece, |c| format!("\u{200b}{c}"))[3..].to_owned(),
            format!("{}\u{ad}{}", &piece[..5], &piece[5..]),
            format!("{}&shy;{}", &piece[..5], &piece[5..]),
            format!("{}\r\n  {}", &piece[..5], &piece[5..]),
            format!("{}\\n{}", &piece[..5], &piece[5..]),
            hex(piece, ""),
            hex(piece, ":"),
        ];
        for form in spelled {
            let text = format!("\"said {form}{kept}");
            let cleaned = redactor.clean(&text);
            assert_eq!(cleaned, format!("\"said {REDACTED}{kept}"), "{text:?}");
        }
        for before in ["", "a", "ab"] {
            let text = STANDARD.encode(format!("{before}{piece}"));
            assert!(
                piece.len() < 20 || redactor.clean(&text).contains(REDACTED),
                "{text}"
            );
        }
    }
    // In two halves, and after what eats its first characters where it is taken for a spelling.
    let (one, other) = SERVICES.split_at(30);
    assert_eq!(
        redactor.clean(&format!("{one}\" + \"{other}")),
        format!("{REDACTED}\" + \"{REDACTED}")
    );
    assert_eq!(redactor.clean(&format!("%{one}.")), format!("%{REDACTED}."));
    assert_eq!(
        redactor.clean(&format!("\\U{one}.")),
        format!("\\U{REDACTED}.")
    );
}

#[test]
fn ids_and_words_are_no_pieces() {
    let mut redactor = redactor("planted-secret-of-a-test-2024");
    redactor.hide(SERVICES);
    redactor.hide("application/json; version=2, text/plain");
    redactor.hide("1111111111111111111122222222222222222222");
    for text in [
        "planted-secret-of-another",
        "application/json; charset=utf-8",
        "is 1111111111111111 so",
        "c7d90a4b8e3 f1527796adc",
        "0123456789abcdef0123456789abcdef",
        "b1946ac9-2492-d234-7c62-35b4d2611184",
    ] {
        assert_eq!(redactor.clean(text), text);
        assert_eq!(redactor.clean_id(text), text);
    }
}

#[test]
fn an_id_that_is_a_piece_is_hidden() {
    let redactor = redactor(SERVICES);
    let digits = hex(&SERVICES[3..19], "");
    let other = "0123456789abcdef0123456789abcdef";
    let packed = STANDARD.encode(&SERVICES[2..26]);
    for piece in [
        &SERVICES[..12],
        &SERVICES[30..50].to_uppercase(),
        &digits,
        &packed,
    ] {
        assert_eq!(redactor.clean_id(piece), REDACTED, "{piece}");
    }
    // Wherever in the secret it begins, and in the id.
    for start in 0..=SERVICES.len() - 12 {
        let id = format!("{}{}", &other[..start % 9], &SERVICES[start..start + 12]);
        assert!(redactor.clean_id(&id).ends_with(REDACTED), "{id}");
    }
    let beside = format!("{}-{}", &other[..8], &SERVICES[40..60]);
    assert_eq!(redactor.clean_id(&beside), format!("01234567-{REDACTED}"));
    assert_eq!(redactor.clean_id(other), other);
}

#[test]
fn base64_of_the_form_that_was_sent_is_found() {
    let redactor = redactor(SECRET);
    let form = format!(
        "client_secret={}&x=1",
        utf8_percent_encode(SECRET, NON_ALPHANUMERIC)
    );
    let cleaned = redactor.clean(&STANDARD.encode(form));
    assert!(
        cleaned.contains(REDACTED) && cleaned.len() < 40,
        "{cleaned}"
    );
}

#[test]
fn a_long_message_is_cut_when_it_is_clean() {
    let redactor = redactor(SERVICES);
    let text = format!("{}{SERVICES}", "-".repeat(LONGEST_SERVER_TEXT - 4));
    let cleaned = redactor.clean_message(&text);
    assert_eq!(cleaned.trim_start_matches('-'), "[red…");
}

proptest! {
    #[test]
    fn any_secret_in_any_spelling_is_gone_and_other_text_stays(
        secret in secrets(),
        ways in vec((0u8..8, any::<bool>()), 70),
        before in "[G-Z{}<>|]{0,12}",
        after in "[G-Z{}<>|]{0,12}",
    ) {
        // None of the characters that stand around it: the text itself would not say where the secret ends.
        let secret = secret.replace(|c: char| matches!(c, 'g'..='z' | 'G'..='Z' | '{' | '}' | '<' | '>' | '|'), "_");
        let spelled: String = secret
            .chars()
            .zip(&ways)
            .map(|(c, (way, upper))| spelled(c, *way, *upper))
            .collect();
        let cleaned = redactor(&secret).clean(&format!("{before}{spelled}{after}"));
        prop_assert_eq!(cleaned, format!("{before}{REDACTED}{after}"));
    }

    #[test]
    fn no_surroundings_keep_a_secret(
        secret in secrets(),
        ways in vec((0u8..8, any::<bool>()), 70),
        before in "\\PC{0,12}[%&\\\\]?[0-9a-f]?",
        after in "[0-9;]?\\PC{0,12}",
    ) {
        let spelled: String = secret
            .chars()
            .zip(&ways)
            .map(|(c, (way, upper))| spelled(c, *way, *upper))
            .collect();
        let cleaned = redactor(&secret).clean(&format!("{before}{spelled}{after}"));
        prop_assert!(cleaned.contains(REDACTED));
        prop_assert!(!cleaned.contains(&spelled));
    }

    #[test]
    fn any_secret_in_hex_or_base64_is_gone(secret in secrets(), before in vec(any::<u8>(), 0..5), after in vec(any::<u8>(), 0..5)) {
        let redactor = redactor(&secret);
        for between in ["", ":", "-", " "] {
            prop_assert_eq!(redactor.clean(&format!("<{}>", hex(&secret, between))), format!("<{REDACTED}>"));
        }
        let bytes = [&before[..], secret.as_bytes(), &after[..]].concat();
        for text in [STANDARD.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)] {
            let cleaned = redactor.clean(&text);
            prop_assert!(cleaned.contains(REDACTED), "{}", cleaned);
            prop_assert!(cleaned.len() <= REDACTED.len() + (before.len() + after.len()) * 4 / 3 + 4, "{}", cleaned);
        }
    }

    #[test]
    fn text_without_the_secret_stays(text in "\\PC{0,200}") {
        let secret = "q7#qz!Kq-no-such-text";
        prop_assert_eq!(redactor(secret).clean(&text), text);
    }

    #[test]
    fn any_piece_is_gone_and_ids_stay(
        secret in "[0-9a-f]{64}|[0-9a-zA-Z_-]{40,90}",
        id in "[0-9a-f]{32}",
        place in any::<proptest::sample::Index>(),
        length in 12usize..64,
        before in "[\\PC]{0,20}[ \":=/%]?",
        after in "[ \"&;,.<][\\PC]{0,20}",
    ) {
        let length = length.min(secret.len());
        let start = place.index(secret.len() - length + 1);
        let piece = &secret[start..start + length];
        // Without one it may be a word: one of 20,000 is.
        prop_assume!(piece.bytes().any(|byte| byte.is_ascii_digit()));
        let cleaned = redactor(&secret).clean(&format!("{before}{piece}{after} {id}"));
        prop_assert!(cleaned.contains(REDACTED), "{}", cleaned);
        prop_assert!(cleaned.ends_with(&id), "{}", cleaned);
        let (cleaned, secret) = (cleaned.to_lowercase(), secret.to_lowercase());
        let mut rows = secret.as_bytes().windows(12);
        prop_assert!(!rows.any(|row| cleaned.as_bytes().windows(12).any(|shown| shown == row)), "{}", cleaned);
    }
}
