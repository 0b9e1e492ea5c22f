//! A call follows a rotation: where its credential is refused, its source is asked anew, since somebody may just have
//! rotated it, and what was changed is used for one more try.

use std::sync::{Arc, Mutex};

use crate::client::begun::{Begun, Context, InForce, timed_out};
use crate::client::call::Call;
use crate::client::log::Level;
use crate::client::redact;
use crate::client::settings::Settings;
use crate::client::work::Work;
use crate::error::Result;

/// Runs an operation with resolved settings in the time of its call; its error leaves without secrets. `find_anew`
/// gives the settings in force, and trusts nothing that a source gave before.
pub async fn run<W: Work>(
    settings: &Settings,
    begun: &Begun,
    context: &Context,
    work: W,
    find_anew: impl AsyncFnOnce() -> Result<Arc<InForce>>,
) -> Result<W::Done> {
    let in_force = begun.in_force()?;
    let result = attempt(settings, begun, in_force, context, &work).await;
    if !result.as_ref().is_err_and(|error| work.may_go_again(error)) {
        return result;
    }
    let looking = tokio::time::timeout(begun.remaining(), find_anew());
    let Ok(Ok(now)) = looking.await else {
        return result;
    };
    let moved = now.resolved.base_url != in_force.resolved.base_url;
    if moved || now.resolved.credential.number == in_force.resolved.credential.number {
        // A call stays with its tenant, whatever the places say meanwhile.
        return result;
    }
    context.monitor.note(
        Level::Info,
        "the credential was refused and has changed: again with the new one",
    );
    attempt(settings, begun, &now, context, &work).await
}

async fn attempt<W: Work>(
    settings: &Settings,
    begun: &Begun,
    in_force: &InForce,
    context: &Context,
    work: &W,
) -> Result<W::Done> {
    let resolved = &in_force.resolved;
    let connections = context
        .pool
        .connections(&resolved.credential, &resolved.wire, begun.deadline)
        .await?;
    let call = Call {
        settings,
        resolved,
        version: begun.version,
        deadline: begun.deadline,
        monitor: &context.monitor,
        connections,
        bearers: Mutex::default(),
    };
    let working = tokio::time::timeout(call.remaining(), Box::pin(work.perform(&call)));
    let result = working
        .await
        .unwrap_or_else(|_| Err(timed_out(begun.timeout, &context.monitor)));
    match result {
        Ok(done) => Ok(work.without_secrets(done, call.redactor())),
        Err(error) => Err(redact::error(error, call.redactor(), W::CREATES)),
    }
}
