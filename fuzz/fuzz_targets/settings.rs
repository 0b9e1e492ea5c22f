//! The settings of pat_configure and pat_client_new. A client secret that went in never shows in Debug.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sailpat::client::settings::Settings;

fuzz_target!(|text: &str| {
    let Ok(settings) = Settings::parse(text) else {
        return;
    };
    assert!(!settings.timeout.is_zero());
    let shown = format!("{settings:?}");
    if let Some(secret) = &settings.client_secret
        && secret.expose().len() > 12
    {
        let elsewhere = text.matches(secret.expose()).count() > 1;
        assert!(elsewhere || !shown.contains(secret.expose()));
    }
});
