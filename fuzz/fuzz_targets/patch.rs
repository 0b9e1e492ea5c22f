//! JSON Patch. What is accepted is sent byte for byte, and is an array of operations of RFC 6902.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sailpat::api::fields::Fields;
use sailpat::api::patch;
use sailpat::api::version::default_version;
use serde_json::Value;

fuzz_target!(|text: &str| {
    let update = format!("{{\"id\":\"0123456789abcdef0123456789abcdef\",\"patch\":{text}}}");
    let Ok(fields) = Fields::of_request(&update) else {
        return;
    };
    let Ok(request) = patch::from_fields(default_version(), fields) else {
        return;
    };
    let body = request.body.expect("a PATCH has a body").bytes;
    assert!(
        text.as_bytes()
            .windows(body.len())
            .any(|part| part == &body[..])
    );
    let patch: Value = serde_json::from_slice(&body).expect("a patch is JSON");
    let operations = patch.as_array().expect("a patch is an array");
    assert!(!operations.is_empty());
    for operation in operations {
        assert!(operation["op"].is_string());
        assert!(
            operation["path"]
                .as_str()
                .is_some_and(|path| path.starts_with('/'))
        );
    }
});
