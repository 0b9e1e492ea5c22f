//! Replies and refusals, word for word as the service writes them.

use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use serde_json::{Value, json};

pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A whole reply, before any fault changes it.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Reply {
    pub fn json(status: StatusCode, body: impl Into<Bytes>) -> Reply {
        Reply::new(status, JSON, body)
    }

    pub fn value(status: StatusCode, body: &Value) -> Reply {
        Reply::json(status, body.to_string())
    }

    pub fn new(status: StatusCode, content_type: HeaderValue, body: impl Into<Bytes>) -> Reply {
        let mut headers = HeaderMap::with_capacity(4);
        headers.insert(CONTENT_TYPE, content_type);
        Reply {
            status,
            headers,
            body: body.into(),
        }
    }

    pub fn empty(status: StatusCode) -> Reply {
        Reply {
            status,
            headers: HeaderMap::new(),
            body: Bytes::new(),
        }
    }

    pub fn with(mut self, name: HeaderName, value: HeaderValue) -> Reply {
        self.headers.insert(name, value);
        self
    }
}

/// Why a request is not done.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The text says what is wrong with the request.
    BadRequest(String),
    JwtRequired,
    JwtExpired,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    /// Seconds until the next request is let through.
    RateLimited(u64),
    /// The sign-in's own form: `error` and `error_description`.
    SignIn(StatusCode, &'static str, &'static str),
}

impl Refusal {
    pub fn reply(self, tracking_id: &str) -> Reply {
        match self {
            Refusal::BadRequest(text) => error_dto(StatusCode::BAD_REQUEST, tracking_id, &text),
            Refusal::JwtRequired => Reply::json(
                StatusCode::UNAUTHORIZED,
                &br#"{"error":"JWT is required"}"#[..],
            ),
            Refusal::JwtExpired => default_reply(StatusCode::UNAUTHORIZED, tracking_id),
            Refusal::Forbidden => default_reply(StatusCode::FORBIDDEN, tracking_id),
            Refusal::NotFound => default_reply(StatusCode::NOT_FOUND, tracking_id),
            Refusal::MethodNotAllowed => default_reply(StatusCode::METHOD_NOT_ALLOWED, tracking_id),
            Refusal::RateLimited(seconds) => {
                default_reply(StatusCode::TOO_MANY_REQUESTS, tracking_id)
                    .with(RETRY_AFTER, HeaderValue::from(seconds))
            }
            Refusal::SignIn(status, error, description) => Reply::value(
                status,
                &json!({"error": error, "error_description": description}),
            ),
        }
    }
}

/// What the service answers with a status where nothing particular is to be said.
pub(crate) fn default_reply(status: StatusCode, tracking_id: &str) -> Reply {
    let text = match status.as_u16() {
        401 => {
            let body = br#"{"error":"JWT validation failed: JWT is expired"}"#;
            return Reply::json(status, &body[..]);
        }
        429 => return Reply::json(status, &br#"{"message":" Rate Limit Exceeded "}"#[..]),
        400 => "The request was syntactically correct but its content is semantically invalid.",
        403 => "The server understood the request but refuses to authorize it.",
        404 => "The server did not find a current representation for the target resource.",
        405 => "The method is not supported for the target resource.",
        500 => "An internal fault occurred.",
        _ => status.canonical_reason().unwrap_or("An error occurred."),
    };
    error_dto(status, tracking_id, text)
}

fn error_dto(status: StatusCode, tracking_id: &str, text: &str) -> Reply {
    let detail_code = match status.as_u16() {
        400 => "400.1 Bad Request Content".to_owned(),
        403 => "403 Forbidden".to_owned(),
        404 => "404 Not found".to_owned(),
        500 => "500.0 Internal Fault".to_owned(),
        code => format!("{code} {}", status.canonical_reason().unwrap_or("Error")),
    };
    // Written by hand to keep the order of the fields that the service has.
    let [detail_code, text] =
        [detail_code.as_str(), text].map(|text| Value::from(text).to_string());
    let causes = if status == StatusCode::BAD_REQUEST {
        r#","causes":[]"#
    } else {
        ""
    };
    Reply::json(
        status,
        format!(
            r#"{{"detailCode":{detail_code},"trackingId":"{tracking_id}","messages":[{{"locale":"en-US","localeOrigin":"DEFAULT","text":{text}}}]{causes}}}"#
        ),
    )
}
