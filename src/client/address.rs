//! Addresses: the one check for every one that a user, a file, a variable or the service names. What it lets pass can
//! be connected to: no slip in an address comes out later as a failed connection.

mod host;
mod slips;

use std::net::IpAddr;

use reqwest::Url;

use crate::api::value;
use crate::client::settings::Settings;
use crate::error::{Error, Result};

const EXAMPLE: &str = "https://tenant.api.identitynow.com";

/// Checks a base URL and returns it without a slash at its end.
pub fn check_base(what: &str, text: &str, settings: &Settings) -> Result<String> {
    let address = check(what, text, settings)?;
    match slips::tail(&address) {
        Some(rule) => Err(Error::setting(what, rule)),
        None => Ok(address),
    }
}

/// Checks a URL and returns it without a slash at its end.
pub fn check(what: &str, text: &str, settings: &Settings) -> Result<String> {
    let wrong = |rule: String| Err(Error::setting(what, rule));
    let url = match parse(text) {
        Ok(url) => url,
        Err(rule) => return wrong(rule),
    };
    if url.query().is_some() || url.fragment().is_some() {
        return wrong("must not hold a query or fragment".to_owned());
    }
    if url.scheme() == "http" && !may_be_plain(&url, settings) {
        return Err(Error::setting(
            what,
            "must be https: over http to a remote host everybody on the way reads the secret",
        )
        .with_remedy(plain_remedy(settings)));
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// An http or https URL of a host that can be; else in words what is wrong with it. The words hold nothing of the text
/// but its host.
fn parse(text: &str) -> std::result::Result<Url, String> {
    let text = value::trimmed(text);
    if let Some(slip) = slips::written(text) {
        return Err(slip);
    }
    let Some((scheme, rest)) = text.split_once("://") else {
        return Err(match Url::parse(text) {
            Ok(_) => format!("must start with https://, as {EXAMPLE}"),
            Err(_) => format!("must be a URL with its scheme, as {EXAMPLE}"),
        });
    };
    if !["https", "http"].contains(&scheme.to_ascii_lowercase().as_str()) {
        return Err(format!("must start with https://, as {EXAMPLE}"));
    }
    let authority = rest.split(['/', '\\', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err("must not hold a user name or password".to_owned());
    }
    if let Some(slip) = slips::placeholder(authority, rest) {
        return Err(slip);
    }
    let url = Url::parse(text).map_err(|error| format!("is no URL: {error}; as {EXAMPLE}"))?;
    host::check(&url, authority)?;
    Ok(url)
}

/// The same for the URL of a proxy, whose scheme may be left out.
pub fn proxy(text: &str) -> std::result::Result<Url, String> {
    parse(text)
}

/// Plain http stays on this machine, unless the settings name the host.
pub fn may_be_plain(url: &Url, settings: &Settings) -> bool {
    let named = |host: &str| {
        let mut allowed = settings.allow_http_hosts.iter();
        allowed.any(|allowed| value::trimmed(allowed).eq_ignore_ascii_case(host))
    };
    is_here(url) || url.host_str().is_some_and(named)
}

/// Whether a URL names this machine: localhost, or an address of the loopback.
pub fn is_here(url: &Url) -> bool {
    let Some(host) = url.host_str() else {
        return false;
    };
    let bare = bare(host);
    bare.eq_ignore_ascii_case("localhost")
        || bare
            .parse::<IpAddr>()
            .is_ok_and(|address| address.to_canonical().is_loopback())
}

/// A host as a URL has it, an IPv6 address without its brackets.
pub fn bare(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

/// Host and port as people read them; the port only where the scheme does not say it.
pub fn place(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// allowHttpHosts takes the name alone, as a URL has it: an entry that is written otherwise allows nothing.
fn plain_remedy(settings: &Settings) -> String {
    let odd = settings.allow_http_hosts.iter().find(|host| {
        let text = value::trimmed(host);
        let is_name = Url::parse(&format!("http://{text}")).is_ok_and(|url| {
            url.host_str()
                .is_some_and(|host| host.eq_ignore_ascii_case(text))
        });
        !is_name
    });
    match odd {
        Some(_) => "write https://, or name the host in allowHttpHosts: each entry there is a host alone, without scheme, port or path",
        None => "write https://, or name the host in allowHttpHosts",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        Settings {
            allow_http_hosts: vec!["emulator.test".into()],
            ..Settings::default()
        }
    }

    fn check(text: &str) -> Result<String> {
        super::check_base("baseUrl", text, &settings())
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
            (
                " \r\n https://t.api.identitynow.com\r\n",
                "https://t.api.identitynow.com",
            ),
            (
                "HTTPS://T.API.identitynow.com:443",
                "https://t.api.identitynow.com",
            ),
            ("https://gateway/sail//", "https://gateway/sail"),
            ("https://gateway/sail/v1", "https://gateway/sail/v1"),
            ("https://my_gateway:8443", "https://my_gateway:8443"),
            ("https://bücher.example", "https://xn--bcher-kva.example"),
            (
                "https://xn--bcher-kva.example",
                "https://xn--bcher-kva.example",
            ),
            (
                "https://t.api.identitynow.com.",
                "https://t.api.identitynow.com.",
            ),
            ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("http://localhost", "http://localhost"),
            ("http://emulator.test", "http://emulator.test"),
            ("https://v2024.example", "https://v2024.example"),
        ] {
            assert_eq!(check(text).unwrap(), expected);
        }
        let long = format!("https://{}.test", "a".repeat(63));
        assert_eq!(check(&long).unwrap(), long);
    }

    #[test]
    fn bad_addresses_name_the_rule() {
        let long_label = format!("https://{}.test", "a".repeat(64));
        let long_host = format!("https://{}test", "a.".repeat(126));
        for (text, rule) in [
            ("t.api.identitynow.com", "with its scheme"),
            ("localhost:8080", "must start with https://"),
            ("https:t.api.identitynow.com", "must start with https://"),
            ("ftp://t", "must start with https://"),
            ("http://t.api.identitynow.com", "must be https"),
            ("http://127.0.0.1.evil.test", "must be https"),
            ("https://user:pw@t", "must not hold a user name"),
            ("https://user:pw@{t}", "must not hold a user name"),
            ("https://t?x=pw", "must not hold a query"),
            ("", "with its scheme"),
            ("https://", "empty host"),
            ("https://{tenant}.api.identitynow.com", "placeholder"),
            ("https://$tenant.api.identitynow.com", "placeholder"),
            ("https://${tenant}.api.identitynow.com", "placeholder"),
            ("https://<tenant>.api.identitynow.com", "placeholder"),
            ("https://[tenant].api.identitynow.com", "placeholder"),
            ("https://%tenant%.api.identitynow.com", "placeholder"),
            ("https://your-tenant.api.identitynow.com", "placeholder"),
            ("https://gateway/{tenant}", "placeholder"),
            ("https://t.api.identitynow.com;", "ends with ;"),
            ("https://t.api.identitynow.com/,", "ends with ,"),
            ("\"https://t.api.identitynow.com\"", "stands in quotes"),
            ("https://t.api.identitynow.com'", "ends with a quote"),
            ("\u{feff}https://t.api.identitynow.com", "invisible"),
            ("https://t\u{200b}.api.identitynow.com", "invisible"),
            ("https://t.api.identity now.com", "white space"),
            ("https://t.api.\r\nidentitynow.com", "white space"),
            ("https://t..api.identitynow.com", "an empty part"),
            ("https://.api.identitynow.com", "an empty part"),
            ("https://-t.api.identitynow.com", "hyphen"),
            ("https://t-.api.identitynow.com", "hyphen"),
            ("https://t!.api.identitynow.com", "'!'"),
            (&long_label, "63"),
            (&long_host, "253"),
            ("https://t.api.identitynow.com:0", "port 0"),
            ("https://t.api.identitynow.com:99999", "port"),
            ("https://https://t.api.identitynow.com", "scheme twice"),
            ("https://2024", "written in full"),
            ("https://t.api.identitynow.com/v2024", "leave out /v2024"),
            ("https://t.api.identitynow.com/v3/", "leave out /v3"),
            ("https://t.api.identitynow.com/beta", "leave out /beta"),
            ("https://t.api.identitynow.com/V2025//", "leave out /V2025"),
            ("https://t.api.identitynow.com/v1", "leave out /v1"),
            ("https://gateway/sail/v2026", "leave out /v2026"),
            (
                "https://t.api.identitynow.com/oauth/token",
                "leave out /oauth/token",
            ),
        ] {
            let error = check(text).expect_err(text);
            assert!(error.to_string().contains(rule), "{text}: {error}");
            assert_eq!(error.detail().field.as_deref(), Some("baseUrl"));
            assert!(!format!("{error:?}").contains("pw"));
        }
    }

    #[test]
    fn a_token_url_may_end_as_it_likes() {
        for text in ["https://t/oauth/token", "https://gateway/token/v3"] {
            assert_eq!(super::check("tokenUrl", text, &settings()).unwrap(), text);
        }
    }

    #[test]
    fn an_allowed_host_that_is_no_host_is_told() {
        let settings = Settings {
            allow_http_hosts: vec!["http://gateway.test:8080".into()],
            ..Settings::default()
        };
        let error = super::check("baseUrl", "http://gateway.test:8080", &settings).unwrap_err();
        let remedy = error.detail().remedy.clone().unwrap();
        assert!(remedy.contains("a host alone"), "{remedy}");
    }

    #[test]
    fn this_machine_is_known_by_every_name() {
        for (url, here) in [
            ("http://localhost:1", true),
            ("http://LOCALHOST", true),
            ("http://127.8.9.10", true),
            ("http://[::1]", true),
            ("http://[::ffff:127.0.0.1]", true),
            ("http://localhost.evil.test", false),
            ("http://10.0.0.1", false),
        ] {
            assert_eq!(is_here(&Url::parse(url).unwrap()), here, "{url}");
        }
    }
}
