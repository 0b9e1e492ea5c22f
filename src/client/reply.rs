//! Reads replies: what an error status means, and whether a success is what the service sends.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{HeaderMap, LOCATION, RETRY_AFTER};
use serde_json::value::RawValue;

use crate::api::{depth, error_body};
use crate::client::failure;
use crate::client::transport::Raw;
use crate::error::{Code, Error, Headers, Result};

/// How deep a reply may nest; the service's own go four levels deep.
const REPLY_DEPTH: usize = 128;
const LONGEST_TARGET: usize = 300;
/// An error body is passed on up to this length.
const LONGEST_ERROR_BODY: usize = 256 * 1024;
/// A server that asks for more means never, and what is later than any clock breaks arithmetic.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(365 * 86_400);
/// Headers that name a request in the service's logs, the first that is there counts.
const REQUEST_ID_HEADERS: &[&str] = &["slpt-request-id", "x-request-id", "x-amzn-requestid"];

/// What kind of JSON a success holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Array,
    Object,
    /// 204: no body.
    Nothing,
}

/// Checks that a success is complete JSON of the expected shape, within limits.
pub fn check(raw: &Raw, shape: Shape) -> Result<()> {
    let invalid = |problem: String| {
        Error::new(Code::ReplyInvalid, problem)
            .with_status(raw.status)
            .with_remedy("check that the base URL is the API's, and what stands between (a proxy, a login page)")
    };
    if shape == Shape::Nothing {
        // 204 it is; a gateway may make an empty 200 of it, but a page with words in it is no deletion.
        return if raw.status == 204 || raw.body.trim_ascii().is_empty() {
            Ok(())
        } else {
            Err(invalid(
                "the reply to a removal should be empty and is not".to_owned(),
            ))
        };
    }
    if looks_like_html(raw) {
        return Err(invalid(
            "the reply is an HTML page, not the service's JSON".to_owned(),
        ));
    }
    depth::check(&raw.body, REPLY_DEPTH)
        .map_err(|limit| invalid(format!("the reply nests deeper than {limit} levels")))?;
    let json: &RawValue = serde_json::from_slice(&raw.body)
        .map_err(|error| invalid(format!("the reply is not whole JSON: {error}")))?;
    let (first, what) = match shape {
        Shape::Array => ('[', "an array"),
        Shape::Object | Shape::Nothing => ('{', "an object"),
    };
    if !json.get().starts_with(first) {
        return Err(invalid(format!("the reply is not {what}")));
    }
    Ok(())
}

fn looks_like_html(raw: &Raw) -> bool {
    let typed = header(&raw.headers, "content-type").is_some_and(|kind| kind.contains("html"));
    typed || is_html(&raw.body)
}

/// Whether a body is a page and none of the service's.
pub fn is_html(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"<")
}

/// The error that a status of 300 or more means.
pub fn refusal(raw: &Raw) -> Error {
    let body = error_body::read(&raw.body);
    let (code, meaning) = meaning(raw);
    let mut message = format!("{meaning} ({})", raw.status);
    if let Some(words) = &body.message {
        message.push_str(": ");
        message.push_str(words);
    }
    if let Some(why) = &raw.unread {
        message.push_str("; its body cannot be read: ");
        message.push_str(why);
    }
    let mut error = match code {
        Code::ProxyAuthRequired => failure::proxy_login(),
        code => Error::new(code, message),
    };
    let detail = error.detail_mut();
    detail.status = Some(raw.status);
    detail.body = Some(kept_body(&raw.body));
    detail.tracking_id = body.tracking_id.or_else(|| request_id(&raw.headers));
    detail.headers = Some(all_headers(&raw.headers));
    detail.retry_after = retry_after(&raw.headers);
    detail.retryable = matches!(raw.status, 429 | 502..=504);
    if detail.remedy.is_none() {
        detail.remedy = remedy(code).map(str::to_owned);
    }
    error
}

fn meaning(raw: &Raw) -> (Code, String) {
    let text = match raw.status {
        0..=199 => (
            Code::ReplyInvalid,
            "the reply is none: its status is informational",
        ),
        300..=399 => {
            let target = redirect_target(&raw.headers);
            return (
                Code::RedirectRefused,
                format!("redirects are not followed; this one leads to {target}"),
            );
        }
        401 => (Code::Unauthorized, "the service does not accept the bearer"),
        403 => (Code::Forbidden, "the credential lacks the right to do this"),
        404 => (Code::NotFound, "not found"),
        407 => (Code::ProxyAuthRequired, "the proxy wants a login"),
        429 => (Code::RateLimited, "the service limits the rate of requests"),
        400..=499 => (Code::Refused, "the service refused the request"),
        _ => (Code::ServerError, "the service failed"),
    };
    (text.0, text.1.to_owned())
}

