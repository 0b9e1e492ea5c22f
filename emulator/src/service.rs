//! One request from its arrival to its reply: record it, see whether it is to go wrong, execute it.

use std::sync::Mutex;
use std::time::Instant;

use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::header::{DATE, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Request, Response, StatusCode};
use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::bodies::{self, Body, Closed};
use crate::control;
use crate::faults::Faults;
use crate::journal::Journal;
use crate::limit::Limiter;
use crate::misbehave::misbehave;
use crate::replies::{Refusal, Reply};
use crate::route::{Kind, Route};
use crate::settings::Settings;
use crate::signin::has_content_type;
use crate::tenant::{Bearer, Tenant, hex};
use crate::version::Version;
use crate::{create, delete, list, patch, signin};

/// The tenant's name, and `org` in the reply to a sign-in.
pub(crate) const TENANT_NAME: &str = "emulator";
pub(crate) const POD: &str = "loopback";

/// Larger request bodies are refused; the service's own are a few hundred bytes.
const LARGEST_BODY: usize = 1 << 20;

const REQUEST_ID: HeaderName = HeaderName::from_static("slpt-request-id");
const DEPRECATED: HeaderName = HeaderName::from_static("x-deprecated");

/// Everything that requests share.
pub(crate) struct Shared {
    pub tenant: Mutex<Tenant>,
    pub limiter: Mutex<Limiter>,
    pub faults: Mutex<Faults>,
    pub journal: Mutex<Journal>,
    pub settings: Mutex<Settings>,
}

/// What differs between the ports.
pub(crate) struct Door {
    /// Sign-in is not here (a vanity host).
    pub no_sign_in: bool,
    /// What `/oauth/info` says.
    pub token_endpoint: String,
}

/// One request, read whole.
pub(crate) struct Asked<'a> {
    shared: &'a Shared,
    door: &'a Door,
    parts: Parts,
    body: Bytes,
    route: Route,
    /// Also the tracking id of an error.
    pub request_id: String,
    /// Its number in the journal.
    number: u64,
}

/// Locks, also after a panic elsewhere: a test wants its other answers all the same.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

pub(crate) async fn answer(
    shared: &Shared,
    door: &Door,
    connection: &crate::server::Connection,
    request: Request<Incoming>,
) -> Result<Response<Body>, Closed> {
    let (parts, body) = request.into_parts();
    let body = match Limited::new(body, LARGEST_BODY).collect().await {
        Ok(body) => body.to_bytes(),
        Err(_) => return Err(Closed),
    };
    if let Some(path) = parts.uri.path().strip_prefix(control::PREFIX) {
        return Ok(control::over_http(shared, &parts, path, &body));
    }
    connection.count(shared);
    let route = Route::of(&parts.method, parts.uri.path());
    let number = lock(&shared.journal).request(connection.number, route.kind, &parts, &body);
    let fault = lock(&shared.faults).take(route.kind);
    let asked = Asked {
        shared,
        door,
        parts,
        body,
        route,
        request_id: hex(&mut fastrand::Rng::new(), 32),
        number,
    };
    let response = match fault {
        None => asked.finish(asked.execute(), 0),
        Some(fault) => misbehave(&asked, fault).await?,
    };
    lock(&shared.journal).replied(number, response.status().as_u16());
    Ok(response)
}

impl Asked<'_> {
    /// Does what is asked for, the rate limit included.
    pub fn execute(&self) -> Reply {
        lock(&self.shared.journal).executed(self.number);
        let outcome = match self.route.kind {
            Kind::Token => self.sign_in(),
            Kind::Info => Ok(self.info()),
            Kind::Other if self.route.wrong_method => Err(Refusal::MethodNotAllowed),
            Kind::Other => Err(Refusal::NotFound),
            _ => self.operation(),
        };
        outcome.unwrap_or_else(|refusal| refusal.reply(&self.request_id))
    }

    fn sign_in(&self) -> Result<Reply, Refusal> {
        if self.door.no_sign_in {
            return Err(Refusal::NotFound);
        }
        let settings = *lock(&self.shared.settings);
        let mut tenant = lock(&self.shared.tenant);
        signin::sign_in(&mut tenant, &self.parts.headers, &self.body, &settings)
            .map(|reply| Reply::value(StatusCode::OK, &reply))
    }

    fn info(&self) -> Reply {
        let info = json!({
            "tokenEndpoint": self.door.token_endpoint,
            "tenantName": TENANT_NAME,
            "pod": POD,
        });
        Reply::value(StatusCode::OK, &info)
    }

    fn operation(&self) -> Result<Reply, Refusal> {
        let settings = *lock(&self.shared.settings);
        let mut tenant = lock(&self.shared.tenant);
        let caller = signin::caller(&tenant, &self.parts.headers)?;
        let version = self.route.version.ok_or(Refusal::NotFound)?;
        self.rate(&caller, version, &settings)?;
        let id = self.route.id.as_deref().unwrap_or_default();
        let body = match self.route.kind {
            Kind::Create => {
                self.has_body("application/json")?;
                create::create(&mut tenant, &caller, version, &self.body, &settings)?
            }
            Kind::Patch => {
                self.has_body("application/json-patch+json")?;
                patch::patch(&mut tenant, &caller, version, id, &self.body)?
            }
            Kind::Delete => {
                delete::delete(&mut tenant, &caller, id)?;
                return Ok(Reply::empty(StatusCode::NO_CONTENT));
            }
            _ => {
                let query = self.parts.uri.query().unwrap_or_default();
                list::list(&mut tenant, &caller, version, query)?
            }
        };
        Ok(Reply::json(StatusCode::OK, body))
    }

    fn has_body(&self, content_type: &str) -> Result<(), Refusal> {
        match has_content_type(&self.parts.headers, content_type) {
            true => Ok(()),
            false => Err(Refusal::BadRequest(format!(
                "The content type must be {content_type}."
            ))),
        }
    }

    fn rate(&self, caller: &Bearer, version: Version, settings: &Settings) -> Result<(), Refusal> {
        let Some(limit) = settings.rate_limit else {
            return Ok(());
        };
        let mut limiter = lock(&self.shared.limiter);
        let passed = limiter.pass(limit, &caller.client_id, version, Instant::now());
        passed.map_err(|seconds| {
            lock(&self.shared.journal).rate_limited();
            Refusal::RateLimited(seconds)
        })
    }

    /// Adds the headers that every reply has.
    pub fn finish(&self, reply: Reply, skew: i64) -> Response<Body> {
        let mut response = Response::new(bodies::whole(reply.body));
        *response.status_mut() = reply.status;
        let headers = response.headers_mut();
        *headers = reply.headers;
        if let Ok(id) = HeaderValue::from_str(&self.request_id) {
            headers.insert(REQUEST_ID, id);
        }
        if self.route.version.is_some_and(Version::deprecated) {
            headers.insert(DEPRECATED, HeaderValue::from_static("true"));
        }
        let skew = skew + lock(&self.shared.settings).date_skew_seconds;
        if let Some(date) = skewed_date(skew) {
            headers.insert(DATE, date);
        }
        response
    }
}

/// None where the connection writes the right date by itself.
fn skewed_date(skew_seconds: i64) -> Option<HeaderValue> {
    if skew_seconds == 0 {
        return None;
    }
    let date = Timestamp::now()
        .checked_add(SignedDuration::from_secs(skew_seconds))
        .ok()?;
    let text = DateTimePrinter::new().timestamp_to_rfc9110_string(&date);
    HeaderValue::from_str(&text.ok()?).ok()
}
