//! The proxy that a request goes through: the settings', else the one that a variable names, and whom it may see.
//!
//! Each address is judged by itself, by its scheme and host: the base URL, the token URL, and what /oauth/info names.

mod exclusions;
mod route;
pub mod tunnel;

use reqwest::{Proxy, Url};
use zeroize::Zeroizing;

use crate::api::value;
use crate::client::settings::{ProxyChoice, ProxySettings, Settings};
use crate::client::surroundings::Surroundings;
use crate::error::{Error, Result};
pub use route::{ProxyLogin, ProxyRoute};

/// The one setting's name, which tells it from variables.
const SETTING: &str = "proxy";

/// The proxies for plain and for encrypted requests.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Proxies {
    http: Option<ProxyRoute>,
    https: Option<ProxyRoute>,
}

impl Proxies {
    /// The proxy that requests to `url` go through.
    pub fn way(&self, url: &Url) -> Option<&ProxyRoute> {
        self.named(url).filter(|route| route.carries(url))
    }

    /// The proxy for the scheme of `url`, whether it carries this one or not.
    pub fn named(&self, url: &Url) -> Option<&ProxyRoute> {
        if url.scheme() == "http" {
            self.http.as_ref()
        } else {
            self.https.as_ref()
        }
    }

    /// The logins that no text may show.
    pub fn logins(&self) -> impl Iterator<Item = &ProxyLogin> {
        let routes = [&self.http, &self.https].into_iter().flatten();
        routes.filter_map(|route| route.login.as_ref())
    }

    /// As the HTTP library takes them; none where everything goes straight.
    pub fn taken(&self) -> Option<Proxy> {
        if *self == Proxies::default() {
            return None;
        }
        let proxies = self.clone();
        Some(Proxy::custom(move |url| proxies.way(url)?.target()))
    }
}

/// The proxies for the addresses of a call: the settings', else the environment's for each scheme. Plain http goes
/// through a proxy on this machine only, or one that the settings allow: it reads the secret.
pub fn of(
    settings: &Settings,
    surroundings: &Surroundings,
    addresses: [&str; 2],
) -> Result<Proxies> {
    let urls: Vec<Url> = addresses
        .iter()
        .filter_map(|url| Url::parse(url).ok())
        .collect();
    match &settings.proxy {
        Some(ProxyChoice::None) => Ok(Proxies::default()),
        Some(ProxyChoice::Through(chosen)) => {
            let route = chosen_route(chosen)?;
            if urls.iter().any(|url| route.reads_along(url, settings)) {
                return Err(Error::setting(
                    SETTING,
                    "is not on this machine and would read the secret that goes to an http address",
                )
                .with_remedy(
                    "write https:// in the address, or take its host out of the proxy's way (bypass); a host elsewhere may also be reached over a proxy whose host is in allowHttpHosts",
                ));
            }
            let plain = route.may_read_along(settings).then(|| route.clone());
            Ok(Proxies {
                http: plain,
                https: Some(route),
            })
        }
        None => {
            let of_scheme = |encrypted: bool| {
                let route = route_of_environment(surroundings, encrypted);
                let scheme = if encrypted { "https" } else { "http" };
                // A variable that no address of this call needs may say what it likes.
                match urls.iter().any(|url| url.scheme() == scheme) {
                    true => route,
                    false => Ok(route.ok().flatten()),
                }
            };
            Ok(Proxies {
                http: of_scheme(false)?.filter(|route| route.may_read_along(settings)),
                https: of_scheme(true)?,
            })
        }
    }
}

fn chosen_route(chosen: &ProxySettings) -> Result<ProxyRoute> {
    let login = chosen
        .login
        .as_ref()
        .map(|(user, password)| (user.clone(), Zeroizing::new(password.expose().to_owned())));
    ProxyRoute::new(SETTING, &chosen.url, login, &chosen.bypass.join(","))
}