fn remedy(code: Code) -> Option<&'static str> {
    Some(match code {
        Code::RedirectRefused => {
            "set the base URL to the address the redirect leads to, if that is right"
        }
        Code::Unauthorized => "check that the credential still lives and the clock is right",
        Code::Forbidden => {
            "use a credential with the right, or widen the scope of the token it signs in with"
        }
        Code::NotFound => "check the id with a list",
        Code::RateLimited => "wait as long as Retry-After says, then call again",
        Code::ServerError => "call again later; give the tracking id to the service's support",
        _ => return None,
    })
}

/// Scheme, host and path of a redirect's target; a query could hold a secret.
fn redirect_target(headers: &HeaderMap) -> String {
    let Some(target) = headers.get(LOCATION).and_then(|value| value.to_str().ok()) else {
        return "nowhere (it has no Location)".to_owned();
    };
    let Some(end) = target.find(['?', '#']) else {
        return error_body::shortened(target, LONGEST_TARGET);
    };
    // The mark says to the redactor, too, that a text was cut there: a secret may hold such a character.
    error_body::shortened(&format!("{}…", &target[..end]), LONGEST_TARGET)
}

fn kept_body(body: &[u8]) -> String {
    let end = body.len().min(LONGEST_ERROR_BODY);
    String::from_utf8_lossy(&body[..end]).into_owned()
}

/// All headers, in the order they came, values of one name together.
pub fn all_headers(headers: &HeaderMap) -> Headers {
    headers
        .keys()
        .map(|name| {
            let values = headers.get_all(name).iter();
            let values = values.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
            (name.as_str().to_owned(), values.collect())
        })
        .collect()
}

/// The id under which the service logged the request.
pub fn request_id(headers: &HeaderMap) -> Option<String> {
    REQUEST_ID_HEADERS
        .iter()
        .find_map(|name| header(headers, name))
        .map(str::to_owned)
}

/// Whether the service says that this API version is deprecated.
pub fn is_deprecated(headers: &HeaderMap) -> bool {
    header(headers, "x-deprecated").is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

/// The server's clock.
pub fn date(headers: &HeaderMap) -> Option<Timestamp> {
    jiff::fmt::rfc2822::parse(header(headers, "date")?)
        .ok()
        .map(|date| date.timestamp())
}

/// Retry-After in seconds or as a date; of several the longest that can be read, and never more than a year.
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let values = headers.get_all(RETRY_AFTER).iter();
    let waits = values.filter_map(|value| {
        let text = value.to_str().ok()?;
        // A date holds a comma, too.
        wait(text, headers).or_else(|| text.split(',').filter_map(seconds).max())
    });
    waits.max().map(|wait| wait.min(LONGEST_RETRY_AFTER))
}

fn wait(text: &str, headers: &HeaderMap) -> Option<Duration> {
    if let Some(seconds) = seconds(text) {
        return Some(seconds);
    }
    let until = jiff::fmt::rfc2822::parse(text.trim()).ok()?.timestamp();
    let now = date(headers).unwrap_or_else(Timestamp::now);
    let wait = until.duration_since(now);
    Some(if wait.is_negative() {
        Duration::ZERO
    } else {
        wait.unsigned_abs()
    })
}

