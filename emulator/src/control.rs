//! The path `/_emulator/`, by which tests steer and look inside. Its requests are not counted, not
//! limited and never go wrong.

use bytes::Bytes;
use hyper::header::{CONTENT_TYPE, HOST, HeaderMap};
use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode};
use serde_json::{Map, Value, json};

use crate::bodies::{self, Body};
use crate::replies::JSON;
use crate::seed;
use crate::shared::{Shared, lock};
use crate::tenant::Tenant;
use crate::version::Shape;

pub(crate) const PREFIX: &str = "/_emulator/";

/// What a control request answers, or its status and what is wrong with it.
pub(crate) type ControlReply = Result<Value, (StatusCode, String)>;

pub(crate) fn over_http(
    shared: &Shared,
    parts: &Parts,
    path: &str,
    body: &Bytes,
) -> Response<Body> {
    let outcome = match is_local(&parts.headers) {
        true => read(body).and_then(|body| run(shared, &parts.method, path, body)),
        false => Err((
            StatusCode::FORBIDDEN,
            "the control path answers to a loopback host name only".to_owned(),
        )),
    };
    let (status, value) = match outcome {
        Ok(value) => (StatusCode::OK, value),
        Err((status, text)) => (status, json!({"error": text})),
    };
    let mut response = Response::new(bodies::whole(value.to_string().into()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response
}

/// A page of a browser can make a name of its own point to loopback, but not change the Host.
fn is_local(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(HOST).and_then(|host| host.to_str().ok()) else {
        return false;
    };
    let port = host.rfind(':').filter(|at| !host[*at..].contains(']'));
    let name = &host[..port.unwrap_or(host.len())];
    matches!(name, "127.0.0.1" | "[::1]" | "localhost") || name.ends_with(".localhost")
}

fn read(body: &[u8]) -> ControlReply {
    if body.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(body).map_err(|error| bad(error.to_string()))
}

fn bad(text: impl Into<String>) -> (StatusCode, String) {
    (StatusCode::BAD_REQUEST, text.into())
}

/// One control request; the README lists them.
pub(crate) fn run(shared: &Shared, method: &Method, path: &str, body: Value) -> ControlReply {
    match (method.as_str(), path) {
        ("GET", "stats") => Ok(lock(&shared.journal).stats()),
        ("GET", "requests") => Ok(lock(&shared.journal).requests()),
        ("DELETE", "requests") => {
            lock(&shared.journal).reset();
            Ok(json!({}))
        }
        ("GET", "faults") => Ok(lock(&shared.faults).to_json()),
        ("POST", "faults") => {
            let mut faults = lock(&shared.faults);
            faults.add(body).map_err(bad)?;
            Ok(faults.to_json())
        }
        ("DELETE", "faults") => {
            lock(&shared.faults).clear();
            Ok(json!([]))
        }
        ("GET", "settings") => Ok(lock(&shared.settings).to_json()),
        ("POST", "settings") => set(shared, body),
        ("GET", "tokens") => Ok(tokens(&lock(&shared.tenant))),
        ("POST", "tokens") => seed::add_tokens(&mut lock(&shared.tenant), &body).map_err(bad),
        ("GET", "identities") => Ok(identities(&lock(&shared.tenant))),
        ("POST", "identities") => {
            seed::add_identities(&mut lock(&shared.tenant), &body).map_err(bad)
        }
        (_, "stats" | "requests" | "faults" | "settings" | "tokens" | "identities") => Err((
            StatusCode::METHOD_NOT_ALLOWED,
            format!("{path} does not take {method}"),
        )),
        _ => Err((
            StatusCode::NOT_FOUND,
            format!("there is no control path {path}"),
        )),
    }
}

fn set(shared: &Shared, body: Value) -> ControlReply {
    let Value::Object(mut wanted) = body else {
        return Err(bad("settings are an object"));
    };
    let expire = match wanted.remove("expireBearers") {
        None => false,
        Some(Value::Bool(expire)) => expire,
        Some(_) => return Err(bad("expireBearers takes true")),
    };
    let mut settings = lock(&shared.settings);
    *settings = settings.merged(&wanted).map_err(bad)?;
    if expire {
        lock(&shared.tenant).expire_bearers();
    }
    Ok(settings.to_json())
}

/// Every token with every field, secrets aside, managed or not.
fn tokens(tenant: &Tenant) -> Value {
    let shown = tenant.tokens.all().map(|token| {
        serde_json::to_value(tenant.body_of(token, Shape::NeverExpires))
            .expect("a token is always JSON")
    });
    shown.collect()
}

fn identities(tenant: &Tenant) -> Value {
    let shown = tenant.identities.iter().map(|(id, identity)| {
        Value::Object(Map::from_iter([
            ("id".to_owned(), id.as_str().into()),
            ("name".to_owned(), identity.name.as_str().into()),
            ("rights".to_owned(), identity.rights.names().into()),
        ]))
    });
    shown.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_names_may_steer() {
        let local = |host: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, host.parse().unwrap());
            is_local(&headers)
        };
        for host in [
            "127.0.0.1:1",
            "localhost",
            "localhost:80",
            "[::1]:80",
            "[::1]",
            "a.localhost:1",
        ] {
            assert!(local(host), "{host}");
        }
        for host in ["example.com", "127.0.0.1.example.com:80", "notlocalhost:1"] {
            assert!(!local(host), "{host}");
        }
        assert!(!is_local(&HeaderMap::new()));
    }
}
