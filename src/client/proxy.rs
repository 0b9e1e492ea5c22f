//! The proxy that a request goes through: the settings', else the one that a variable names, and whom it may see.

use std::hash::{Hash, Hasher};

use hyper_util::client::proxy::matcher::Matcher;
use percent_encoding::percent_decode_str;
use reqwest::{NoProxy, Proxy, Url};
use zeroize::Zeroizing;

use crate::client::address::may_be_plain;
use crate::client::settings::{ProxyChoice, ProxySettings, Settings};
use crate::client::surroundings::Surroundings;
use crate::error::{Error, Result};

/// A proxy, its login and the hosts that go around it.
#[derive(Clone, PartialEq, Eq)]
pub struct ProxyRoute {
    pub url: String,
    pub login: Option<(String, Zeroizing<String>)>,
    pub bypass: String,
}

impl Hash for ProxyRoute {
    /// Leaves the login out: equality tells logins apart, and a hash of a secret serves nobody.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.url.hash(state);
        self.bypass.hash(state);
    }
}

impl ProxyRoute {
    /// Checks a proxy's URL; a login in it is taken out of it.
    pub fn new(
        field: &str,
        text: &str,
        login: Option<(String, Zeroizing<String>)>,
        bypass: String,
    ) -> Result<Self> {
        let wrong = || {
            Error::setting(
                field,
                "must be the URL of an http proxy, as http://proxy:8080",
            )
        };
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
        Ok(ProxyRoute {
            url: url.to_string(),
            login,
            bypass,
        })
    }

    /// Whether requests to `url` go through it; its exclusions are read as the HTTP library reads them.
    pub fn carries(&self, url: &Url) -> bool {
        let matcher = Matcher::builder()
            .all(self.url.as_str())
            .no(self.bypass.as_str())
            .build();
        url.as_str()
            .parse()
            .is_ok_and(|uri| matcher.intercept(&uri).is_some())
    }

    /// As the HTTP library takes it.
    pub fn proxy(&self) -> reqwest::Result<Proxy> {
        let mut proxy = Proxy::all(&self.url)?.no_proxy(NoProxy::from_string(&self.bypass));
        if let Some((user, password)) = &self.login {
            proxy = proxy.basic_auth(user, password);
        }
        Ok(proxy)
    }
}

/// The proxy for `url`: the settings', else the environment's for its scheme. Plain http goes through a
/// proxy on this machine only, or one that the settings allow: it reads the secret.
pub fn of(
    settings: &Settings,
    surroundings: &Surroundings,
    url: &str,
) -> Result<Option<ProxyRoute>> {
    let encrypted = url.starts_with("https:");
    match &settings.proxy {
        Some(ProxyChoice::None) => Ok(None),
        Some(ProxyChoice::Through(chosen)) => {
            let route = chosen_route(chosen)?;
            if !encrypted && !route.may_read_along(settings) {
                return Err(Error::setting(
                    "proxy",
                    "is not on this machine and would read the secret that goes to an http base URL",
                )
                .with_remedy("write https:// in the base URL, or name the proxy's host in allowHttpHosts"));
            }
            Ok(Some(route))
        }
        None => {
            let route = route_of_environment(surroundings, encrypted)?;
            Ok(route.filter(|route| encrypted || route.may_read_along(settings)))
        }
    }
}

fn chosen_route(chosen: &ProxySettings) -> Result<ProxyRoute> {
    let login = chosen
        .login
        .as_ref()
        .map(|(user, password)| (user.clone(), Zeroizing::new(password.expose().to_owned())));
    ProxyRoute::new("proxy", &chosen.url, login, chosen.bypass.join(","))
}

/// The variables that may name the proxy, the first that is set counts.
pub fn proxy_variables(encrypted: bool) -> &'static [&'static str] {
    if encrypted {
        &["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
    } else {
        &["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]
    }
}

fn route_of_environment(
    surroundings: &Surroundings,
    encrypted: bool,
) -> Result<Option<ProxyRoute>> {
    let Some((name, url)) = surroundings.first_of(proxy_variables(encrypted)) else {
        return Ok(None);
    };
    let bypass = surroundings.first_of(&["no_proxy", "NO_PROXY"]);
    let bypass = bypass.map(|(_, list)| list.to_owned()).unwrap_or_default();
    ProxyRoute::new(name, url, None, bypass).map(Some)
}

impl ProxyRoute {
    /// Whether plain http may pass through it.
    fn may_read_along(&self, settings: &Settings) -> bool {
        Url::parse(&self.url).is_ok_and(|url| may_be_plain(&url, settings))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::client::surroundings::Variables;

    #[test]
    fn a_login_in_a_proxy_url_is_taken_out_of_it() {
        let route = ProxyRoute::new(
            "proxy",
            "http://us%40er:p%3Aw@proxy:8080",
            None,
            String::new(),
        )
        .unwrap();
        assert_eq!(route.url, "http://proxy:8080/");
        let (user, password) = route.login.unwrap();
        assert_eq!((user.as_str(), password.as_str()), ("us@er", "p:w"));
    }

    #[test]
    fn a_proxy_carries_what_its_exclusions_leave() {
        let bypass = "inside.test,127.0.0.1".to_owned();
        let route = ProxyRoute::new("proxy", "http://proxy:8080", None, bypass).unwrap();
        for (url, carried) in [
            ("https://t.api.identitynow.com", true),
            ("https://a.inside.test/x", false),
            ("http://127.0.0.1:8080", false),
        ] {
            assert_eq!(route.carries(&Url::parse(url).unwrap()), carried, "{url}");
        }
    }

    #[test]
    fn a_proxy_needs_no_scheme_but_must_be_http() {
        let route = |text| ProxyRoute::new("HTTPS_PROXY", text, None, String::new());
        assert_eq!(route("proxy:3128").unwrap().url, "http://proxy:3128/");
        for text in ["socks5://p:1", "", "http://"] {
            let error = route(text).err().unwrap();
            assert!(
                error.to_string().starts_with("HTTPS_PROXY: must be"),
                "{error}"
            );
        }
    }

    #[test]
    fn the_environment_names_the_proxy_for_the_scheme() {
        let variables = [
            ("HTTPS_PROXY", "http://p:1"),
            ("http_proxy", "http://127.0.0.1:2"),
            ("NO_PROXY", "a,b"),
        ]
        .map(|(name, value)| (name.to_owned(), Zeroizing::new(value.to_owned())));
        let surroundings = Surroundings::new(Arc::new(Variables::of(variables)), None);
        let mut settings = Settings::default();
        let url = |settings: &Settings, to: &str| {
            of(settings, &surroundings, to)
                .unwrap()
                .map(|route| route.url)
        };
        assert_eq!(url(&settings, "https://t").as_deref(), Some("http://p:1/"));
        assert_eq!(
            url(&settings, "http://t").as_deref(),
            Some("http://127.0.0.1:2/")
        );
        settings.proxy = Some(ProxyChoice::None);
        assert_eq!(url(&settings, "https://t"), None);
    }
}
