//! What the service may send: any status, two headers and any body. Whatever it is, the envelope is JSON,
//! and a success holds the body untouched.

#![no_main]

use libfuzzer_sys::fuzz_target;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use sailpat::api::id::TokenId;
use sailpat::api::{error_body, list};
use sailpat::client::Answer;
use sailpat::client::monitor::Monitor;
use sailpat::client::reply::{self, Shape};
use sailpat::client::transport::Raw;
use sailpat::ops::envelope::{self, Form};
use serde_json::Value;

fuzz_target!(|input: (u16, Vec<u8>, Vec<u8>)| {
    let (status, head, body) = input;
    let raw = Raw {
        status: 100 + status % 500,
        headers: headers(&head),
        body,
        unread: None,
    };
    let _ = reply::date(&raw.headers);
    let _ = error_body::read(&raw.body);
    let result = match raw.status {
        200..=299 => reply::check(&raw, Shape::Array).map(|()| answer(&raw)),
        _ => Err(reply::refusal(&raw)),
    };
    let succeeded = result.is_ok();
    let envelope = envelope::wrap(result, Form::Pair, &Monitor::default(), false).into_bytes();
    let value: Value = serde_json::from_slice(&envelope).expect("an envelope is JSON");
    assert_eq!(value["ok"], succeeded);
    if succeeded {
        let data = raw.body.trim_ascii();
        assert!(envelope.windows(data.len()).any(|part| part == data));
        let id = TokenId::parse("id", "a".to_owned()).expect("an id");
        let _ = list::find(&raw.body, &id);
    }
});

fn answer(raw: &Raw) -> Answer {
    Answer {
        status: Some(raw.status),
        data: raw.body.clone(),
        request_id: reply::request_id(&raw.headers),
        deprecated: reply::is_deprecated(&raw.headers),
        note: None,
        headers: Some(reply::all_headers(&raw.headers)),
        handed: None,
    }
}

/// The same bytes as each header that means something here.
fn headers(value: &[u8]) -> HeaderMap {
    [
        "retry-after",
        "date",
        "location",
        "content-type",
        "slpt-request-id",
    ]
    .into_iter()
    .filter_map(|name| {
        let value = HeaderValue::from_bytes(value).ok()?;
        Some((HeaderName::from_static(name), value))
    })
    .collect()
}
