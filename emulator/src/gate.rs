//! A gate before the service: while somebody holds it, each request waits until it is let through, so that a
//! test can put anything between two requests of a client without a sleep.

use serde_json::Value;
use tokio::sync::{mpsc, oneshot};

use crate::bodies::Closed;
use crate::fault::Fault;
use crate::route::Kind;
use crate::server::Emulator;
use crate::service::Received;
use crate::shared::{Shared, lock};

pub(crate) type Holding = mpsc::UnboundedSender<Held>;

/// The requests that wait, in the order in which they came. When it is dropped, requests pass as always.
pub struct Gate(mpsc::UnboundedReceiver<Held>);

/// A request that waits. It is carried out when it is let through, whether or not its sender is still there,
/// and never when it is dropped.
pub struct Held {
    kind: Kind,
    id: Option<String>,
    body: Vec<u8>,
    pass: oneshot::Sender<Passed>,
}

pub(crate) struct Passed {
    pub fault: Option<Fault>,
    /// Held by the answering until it is over.
    _done: oneshot::Sender<()>,
}

impl Emulator {
    /// From now on every request waits at the gate.
    pub fn gate(&self) -> Gate {
        let (sender, receiver) = mpsc::unbounded_channel();
        *lock(&self.shared.gate) = Some(sender);
        Gate(receiver)
    }
}

impl Gate {
    /// The next request that has arrived; never returns where none comes.
    pub async fn next(&mut self) -> Held {
        match self.0.recv().await {
            Some(held) => held,
            None => std::future::pending().await,
        }
    }
}

impl Held {
    /// token, info, list, create, patch, delete or other.
    pub fn kind(&self) -> &'static str {
        Kind::NAMES[self.kind as usize]
    }

    /// The token that a patch or a delete is about.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Lets it through, and returns when it is carried out. A fault has the form of the control path's; one that is
    /// wrong there panics here.
    pub async fn pass(self, fault: Option<&Value>) {
        let fault =
            fault.map(|fault| Fault::read(fault).expect("a fault as README.md describes it"));
        let (done, carried_out) = oneshot::channel();
        if self.pass.send(Passed { fault, _done: done }).is_ok() {
            let _ = carried_out.await;
        }
    }
}

/// Announces a request to whoever holds the gate. What comes back waits until it is let through.
pub(crate) fn hold(
    shared: &Shared,
    received: &Received,
) -> Option<impl Future<Output = Result<Passed, Closed>> + use<>> {
    let mut gate = lock(&shared.gate);
    let holding = gate.as_ref()?;
    let (pass, passed) = oneshot::channel();
    let held = Held {
        kind: received.route.kind,
        id: received.route.id.clone(),
        body: received.body.to_vec(),
        pass,
    };
    if holding.send(held).is_err() {
        *gate = None;
        return None;
    }
    Some(async move { passed.await.map_err(|_| Closed) })
}