/// A plain number. What else reads as a number (NaN, inf, -1, 1e9) is no time that a server means.
fn seconds(text: &str) -> Option<Duration> {
    let text = text.trim();
    let is_plain = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    let seconds: f64 = text.parse().ok().filter(|_| is_plain)?;
    Some(Duration::try_from_secs_f64(seconds).unwrap_or(LONGEST_RETRY_AFTER))
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(status: u16, headers: &[(&'static str, &str)], body: &str) -> Raw {
        let headers = headers.iter().map(|(name, value)| {
            (
                reqwest::header::HeaderName::from_static(name),
                value.parse().unwrap(),
            )
        });
        Raw {
            status,
            headers: headers.collect(),
            body: body.as_bytes().to_vec(),
            unread: None,
        }
    }

    #[test]
    fn each_status_has_its_code() {
        for (status, code) in [
            (101, Code::ReplyInvalid),
            (301, Code::RedirectRefused),
            (307, Code::RedirectRefused),
            (400, Code::Refused),
            (401, Code::Unauthorized),
            (403, Code::Forbidden),
            (404, Code::NotFound),
            (407, Code::ProxyAuthRequired),
            (409, Code::Refused),
            (429, Code::RateLimited),
            (500, Code::ServerError),
            (503, Code::ServerError),
        ] {
            let error = refusal(&raw(status, &[], ""));
            assert_eq!((error.code(), error.detail().status), (code, Some(status)));
        }
    }

    #[test]
    fn the_services_words_body_and_ids_are_kept() {
        let body = r#"{"detailCode":"400.1","trackingId":"t-1","messages":[{"text":"No."}]}"#;
        let error = refusal(&raw(400, &[("x-a", "1"), ("x-a", "2")], body));
        let detail = error.detail();
        assert!(error.to_string().ends_with("(400): No."));
        assert_eq!(detail.body.as_deref(), Some(body));
        assert_eq!(detail.tracking_id.as_deref(), Some("t-1"));
        let values = vec!["1".to_owned(), "2".to_owned()];
        assert_eq!(detail.headers, Some(vec![("x-a".to_owned(), values)]));
    }

    #[test]
    fn a_redirect_names_its_target_without_the_query() {
        let error = refusal(&raw(
            307,
            &[("location", "https://evil.test/x?token=planted")],
            "",
        ));
        assert!(error.to_string().contains("https://evil.test/x"));
        assert!(!error.to_string().contains("planted"));
    }

    #[test]
    fn retry_after_is_read_as_seconds_and_as_a_date() {
        let wait = |headers: &[(&'static str, &str)]| retry_after(&raw(429, headers, "").headers);
        assert_eq!(
            wait(&[("retry-after", "60")]),
            Some(Duration::from_secs(60))
        );
        let date = ("date", "Tue, 24 Nov 2026 08:00:00 GMT");
        assert_eq!(
            wait(&[("retry-after", "Tue, 24 Nov 2026 08:01:30 GMT"), date]),
            Some(Duration::from_secs(90))
        );
        assert_eq!(
            wait(&[("retry-after", "Tue, 24 Nov 2026 07:00:00 GMT"), date]),
            Some(Duration::ZERO)
        );
        let several = [
            ("retry-after", "5"),
            ("retry-after", "NaN"),
            ("retry-after", " 7 "),
        ];
        assert_eq!(wait(&several), Some(Duration::from_secs(7)));
        assert_eq!(
            wait(&[("retry-after", "1.5, 2")]),
            Some(Duration::from_secs(2))
        );
        for long in [
            "99999999999999999999",
            &"9".repeat(500),
            "Thu, 31 Dec 9998 23:59:59 GMT",
        ] {
            assert_eq!(
                wait(&[("retry-after", long)]),
                Some(LONGEST_RETRY_AFTER),
                "{long}"
            );
        }
        for none in [
            "soon", "NaN", "inf", "-1", "1e3", "1e400", "", " ", "+5", ".",
        ] {
            assert_eq!(wait(&[("retry-after", none)]), None, "{none}");
        }
    }

    #[test]
    fn a_success_must_be_whole_json_of_its_shape() {
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        for (body, shape, problem) in [
            ("<html>", Shape::Array, "HTML"),
            ("[1,", Shape::Array, "not whole JSON"),
            ("{}", Shape::Array, "not an array"),
            ("[]", Shape::Object, "not an object"),
            ("", Shape::Object, "not whole JSON"),
            (deep.as_str(), Shape::Array, "nests deeper than 128"),
        ] {
            let error = check(&raw(200, &[], body), shape).unwrap_err();
            assert_eq!(error.code(), Code::ReplyInvalid);
            assert!(error.to_string().contains(problem), "{error}");
        }
        check(&raw(200, &[], " [ ] "), Shape::Array).unwrap();
        check(&raw(204, &[], ""), Shape::Nothing).unwrap();
        check(&raw(200, &[], ""), Shape::Nothing).unwrap();
        let page = raw(
            200,
            &[("content-type", "text/html")],
            "<html>Sign in</html>",
        );
        let error = check(&page, Shape::Nothing).unwrap_err();
        assert_eq!(error.code(), Code::ReplyInvalid);
    }
}
