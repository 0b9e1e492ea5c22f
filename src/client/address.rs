//! Addresses: the one check for every one that a user, a file, a variable or the service names.

use reqwest::Url;

use crate::client::settings::Settings;
use crate::error::{Error, Result};

/// Checks a URL and returns it without a slash at its end.
pub fn check(what: &str, text: &str, settings: &Settings) -> Result<String> {
    let wrong = |rule: &str| Err(Error::setting(what, rule));
    let Ok(url) = Url::parse(text) else {
        return wrong("must be a URL with its scheme, as https://tenant.api.identitynow.com");
    };
    if !matches!(url.scheme(), "https" | "http") || url.cannot_be_a_base() {
        return wrong("must start with https://, as https://tenant.api.identitynow.com");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return wrong("must not hold a user name or password");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return wrong("must not hold a query or fragment");
    }
    if url.scheme() == "http" && !may_be_plain(&url, settings) {
        return Err(Error::setting(
            what,
            "must be https: over http to a remote host everybody on the way reads the secret",
        )
        .with_remedy("write https://, or name the host in allowHttpHosts"));
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// Plain http stays on this machine, unless the settings name the host.
pub fn may_be_plain(url: &Url, settings: &Settings) -> bool {
    let Some(host) = url.host_str() else {
        return false;
    };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || bare
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
        || settings
            .allow_http_hosts
            .iter()
            .any(|allowed| allowed.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<String> {
        let settings = Settings {
            allow_http_hosts: vec!["emulator.test".into()],
            ..Settings::default()
        };
        super::check("baseUrl", text, &settings)
    }

    #[test]
    fn good_addresses_lose_their_last_slash() {
        for (text, expected) in [
            (
                "https://t.api.identitynow.com",
                "https://t.api.identitynow.com",
            ),
            (
                "https://t.api.identitynow.com/",
                "https://t.api.identitynow.com",
            ),
            ("https://gateway/sail//", "https://gateway/sail"),
            ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("http://localhost", "http://localhost"),
            ("http://emulator.test", "http://emulator.test"),
        ] {
            assert_eq!(check(text).unwrap(), expected);
        }
    }

    #[test]
    fn bad_addresses_name_the_rule() {
        for (text, rule) in [
            ("t.api.identitynow.com", "with its scheme"),
            ("localhost:8080", "must start with https://"),
            ("ftp://t", "must start with https://"),
            ("http://t.api.identitynow.com", "must be https"),
            ("http://127.0.0.1.evil.test", "must be https"),
            ("https://user:pw@t", "must not hold a user name"),
            ("https://t?x=1", "must not hold a query"),
            ("", "with its scheme"),
        ] {
            let error = check(text).unwrap_err();
            assert!(error.to_string().contains(rule), "{text}: {error}");
            assert!(!error.to_string().contains("pw"));
        }
    }
}
