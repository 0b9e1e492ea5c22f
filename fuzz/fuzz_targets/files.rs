//! The two settings files that others write: config.json and ~/.sailpoint/config.yaml.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sailpat::client::sources::{self, Place};

fuzz_target!(|text: &str| {
    let place = Place::File("config".into());
    for read in [sources::config_json, sources::config_yaml] {
        match read(text, &place) {
            Ok(values) => {
                for found in values.into_iter().flatten() {
                    assert!(!found.value.trim().is_empty());
                }
            }
            Err(problem) => assert!(!problem.is_empty()),
        }
    }
});
