//! A request of the service, ready to be sent: everything but host, bearer and time.

use std::fmt;

use zeroize::Zeroizing;

use crate::api::id::TokenId;
use crate::api::version::Version;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Patch,
    Delete,
}

impl Method {
    pub const fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        }
    }
}

/// What a request carries, which may be a secret: signing in is a request.
#[derive(Clone)]
pub struct Body {
    pub content_type: &'static str,
    pub bytes: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes of {}", self.bytes.len(), self.content_type)
    }
}

/// One request, addressed below the base URL.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: Method,
    /// Path and query, percent-encoded, starting with `/`.
    pub target: String,
    pub body: Option<Body>,
    /// Whether sending it twice does no more than sending it once.
    pub repeatable: bool,
}

impl Request {
    /// The path without the query, for logs.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }
}

/// DELETE of one token.
pub fn delete(version: &Version, id: &TokenId) -> Request {
    Request {
        method: Method::Delete,
        target: format!("{}/{}", version.collection, id.encoded()),
        body: None,
        repeatable: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_request_carries_is_not_shown() {
        let body = Body {
            content_type: "text/plain",
            bytes: Zeroizing::new(b"planted".to_vec()),
        };
        assert_eq!(format!("{body:?}"), "7 bytes of text/plain");
    }
}
