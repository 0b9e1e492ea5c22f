//! The requests of create, list and delete, in every version. What is accepted becomes a request whose
//! target is plain ASCII and stays under the collection, and whose body is JSON.

#![no_main]

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use sailpat::api::fields::Fields;
use sailpat::api::id::TokenId;
use sailpat::api::request::{self, Request};
use sailpat::api::version::{VERSIONS, Version};
use sailpat::api::{create, list};
use serde_json::Value;

fuzz_target!(|text: &str| {
    for version in VERSIONS {
        if let Ok(fields) = Fields::of_request(text) {
            if let Ok(create) = create::from_fields(version, fields, text, Timestamp::UNIX_EPOCH) {
                check(version, &create.request(version));
            }
        }
        if let Ok(fields) = Fields::of_request(text) {
            if let Ok(request) = list::from_fields(version, fields) {
                check(version, &request);
            }
        }
        if let Ok(id) = TokenId::parse("id", text.to_owned()) {
            let request = request::delete(version, &id);
            check(version, &request);
            let last = request.target.strip_prefix(version.collection);
            assert_eq!(last.map(|rest| rest.matches('/').count()), Some(1));
        }
    }
});

fn check(version: &Version, request: &Request) {
    assert!(request.target.starts_with(version.collection));
    assert!(request.target.bytes().all(|byte| byte.is_ascii_graphic()));
    assert!(!request.target.contains("/../") && !request.target.ends_with("/.."));
    if let Some(body) = &request.body {
        serde_json::from_slice::<Value>(&body.bytes).expect("a body is JSON");
    }
}
