//! The filter parser. What it accepts is one of the two forms that the service knows.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sailpat::api::filter;

fuzz_target!(|text: &str| {
    match filter::parse(text) {
        Ok(accepted) => {
            assert!(accepted.contains("isnull") || accepted.contains("le"));
            assert!(accepted.contains("lastUsed"));
            assert_eq!(filter::parse(accepted).ok(), Some(accepted));
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
