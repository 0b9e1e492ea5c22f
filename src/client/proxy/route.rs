//! One proxy: its address, its login, the hosts that go around it, and what it may read.

use std::hash::{Hash, Hasher};

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use reqwest::Url;
use zeroize::Zeroizing;

use super::SETTING;
use super::exclusions::Exclusions;
use crate::api::value;
use crate::client::address::{self, is_here, may_be_plain};
use crate::client::settings::Settings;
use crate::error::{Error, Result};

/// User name and password.
pub type ProxyLogin = (String, Zeroizing<String>);

/// A proxy, its login and the hosts that go around it.
#[derive(Clone, PartialEq, Eq)]
pub struct ProxyRoute {
    /// Without its login.
    pub url: String,
    pub login: Option<ProxyLogin>,
    /// Where it was named, in words.
    pub from: String,
    by_variable: bool,
    exclusions: Exclusions,
}

impl Hash for ProxyRoute {
    /// Leaves the login out: equality tells logins apart, and a hash of a secret serves nobody.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.url.hash(state);
        self.by_variable.hash(state);
        self.exclusions.hash(state);
    }
}

impl ProxyRoute {
    /// Checks a proxy's URL; a login in it is taken out of it. `name` is the setting's or a variable's.
    pub fn new(name: &str, text: &str, login: Option<ProxyLogin>, bypass: &str) -> Result<Self> {
        let wrong = || {
            Error::setting(
                name,
                "must be the URL of an http proxy, as http://proxy:8080",
            )
        };
        let text = value::trimmed(text);
        let full = if text.contains("://") {
            text.to_owned()
        } else {
            format!("http://{text}")
        };
        let mut url = Url::parse(&full).map_err(|_| wrong())?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err(wrong());
        }
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let login = login.or_else(|| {
            let password = url.password().unwrap_or_default();
            (!url.username().is_empty())
                .then(|| (decoded(url.username()), Zeroizing::new(decoded(password))))
        });
        url.set_password(None).map_err(|()| wrong())?;
        url.set_username("").map_err(|()| wrong())?;
        let url = address::proxy(url.as_str()).map_err(|rule| Error::setting(name, rule))?;
        let by_variable = name != SETTING;
        Ok(ProxyRoute {
            url: url.to_string(),
            login,
            from: format!(
                "{} {name}",
                if by_variable { "variable" } else { "setting" }
            ),
            by_variable,
            exclusions: Exclusions::read(bypass),
        })
    }

    /// Whether requests to `url` go through it. Plain http to this machine stays on it: a variable speaks of the way
    /// to others, and no proxy elsewhere is asked for what only this machine has.
    pub fn carries(&self, url: &Url) -> bool {
        let stays = url.scheme() == "http" && is_here(url);
        !(stays && (self.by_variable || !self.is_here()) || self.exclusions.hold(url))
    }

    /// Scheme, host and port for people, and where it was named.
    pub fn described(&self) -> String {
        format!(
            "the proxy {} ({})",
            self.url.trim_end_matches('/'),
            self.from
        )
    }

    /// Whether the way to the proxy is TLS itself.
    pub fn is_encrypted(&self) -> bool {
        self.url.starts_with("https:")
    }

    /// Host and port to connect to.
    pub fn place(&self) -> Option<(String, u16)> {
        let url = Url::parse(&self.url).ok()?;
        Some((url.host_str()?.to_owned(), url.port_or_known_default()?))
    }

    fn is_here(&self) -> bool {
        Url::parse(&self.url).is_ok_and(|url| is_here(&url))
    }

    /// Whether plain http may pass through it.
    pub(super) fn may_read_along(&self, settings: &Settings) -> bool {
        Url::parse(&self.url).is_ok_and(|url| may_be_plain(&url, settings))
    }

    /// Whether it would read what goes to `url`, and must not.
    pub(super) fn reads_along(&self, url: &Url, settings: &Settings) -> bool {
        let may = if is_here(url) {
            self.is_here()
        } else {
            self.may_read_along(settings)
        };
        url.scheme() == "http" && !may && !self.exclusions.hold(url)
    }

    /// The URL with its login, as the HTTP library takes it. It decodes what stands there: a `%` of the login's own must
    /// not be taken for the begin of a code.
    pub(super) fn target(&self) -> Option<Url> {
        let mut url = Url::parse(&self.url).ok()?;
        if let Some((user, password)) = &self.login {
            let coded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
            url.set_username(&coded(user)).ok()?;
            url.set_password(Some(&Zeroizing::new(coded(password))))
                .ok()?;
        }
        Some(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_in_a_proxy_url_is_taken_out_of_it_and_goes_back_whole() {
        let text = "http://us%40er:p%3Aw%2541@proxy:8080";
        let route = ProxyRoute::new("proxy", text, None, "").unwrap();
        assert_eq!(route.url, "http://proxy:8080/");
        assert_eq!(
            route.described(),
            "the proxy http://proxy:8080 (setting proxy)"
        );
        let (user, password) = route.login.as_ref().unwrap();
        assert_eq!((user.as_str(), password.as_str()), ("us@er", "p:w%41"));
        let target = route.target().unwrap();
        assert_eq!(target.password(), Some("p%3Aw%2541"));
    }

    #[test]
    fn a_proxy_needs_no_scheme_but_must_be_http_and_a_host_that_can_be() {
        let route = |text| ProxyRoute::new("HTTPS_PROXY", text, None, "");
        assert_eq!(route(" proxy:3128\r\n").unwrap().url, "http://proxy:3128/");
        for (text, rule) in [
            ("socks5://p:1", "must be"),
            ("", "must be"),
            ("http://", "must be"),
            ("http://us:planted@p:0", "names port 0"),
            ("http://us:planted@p..q:1", "names a host"),
            ("http://us:planted@{proxy}:1", "holds a placeholder"),
            ("http://us:planted@p:1;", "must be"),
        ] {
            let error = route(text).err().unwrap();
            let expected = format!("HTTPS_PROXY: {rule}");
            assert!(error.to_string().starts_with(&expected), "{text}: {error}");
            assert!(!format!("{error:?}").contains("planted"));
        }
    }
}
