//! What an operation answers.

use crate::client::reply::{self, Shape};
use crate::client::transport::Raw;
use crate::error::{Headers, Result};
use crate::store::Pair;

/// A successful reply.
pub struct Answer {
    /// The reply's HTTP status, where one reply is the answer.
    pub status: Option<u16>,
    /// The service's own bytes; empty where it sends none.
    pub data: Vec<u8>,
    pub request_id: Option<String>,
    pub deprecated: bool,
    pub note: Option<String>,
    pub headers: Option<Headers>,
    /// The pair that a rotation hands over to its caller: the only secret that an answer of this library's own holds.
    pub handed: Option<Pair>,
}

impl Answer {
    /// The answer that a reply is; with its headers where the settings want them.
    pub fn of(raw: Raw, shape: Shape, with_headers: bool) -> Result<Self> {
        reply::check(&raw, shape)?;
        Ok(Answer {
            status: Some(raw.status),
            request_id: reply::request_id(&raw.headers),
            deprecated: reply::is_deprecated(&raw.headers),
            note: None,
            headers: with_headers.then(|| reply::all_headers(&raw.headers)),
            data: if shape == Shape::Nothing {
                Vec::new()
            } else {
                raw.body
            },
            handed: None,
        })
    }
}
