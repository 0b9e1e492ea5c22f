//! One request from its arrival to its reply: record it, hold it, see whether it is to go wrong, answer it.

use std::sync::Arc;

use http_body_util::{BodyExt, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::http::request::Parts;
use hyper::{Request, Response};

use crate::bodies::{Body, Closed};
use crate::control;
use crate::fault::Fault;
use crate::gate;
use crate::misbehave::misbehave;
use crate::request::ServiceRequest;
use crate::route::Route;
use crate::shared::{Connection, Endpoint, Shared, lock};
use crate::tenant::hex;

/// Larger request bodies end the connection; the service's own are a few hundred bytes.
const LARGEST_BODY: usize = 1 << 24;

pub(crate) async fn answer(
    shared: &Arc<Shared>,
    endpoint: &Arc<Endpoint>,
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
    let received = Received {
        parts,
        body,
        route,
        number,
    };
    let Some(held) = gate::hold(shared, &received) else {
        let fault = lock(&shared.faults).take(received.route.kind);
        return received.answer(shared, endpoint, fault).await;
    };
    // On a task of its own: what has arrived may be carried out after its sender has gone.
    let (shared, endpoint) = (Arc::clone(shared), Arc::clone(endpoint));
    let answering = async move {
        let mut passed = held.await?;
        received
            .answer(&shared, &endpoint, passed.fault.take())
            .await
    };
    tokio::spawn(answering).await.unwrap_or(Err(Closed))
}

/// A request that was read whole.
pub(crate) struct Received {
    pub parts: Parts,
    pub body: Bytes,
    pub route: Route,
    /// Its number in the journal.
    number: u64,
}

impl Received {
    async fn answer(
        self,
        shared: &Shared,
        endpoint: &Endpoint,
        fault: Option<Fault>,
    ) -> Result<Response<Body>, Closed> {
        let number = self.number;
        let request = ServiceRequest {
            shared,
            endpoint,
            parts: self.parts,
            body: self.body,
            route: self.route,
            request_id: hex(&mut fastrand::Rng::new(), 32),
            number,
        };
        let response = match fault {
            None => request.finish(request.encoded(request.execute()), 0),
            Some(fault) => misbehave(&request, fault).await?,
        };
        lock(&shared.journal).replied(number, response.status().as_u16());
        Ok(response)
    }
}
