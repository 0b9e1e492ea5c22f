//! What a failed sign-in says: where it was sent, the service's words, where id, secret and address came from, and
//! what is odd in the two where the service refuses them. Never the secret.

use reqwest::Url;

use crate::api::{error_body, value};
use crate::client::address;
use crate::client::config::{Login, Resolved, Sources, TokenUrl};
use crate::client::proxy::tunnel;
use crate::client::settings::Settings;
use crate::error::{Code, Detail, Error};

const CREDENTIAL: &str = "check client id and client secret, and that the token still lives";
const BASE_URL: &str =
    "check the base URL: it must be the API's, as https://tenant.api.identitynow.com";
const TOKEN_URL: &str = "check the token URL: it must be the service's own token endpoint";
const NETWORK: &str = "look whether a rule of the tenant's keeps this machine's network out (allowed and blocked networks), \
                       and whether the token's owner may use the API; a wrong id or secret would be a 401";
const REQUEST: &str = "check the base URL, and what stands between here and the service: \
                       what answers does not take the service's own way to sign in";
/// What the settings themselves are called as a place.
const SETTINGS: &str = "the settings given";

/// Where a sign-in went.
pub struct Sent<'s> {
    pub url: &'s str,
    /// It is where the base URL's /oauth/info leads.
    pub led: bool,
}

/// Tells a refused sign-in apart from a refused request, and says whose it was.
pub fn told(mut error: Error, sent: &Sent<'_>, resolved: &Resolved, settings: &Settings) -> Error {
    let at = place(sent, resolved);
    name_proxy(&mut error, sent, resolved);
    let detail = error.detail_mut();
    let is_refused = matches!(
        detail.code,
        Code::Refused | Code::Unauthorized | Code::Forbidden | Code::NotFound
    );
    detail.message = if is_refused {
        refusal(detail, &at)
    } else if names(&detail.message, sent.url) && !sent.led {
        format!("sign-in failed: {}", detail.message)
    } else {
        format!("sign-in failed at {at}: {}", detail.message)
    };
    if is_refused {
        detail.code = Code::SignInFailed;
        detail.remedy = Some(remedy(detail).to_owned());
    } else if matches!(detail.code, Code::RedirectRefused | Code::ReplyInvalid) {
        detail.remedy = Some(BASE_URL.to_owned());
    }
    let is_given = matches!(resolved.token_url, TokenUrl::Given(_));
    if is_given && detail.remedy.as_deref() == Some(BASE_URL) {
        detail.remedy = Some(TOKEN_URL.to_owned());
    }
    let message = detail.message.trim_end_matches('.').len();
    detail.message.truncate(message);
    let origin = origin(&resolved.sources, &resolved.token_url, settings);
    detail.message.push_str(&format!(". {origin}"));
    if is_refused && matches!(detail.status, Some(400 | 401)) {
        oddities(&resolved.login)
            .iter()
            .for_each(|odd| detail.message.push_str(&format!(". {odd}")));
    }
    error
}

fn refusal(detail: &Detail, at: &str) -> String {
    let words = detail.body.as_deref();
    let words = words.and_then(|body| error_body::read(body.as_bytes()).message);
    match (detail.status, words) {
        (Some(status), Some(words)) => format!("sign-in failed ({status}) at {at}: {words}"),
        (Some(status), None) => format!("sign-in failed ({status}) at {at}"),
        _ => format!("sign-in failed at {at}: {}", detail.message),
    }
}

/// The host that was asked, and the one that led there.
fn place(sent: &Sent<'_>, resolved: &Resolved) -> String {
    let host = Url::parse(sent.url).map_or(String::new(), |url| address::place(&url));
    if sent.led {
        let by = address::place(&resolved.base_url);
        format!("{host}, where /oauth/info of {by} leads")
    } else {
        host
    }
}

/// Over plain http a proxy asks for its login as a server answers, and is not named yet.
fn name_proxy(error: &mut Error, sent: &Sent<'_>, resolved: &Resolved) {
    let url = Url::parse(sent.url).ok();
    let route = url.as_ref().and_then(|url| resolved.wire.proxy.way(url));
    if let (Code::ProxyAuthRequired, Some(route)) = (error.code(), route) {
        error.detail_mut().message = tunnel::wants_login(route).to_string();
    }
}

fn names(message: &str, url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| message.contains(&address::place(&url)))
}

