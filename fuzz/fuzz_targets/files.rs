//! The two settings files that others write: config.json and ~/.sailpoint/config.yaml.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sailpat::client::places::{Place, config_json};
use sailpat::store::official::Official;

fuzz_target!(|text: &str| {
    let place = Place::File("config".into());
    match config_json(text, &place) {
        Ok(gave) => {
            let values = [gave.base_url, gave.client_id, gave.client_secret];
            for found in values.into_iter().flatten() {
                assert!(!found.value.trim().is_empty());
            }
        }
        Err(problem) => assert!(!problem.is_empty()),
    }
    match Official::of(text.to_owned().into()) {
        Ok(None) => {}
        Ok(Some(file)) => {
            for name in file.names() {
                if let Ok(environment) = file.environment(name) {
                    assert_eq!(environment.name, name);
                }
            }
            if let Err(problem) = file.active() {
                assert!(!problem.is_empty());
            }
        }
        Err(problem) => assert!(!problem.is_empty()),
    }
});
