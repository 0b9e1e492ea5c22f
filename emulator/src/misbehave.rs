//! Carrying out a fault: what a request gets that is to go wrong.
//!
//! Drop after commit, truncate, drip, more or oversized headers, `encoded`, `statusAfterCommit`, `hangAfterCommit`,
//! `withoutField`, `leaveOut` and `twice` execute the request as always. The others only look like a reply.

use std::time::Duration;

use bytes::Bytes;
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION};
use hyper::{Response, StatusCode};
use serde_json::Value;

use crate::bodies::{self, Body, Closed};
use crate::encoding;
use crate::fault::{Act, Fault, Moment, StatusReply};
use crate::replies::{Refusal, Reply, default_reply};
use crate::request::ServiceRequest;

pub(crate) async fn misbehave(
    request: &ServiceRequest<'_>,
    fault: Fault,
) -> Result<Response<Body>, Closed> {
    tokio::time::sleep(fault.delay).await;
    let finish = |reply| request.finish(reply, fault.date_skew_seconds);
    match fault.act {
        Act::Drop(moment) => {
            if moment == Moment::AfterCommit {
                request.execute();
            }
            Err(Closed)
        }
        Act::Hang(_) => std::future::pending().await,
        Act::HangAfterCommit(_) => {
            request.execute();
            std::future::pending().await
        }
        Act::TruncateAt(bytes) => {
            let reply = request.execute();
            let body = reply.body.clone();
            Ok(truncated(finish(reply), body, bytes))
        }
        Act::Drip(drip) => {
            let reply = request.execute();
            let body = reply.body.clone();
            let every = Duration::from_millis(drip.every_ms);
            let mut response = announced(finish(reply), body.len());
            *response.body_mut() = bodies::drip(body, drip.bytes, every);
            Ok(response)
        }
        Act::OversizeBytes(size) => {
            let empty = Reply::json(StatusCode::OK, "");
            Ok(finish(empty).map(|_| bodies::array_of(size)))
        }
        act => Ok(finish(whole(request, act))),
    }
}

/// The faults whose reply is a whole one.
fn whole(request: &ServiceRequest<'_>, act: Act) -> Reply {
    let ok = StatusCode::OK;
    match act {
        Act::Status(reply) => {
            if reply.after_commit {
                request.execute();
            }
            status(reply, &request.request_id)
        }
        Act::StatusAfterCommit(status) => {
            request.execute();
            default_reply(status.0, &request.request_id)
        }
        Act::RetryAfter(seconds) => Refusal::RateLimited(seconds).reply(&request.request_id),
        Act::Redirect(to) => Reply::empty(to.status.0).with(LOCATION, to.redirect.0),
        Act::OversizeHeaderBytes(size) => {
            let filler = HeaderValue::from_bytes(&vec![b'x'; size]).expect("x is allowed");
            request
                .execute()
                .with(HeaderName::from_static("x-filler"), filler)
        }
        Act::HeaderCount(count) => {
            let mut reply = request.execute();
            for number in 0..count {
                let name = HeaderName::try_from(format!("x-filler-{number}")).expect("a name");
                reply.headers.insert(name, HeaderValue::from(number));
            }
            reply
        }
        Act::Encoded(how) => encoding::encoded(request.execute(), how),
        Act::Html(_) => html(),
        Act::JsonDepth(depth) => Reply::json(ok, ["[".repeat(depth), "]".repeat(depth)].concat()),
        Act::RawBody(text) => Reply::json(ok, text),
        Act::WithoutField(field) => edited(request.execute(), |body| {
            if let Some(fields) = body.as_object_mut() {
                fields.remove(&field);
            }
        }),
        Act::LeaveOut(id) => edited(request.execute(), |body| {
            if let Some(tokens) = body.as_array_mut() {
                tokens.retain(|token| token["id"] != id.as_str());
            }
        }),
        Act::Twice(_) => {
            request.execute();
            request.execute()
        }
        _ => request.execute(),
    }
}

/// A reply with another body; one that is no JSON stays as it is.
fn edited(mut reply: Reply, edit: impl FnOnce(&mut Value)) -> Reply {
    if let Ok(mut body) = serde_json::from_slice(&reply.body) {
        edit(&mut body);
        reply.body = body.to_string().into();
    }
    reply
}

fn status(wanted: StatusReply, request_id: &str) -> Reply {
    let mut reply = default_reply(wanted.status.0, request_id);
    if let Some(body) = wanted.body {
        reply.body = body.into();
    }
    if let Some(body) = wanted.body_base64 {
        reply.body = body.0;
    }
    if let Some(content_type) = wanted.content_type {
        reply.headers.insert(CONTENT_TYPE, content_type.0);
    }
    reply.headers.extend(wanted.headers.0);
    reply
}

/// Cut after so many bytes of the body, while the announced length says more.
fn truncated(response: Response<Body>, mut body: Bytes, at: usize) -> Response<Body> {
    let mut response = announced(response, body.len().max(at.saturating_add(1)));
    body.truncate(at);
    *response.body_mut() = bodies::cut(body);
    response
}

fn announced(mut response: Response<Body>, length: usize) -> Response<Body> {
    let headers = response.headers_mut();
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    response
}

fn html() -> Reply {
    const PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head>\
                        <body><h1>Sign in</h1></body></html>\n";
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    Reply::new(StatusCode::OK, html, PAGE)
}
