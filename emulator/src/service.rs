//! One request from its arrival to its reply: record it, see whether it is to go wrong, answer it.

use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::{Request, Response};

use crate::asked::Asked;
use crate::bodies::{Body, Closed};
use crate::control;
use crate::misbehave::misbehave;
use crate::route::Route;
use crate::shared::{Connection, Door, Shared, lock};
use crate::tenant::hex;

/// Larger request bodies end the connection; the service's own are a few hundred bytes.
const LARGEST_BODY: usize = 1 << 24;

pub(crate) async fn answer(
    shared: &Shared,
    door: &Door,
    connection: &Connection,
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
    let connection = connection.count(shared);
    let route = Route::of(&parts.method, parts.uri.path());
    let number = lock(&shared.journal).request(connection, route.kind, &parts, &body);
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