fn remedy(detail: &Detail) -> &'static str {
    let body = detail.body.as_deref().unwrap_or_default();
    let of_request = ["invalid_request", "unsupported_grant_type", "invalid_scope"];
    match detail.status {
        Some(400) if of_request.iter().any(|error| body.contains(error)) => REQUEST,
        Some(400 | 401) => CREDENTIAL,
        Some(403) => NETWORK,
        Some(404 | 405) => BASE_URL,
        _ => REQUEST,
    }
}

/// Where each of the three came from, the same place once.
fn origin(sources: &Sources, token_url: &TokenUrl, settings: &Settings) -> String {
    let word = |place: &Option<String>| match place.as_deref() {
        None | Some("clientId" | "clientSecret" | "baseUrl") => SETTINGS.to_owned(),
        Some(place) => place.to_owned(),
    };
    let (address, from) = match token_url {
        TokenUrl::Derived(_) => ("base URL", word(&sources.base_url)),
        TokenUrl::Given(_) if settings.token_url.is_some() => ("token URL", SETTINGS.to_owned()),
        TokenUrl::Given(_) => ("token URL", "the profile".to_owned()),
    };
    let (id, secret) = (word(&sources.client_id), word(&sources.client_secret));
    match (id == secret, secret == from) {
        (true, true) => format!("Client id, secret and {address} from {id}"),
        (true, false) => format!("Client id and secret from {id}, {address} from {from}"),
        (false, _) => format!("Client id from {id}, secret from {secret}, {address} from {from}"),
    }
}

/// What is odd in the two that the service refuses.
fn oddities(login: &Login) -> Vec<String> {
    let Login::Pair {
        client_id,
        client_secret,
    } = login
    else {
        return Vec::new();
    };
    let id = value::oddity_of_id(client_id).map(|odd| format!("The client id {odd}"));
    let secret =
        value::oddity_of_secret(client_secret.expose()).map(|odd| format!("The secret {odd}"));
    id.into_iter().chain(secret).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(base_url: &str, client_id: &str, client_secret: &str) -> Sources {
        let place = |text: &str| Some(text.to_owned());
        Sources {
            base_url: place(base_url),
            client_id: place(client_id),
            client_secret: place(client_secret),
        }
    }

    #[test]
    fn places_are_named_and_the_same_one_once() {
        let derived = TokenUrl::Derived(String::new());
        let given = TokenUrl::Given(String::new());
        let plain = Settings::default();
        let with_token_url = Settings {
            token_url: Some("https://t".to_owned()),
            ..Settings::default()
        };
        let file = "file /x/config.json";
        for (sources, token_url, settings, expected) in [
            (
                sources(file, file, file),
                &derived,
                &plain,
                "Client id, secret and base URL from file /x/config.json",
            ),
            (
                sources("variable SAIL_BASE_URL", file, file),
                &derived,
                &plain,
                "Client id and secret from file /x/config.json, base URL from variable SAIL_BASE_URL",
            ),
            (
                sources(file, "variable SAIL_CLIENT_ID", file),
                &derived,
                &plain,
                "Client id from variable SAIL_CLIENT_ID, secret from file /x/config.json, base URL from file /x/config.json",
            ),
            (
                sources("baseUrl", "clientId", "clientSecret"),
                &derived,
                &plain,
                "Client id, secret and base URL from the settings given",
            ),
            (
                sources(file, file, file),
                &given,
                &with_token_url,
                "Client id and secret from file /x/config.json, token URL from the settings given",
            ),
            (
                sources("profile prod", "file a", "file a"),
                &given,
                &plain,
                "Client id and secret from file a, token URL from the profile",
            ),
        ] {
            assert_eq!(origin(&sources, token_url, settings), expected);
        }
    }

    #[test]
    fn each_refusal_has_its_remedy() {
        for (status, body, expected) in [
            (401, "", CREDENTIAL),
            (400, r#"{"error":"invalid_client"}"#, CREDENTIAL),
            (400, r#"{"error":"unauthorized_client"}"#, CREDENTIAL),
            (400, "", CREDENTIAL),
            (400, r#"{"error":"unsupported_grant_type"}"#, REQUEST),
            (403, r#"{"error":"access_denied"}"#, NETWORK),
            (404, "", BASE_URL),
            (405, "", BASE_URL),
            (415, "", REQUEST),
        ] {
            let mut error = Error::new(Code::Refused, "").with_status(status);
            error.detail_mut().body = Some(body.to_owned());
            assert_eq!(remedy(error.detail()), expected, "{status} {body}");
        }
    }
}
