//! Creating a token so that none is left behind unseen: a create is sent once, and when its reply is
//! lost, one's own tokens are looked through for it. Nothing is removed here: another process may have
//! made a token of the same name.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::value::RawValue;

use crate::api::create::Create;
use crate::api::list::{self, Owner};
use crate::api::token::Token;
use crate::client::reply::{self, Shape};
use crate::client::send::{Call, Door, Undelivered, send};
use crate::client::transport::Raw;
use crate::error::{Code, Error, Orphan, Result};

/// Kept back from the deadline for looking: a fifth of it, at most this long.
const LONGEST_RESERVE: Duration = Duration::from_secs(5);

/// Sends a create once; where its outcome is unknown, the error says what is there.
pub async fn create(call: &Call<'_>, create: &Create) -> Result<Raw> {
    let started = Instant::now();
    let reserve = LONGEST_RESERVE.min(call.remaining() / 5);
    let patience = call.remaining() - reserve;
    let sending = send(call, Door::Service, &create.request);
    let lost = match tokio::time::timeout(patience, sending).await {
        Ok(Ok(delivered)) => match reply::check(&delivered.raw, Shape::Object) {
            Ok(()) => return Ok(delivered.raw),
            Err(error) => error,
        },
        Ok(Err(Undelivered {
            error,
            may_have_acted: true,
            ..
        })) => error,
        Ok(Err(Undelivered { error, .. })) => return Err(nothing_made(error)),
        Err(_) if call.monitor.attempts() == 0 => return Err(nothing_made(never_sent(patience))),
        Err(_) => hung(patience),
    };
    let seen = look(call, create, started).await;
    Err(report(lost, &create.name, seen))
}

fn never_sent(patience: Duration) -> Error {
    let seconds = patience.as_secs_f64();
    Error::new(
        Code::Timeout,
        format!("no sign-in within {seconds} s, the create was not sent"),
    )
    .retryable()
}

fn hung(patience: Duration) -> Error {
    Error::new(
        Code::Timeout,
        format!("no reply to the create within {} s", patience.as_secs_f64()),
    )
}

/// A create that was refused or never left: it is safe to say so.
fn nothing_made(mut error: Error) -> Error {
    let detail = error.detail_mut();
    if matches!(
        detail.code,
        Code::ConnectionFailed | Code::TlsFailed | Code::ProxyFailed
    ) {
        detail
            .message
            .push_str("; nothing was sent, no token was made");
    }
    error
}

/// What one's own list says about a lost create.
enum Seen {
    Made(Orphan),
    None,
    Unknown(Error),
}

async fn look(call: &Call<'_>, create: &Create, started: Instant) -> Seen {
    let request = list::request(call.version, &Owner::Me, None);
    let looking = send(call, Door::Service, &request);
    let raw = match tokio::time::timeout(call.remaining(), looking).await {
        Ok(Ok(delivered)) => delivered.raw,
        Ok(Err(undelivered)) => return Seen::Unknown(undelivered.error),
        Err(_) => return Seen::Unknown(Error::new(Code::Timeout, "no time was left to look")),
    };
    if let Err(error) = reply::check(&raw, Shape::Array) {
        return Seen::Unknown(error);
    }
    // The server's clock when the create was sent, at the earliest.
    let since = call
        .resolved
        .credential
        .server_time()
        .and_then(|now| now.checked_sub(started.elapsed()).ok());
    match list::elements(&raw.body) {
        Ok(tokens) => find(&tokens, &create.name, since),
        Err(error) => Seen::Unknown(error),
    }
}

fn find(tokens: &[&RawValue], name: &str, since: Option<Timestamp>) -> Seen {
    let orphan = tokens
        .iter()
        .filter_map(|token| serde_json::from_str::<Token>(token.get()).ok())
        .filter(|token| token.name == name)
        .find(|token| match (token.created_at(), since) {
            (Some(created), Some(since)) => created >= since,
            _ => true,
        });
    match orphan {
        Some(token) => Seen::Made(Orphan {
            id: token.id,
            name: token.name,
            created: token.created,
        }),
        None => Seen::None,
    }
}

fn report(mut lost: Error, name: &str, seen: Seen) -> Error {
    // A reply that came keeps its own code and body; a lost one is a lost create.
    let timed_out = lost.code() == Code::Timeout;
    let detail = lost.detail_mut();
    if detail.code != Code::ServerError {
        detail.code = Code::CreateLost;
    }
    let reason = std::mem::take(&mut detail.message);
    detail.retryable = false;
    match seen {
        Seen::Made(orphan) => {
            detail.message = format!(
                "the create was sent once and its reply lost: {reason}. The token '{name}' was made \
                 (id {}), its secret is lost",
                orphan.id
            );
            detail.remedy = Some(format!(
                "remove the token {} and create it again",
                orphan.id
            ));
            detail.orphan = Some(orphan);
        }
        Seen::None => {
            detail.message = format!(
                "the create was sent once and its reply lost: {reason}. No new token '{name}' is \
                 among one's own: none was made"
            );
            detail.retryable = !timed_out;
            detail.remedy = Some(if timed_out {
                "the service may still be at work: list one's own tokens before creating it again"
                    .to_owned()
            } else {
                "create it again".to_owned()
            });
        }
        Seen::Unknown(error) => {
            detail.message = format!(
                "the create was sent once and its reply lost: {reason}. Whether the token '{name}' \
                 was made could not be checked: {error}"
            );
            detail.remedy = Some(format!(
                "list one's own tokens and look for '{name}' before creating it again"
            ));
        }
    }
    lost
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(created: &str, since: &str) -> bool {
        let json = format!(
            r#"[{{"id":"a","name":"other"}},{{"id":"b","name":"n","created":"{created}"}}]"#
        );
        let tokens = list::elements(json.as_bytes()).unwrap();
        matches!(find(&tokens, "n", since.parse().ok()), Seen::Made(orphan) if orphan.id == "b")
    }

    #[test]
    fn only_a_token_made_since_is_the_orphan() {
        assert!(seen("2026-11-24T08:00:01.000Z", "2026-11-24T08:00:00Z"));
        assert!(!seen("2026-11-24T07:59:59.999Z", "2026-11-24T08:00:00Z"));
        assert!(seen("unreadable", "2026-11-24T08:00:00Z"));
        assert!(seen("2026-11-24T07:59:59.999Z", "no clock"));
    }
}
