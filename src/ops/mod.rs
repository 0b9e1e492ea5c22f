//! One table: operation name -> what runs it. C and PowerShell both go through it.
//!
//! Here a request's JSON becomes typed, and a reply or error becomes an envelope. It calls `client`
//! and `api`; `ffi` calls it. A new operation is one row in [`OPERATIONS`].

pub mod about;
mod creating;
pub mod envelope;
mod local;
mod requests;
mod rotations;

use std::pin::Pin;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::client::surroundings::Surroundings;
use crate::client::{Answer, Client, Context, cancel};
use crate::error::{Code, Error, Result};
use crate::ops::envelope::{Envelope, Form};
use crate::store::keyring::session::Session;

type Running = Pin<Box<dyn Future<Output = Result<Answer>> + Send>>;

/// One operation that callers can name.
pub struct Operation {
    pub name: &'static str,
    run: fn(Arc<Client>, Zeroizing<String>, Context) -> Running,
}

/// Every operation there is.
pub static OPERATIONS: &[Operation] = &[
    Operation {
        name: "create",
        run: |client, json, context| Box::pin(creating::create(client, json, context)),
    },
    Operation {
        name: "list",
        run: |client, json, context| Box::pin(requests::list(client, json, context)),
    },
    Operation {
        name: "get",
        run: |client, json, context| Box::pin(requests::get(client, json, context)),
    },
    Operation {
        name: "update",
        run: |client, json, context| Box::pin(requests::update(client, json, context)),
    },
    Operation {
        name: "delete",
        run: |client, json, context| Box::pin(requests::delete(client, json, context)),
    },
    Operation {
        name: "bearer",
        run: |client, json, context| Box::pin(requests::bearer(client, json, context)),
    },
    Operation {
        name: "settings",
        run: |client, json, context| Box::pin(requests::settings(client, json, context)),
    },
    Operation {
        name: "rotate",
        run: |client, json, context| Box::pin(rotations::rotate(client, json, context)),
    },
    Operation {
        name: "rotation_plan",
        run: |client, json, context| Box::pin(rotations::plan(client, json, context)),
    },
    Operation {
        name: "rotation_list",
        run: |client, json, context| Box::pin(rotations::list(client, json, context)),
    },
    Operation {
        name: "rotation_resume",
        run: |client, json, context| Box::pin(rotations::resume(client, json, context)),
    },
    Operation {
        name: "rotation_undo",
        run: |client, json, context| Box::pin(rotations::undo(client, json, context)),
    },
    Operation {
        name: "doctor",
        run: |client, json, context| Box::pin(requests::doctor(client, json, context)),
    },
    Operation {
        name: "profiles",
        run: |client, json, context| Box::pin(local::profiles(client, json, context)),
    },
    Operation {
        name: "profile_set",
        run: |client, json, context| Box::pin(local::profile_set(client, json, context)),
    },
    Operation {
        name: "profile_remove",
        run: |client, json, context| Box::pin(local::profile_remove(client, json, context)),
    },
    Operation {
        name: "change_log",
        run: |client, json, context| Box::pin(local::change_log(client, json, context)),
    },
    #[cfg(feature = "panic-operation")]
    Operation {
        name: "panic",
        run: |_, _, _| Box::pin(async { panic!("asked for by a test") }),
    },
];

/// An answer that no single reply of the service gave. What comes from below is typed; it becomes JSON here.
fn local(data: &impl serde::Serialize) -> Answer {
    Answer {
        status: None,
        data: serde_json::to_vec(data).unwrap_or_default(),
        request_id: None,
        deprecated: false,
        note: None,
        headers: None,
        handed: None,
    }
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
