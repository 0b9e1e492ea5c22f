//! Operations by name. C and PowerShell both go through them.
//!
//! Here a request's JSON becomes typed, and a reply or error becomes an envelope. The one table of operations is in
//! `table`.

pub mod about;
mod answers;
mod creating;
pub mod envelope;
mod local;
mod options;
mod requests;
mod rotations;
mod table;

use std::pin::Pin;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::client::surroundings::Surroundings;
use crate::client::{Answer, Client, Context, cancel};
use crate::error::{Code, Error, Result};
use crate::ops::envelope::{Envelope, Form};
use crate::store::keyring::session::Session;

pub use table::OPERATIONS;

type Running = Pin<Box<dyn Future<Output = Result<Answer>> + Send>>;

/// One operation that callers can name.
pub struct Operation {
    pub name: &'static str,
    /// The C function of its own; without one it is called by its name alone.
    pub function: Option<&'static str>,
    /// What its replies are, as docs/schema has them; its request there is called as it is itself.
    pub replies: &'static [&'static str],
    /// The command of the PowerShell module that calls it.
    pub command: Option<&'static str>,
    run: fn(Arc<Client>, Zeroizing<String>, Context) -> Running,
}

/// The operation called `name`.
pub fn find(name: &str) -> Result<&'static Operation> {
    OPERATIONS
        .iter()
        .find(|operation| operation.name == name)
        .ok_or_else(|| {
            let names: Vec<&str> = OPERATIONS.iter().map(|operation| operation.name).collect();
            let asked: String = name.chars().take(40).collect();
            let message = format!("no operation '{asked}'; there are {}", names.join(", "));
            Error::new(Code::UnknownOperation, message).with_field("operation")
        })
}

/// The session that the client's keyring is in: the caller's, where it handed over its environment.
fn session(client: &Client) -> Session {
    let settings = client.settings();
    if !settings.has_environment() {
        return Session::OfProcess;
    }
    let surroundings = Surroundings::new(settings.variables(), None);
    let value = |name| surroundings.get(name).map(str::to_owned);
    Session::Given {
        bus: value("DBUS_SESSION_BUS_ADDRESS"),
        runtime: value("XDG_RUNTIME_DIR"),
    }
}

impl Operation {
    /// Runs the operation and wraps up whatever comes of it.
    pub async fn run(
        &self,
        client: Arc<Client>,
        json: Zeroizing<String>,
        context: Context,
    ) -> Envelope {
        let with_log = client.settings().reply_log;
        let monitor = context.monitor.clone();
        if !monitor.cancel.begin() {
            return envelope::refused(&cancel::nothing_sent());
        }
        let session = session(&client);
        let result = session.around((self.run)(client, json, context)).await;
        envelope::wrap(result, self.form(), &monitor, with_log)
    }

    /// How a pair that is handed to the caller shows in the reply.
    fn form(&self) -> Form {
        match self.name {
            "create" => Form::Secret,
            _ => Form::Pair,
        }
    }
}
