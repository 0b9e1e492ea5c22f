//! Every JSON door of the C ABI, as a C caller uses it: any operation with any bytes, on a client whose
//! requests end at once at a port of loopback that nobody listens on. Whatever goes in, one JSON envelope
//! comes out.

#![no_main]

use std::ffi::{CStr, CString, c_char};
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use sailpat::ffi::exports::{
    pat_client, pat_client_call, pat_client_free, pat_client_new, pat_string_free, pat_string_len,
};
use sailpat::ops::OPERATIONS;
use serde_json::Value;

const CLIENT: &CStr = c"{\"baseUrl\":\"http://127.0.0.1:9\",\"token\":\"planted-bearer\",\"rateLimit\":null,\
    \"maximumRetryCount\":0,\"timeoutMs\":2000,\"proxy\":false,\"environment\":{},\"workingDirectory\":\"/\"}";

/// The operation that a byte stands for; one more stands for a name that none has.
fn operation(choice: u8) -> CString {
    let name = OPERATIONS
        .get(usize::from(choice) % (OPERATIONS.len() + 1))
        .map_or("nonsense", |operation| operation.name);
    CString::new(name).expect("a name has no NUL")
}

fn client() -> pat_client {
    static MADE: OnceLock<pat_client> = OnceLock::new();
    *MADE.get_or_init(|| unsafe { pat_client_new(CLIENT.as_ptr(), std::ptr::null_mut()) })
}

/// Takes a reply over, and gives back whether it was a success.
fn judged(reply: *mut c_char) -> bool {
    assert!(!reply.is_null());
    let text = unsafe { CStr::from_ptr(reply) }.to_bytes().to_vec();
    assert_eq!(unsafe { pat_string_len(reply) }, text.len());
    unsafe { pat_string_free(reply) };
    let value: Value = serde_json::from_slice(&text).expect("an envelope is JSON");
    let ok = value["ok"].as_bool().expect("an envelope says ok");
    assert_eq!(ok, value["error"].is_null());
    assert!(
        ok || value["error"]["number"]
            .as_u64()
            .is_some_and(|number| number > 1)
    );
    ok
}

fuzz_target!(|data: &[u8]| {
    let Some((&choice, json)) = data.split_first() else {
        return;
    };
    let Ok(json) = CString::new(json) else {
        return;
    };
    let operation = operation(choice);
    judged(unsafe { pat_client_call(client(), operation.as_ptr(), json.as_ptr()) });

    let mut reply = std::ptr::null_mut();
    let made = unsafe { pat_client_new(json.as_ptr(), &mut reply) };
    let is_made = judged(reply);
    assert_ne!(made, 0);
    let answered = judged(unsafe { pat_client_call(made, c"settings".as_ptr(), c"{}".as_ptr()) });
    assert!(is_made || !answered);
    assert_eq!(pat_client_free(made), 0);
});