/// The variables that may name the proxy, the first that says anything counts.
fn proxy_variables(encrypted: bool) -> &'static [&'static str] {
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
    let first_of = |names: &[&'static str]| {
        names.iter().find_map(|name| {
            let text = value::trimmed(surroundings.get(name)?);
            (!text.is_empty()).then_some((*name, text))
        })
    };
    let Some((name, url)) = first_of(proxy_variables(encrypted)) else {
        return Ok(None);
    };
    let bypass = first_of(&["no_proxy", "NO_PROXY"]).map_or("", |(_, list)| list);
    ProxyRoute::new(name, url, None, bypass).map(Some)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::client::surroundings::Variables;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn surroundings(variables: &[(&str, &str)]) -> Surroundings {
        let variables = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Zeroizing::new((*value).to_owned())));
        Surroundings::new(Arc::new(Variables::of(variables)), None)
    }

    #[test]
    fn the_environment_names_the_proxy_for_each_scheme() {
        let variables = surroundings(&[
            ("HTTPS_PROXY", "http://p:1"),
            ("https_proxy", " "),
            ("http_proxy", "http://127.0.0.1:2"),
            ("HTTP_PROXY", "http://127.0.0.1:3"),
            ("NO_PROXY", "a,b"),
        ]);
        let mut settings = Settings {
            allow_http_hosts: vec!["t".to_owned()],
            ..Settings::default()
        };
        let way = |settings: &Settings, to: &str| {
            let proxies = of(settings, &variables, [to, to]).unwrap();
            proxies.way(&url(to)).map(|route| route.url.clone())
        };
        assert_eq!(way(&settings, "https://t").as_deref(), Some("http://p:1/"));
        assert_eq!(
            way(&settings, "http://t").as_deref(),
            Some("http://127.0.0.1:2/")
        );
        assert_eq!(way(&settings, "https://a"), None);
        assert_eq!(way(&settings, "http://127.0.0.1:9"), None);
        settings.proxy = Some(ProxyChoice::None);
        assert_eq!(way(&settings, "https://t"), None);
    }

    #[test]
    fn base_and_token_url_are_judged_each_by_itself() {
        let variables = surroundings(&[
            ("https_proxy", "http://remote:1"),
            ("http_proxy", "http://127.0.0.1:2"),
        ]);
        let settings = Settings {
            allow_http_hosts: vec!["plain".to_owned()],
            ..Settings::default()
        };
        for addresses in [
            ["http://plain", "https://tls"],
            ["https://tls", "http://plain"],
        ] {
            let proxies = of(&settings, &variables, addresses).unwrap();
            let of = |to: &str| proxies.way(&url(to)).unwrap().url.clone();
            assert_eq!(of("http://plain/x"), "http://127.0.0.1:2/");
            assert_eq!(of("https://tls/x"), "http://remote:1/");
        }
    }

    #[test]
    fn plain_http_is_read_along_by_nobody_elsewhere() {
        let through = |proxy: &str, bypass: &[&str]| Settings {
            proxy: Some(ProxyChoice::Through(ProxySettings {
                url: proxy.to_owned(),
                login: None,
                bypass: bypass.iter().map(|host| (*host).to_owned()).collect(),
            })),
            allow_http_hosts: vec!["plain".to_owned(), "allowed".to_owned()],
            ..Settings::default()
        };
        let none = surroundings(&[]);
        for (proxy, bypass, base, token, works) in [
            ("http://p:1", &[][..], "https://t", "https://t", true),
            ("http://p:1", &[], "http://plain", "https://t", false),
            ("http://p:1", &[], "https://t", "http://plain", false),
            ("http://p:1", &["plain"], "https://t", "http://plain", true),
            ("http://allowed:1", &[], "http://plain", "https://t", true),
            (
                "http://allowed:1",
                &[],
                "http://127.0.0.1",
                "https://t",
                false,
            ),
            (
                "http://[::1]:1",
                &[],
                "http://127.0.0.1",
                "http://plain",
                true,
            ),
        ] {
            let proxies = of(&through(proxy, bypass), &none, [base, token]);
            assert_eq!(proxies.is_ok(), works, "{proxy} {base} {token}");
        }
        // What turns up later, as from /oauth/info, goes by the same rule.
        let proxies = of(&through("http://p:1", &[]), &none, ["https://t"; 2]).unwrap();
        assert!(proxies.way(&url("http://plain")).is_none());
        let proxies = of(&through("http://allowed:1", &[]), &none, ["https://t"; 2]).unwrap();
        assert!(proxies.way(&url("http://plain")).is_some());
        assert!(proxies.way(&url("http://localhost")).is_none());
    }
}
