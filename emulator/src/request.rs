//! One request, read whole: executing it, and the headers that every reply has.

use std::time::Instant;

use bytes::Bytes;
use hyper::header::{DATE, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Response, StatusCode};
use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::bodies::{self, Body};
use crate::replies::{Refusal, Reply};
use crate::route::{Kind, Route};
use crate::rules::has_content_type;
use crate::settings::Settings;
use crate::shared::{Endpoint, Shared, lock};
use crate::tenant::{Bearer, POD, TENANT_NAME};
use crate::version::Version;
use crate::{create, delete, encoding, list, patch, signin};

const REQUEST_ID: HeaderName = HeaderName::from_static("slpt-request-id");
const DEPRECATED: HeaderName = HeaderName::from_static("x-deprecated");

pub(crate) struct ServiceRequest<'a> {
    pub shared: &'a Shared,
    pub endpoint: &'a Endpoint,
    pub parts: Parts,
    pub body: Bytes,
    pub route: Route,
    /// Also the tracking id of an error.
    pub request_id: String,
    /// Its number in the journal.
    pub number: u64,
}

impl ServiceRequest<'_> {
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
        if self.endpoint.no_sign_in {
            return Err(Refusal::NotFound);
        }
        let settings = *lock(&self.shared.settings);
        let mut tenant = lock(&self.shared.tenant);
        signin::sign_in(&mut tenant, &self.parts.headers, &self.body, &settings)
            .map(|reply| Reply::value(StatusCode::OK, &reply))
    }

    fn info(&self) -> Reply {
        let info = json!({
            "tokenEndpoint": self.endpoint.token_endpoint,
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

    /// As the request accepts it, where the settings say so.
    pub fn encoded(&self, reply: Reply) -> Reply {
        let compresses = lock(&self.shared.settings).gzip;
        match compresses {
            true => encoding::gzipped(reply, &self.parts.headers),
            false => reply,
        }
    }

    /// Adds the headers that every reply has.
    pub fn finish(&self, reply: Reply, skew: i64) -> Response<Body> {
        let mut response = Response::new(bodies::whole(reply.body));
        *response.status_mut() = reply.status;
        let headers = response.headers_mut();
        *headers = reply.headers;
        if let Ok(id) = HeaderValue::from_str(&self.request_id) {
            // A fault's own counts.
            headers.entry(REQUEST_ID).or_insert(id);
        }
        if self.route.version.is_some_and(Version::deprecated) {
            headers.insert(DEPRECATED, HeaderValue::from_static("true"));
        }
        let settings = *lock(&self.shared.settings);
        let skew = skew + settings.date_skew_seconds + settings.clock_skew_seconds;
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
