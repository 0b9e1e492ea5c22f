//! Creating a token so that none is left behind unseen: a create is sent once, and when its reply is
//! lost, one's own tokens are looked through for it; the same when it was cancelled after it was sent. Nothing is
//! removed here: another process may have made a token of the same name.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::api::create::Create;
use crate::api::id::TokenId;
use crate::api::lenient;
use crate::api::list::{self, ListOwner};
use crate::client::attempts::Undelivered;
use crate::client::call::Call;
use crate::client::cancel;
use crate::client::log::Level;
use crate::client::monitor::Monitor;
use crate::client::reply::{self, Shape};
use crate::client::send::{Pace, send};
use crate::client::transport::Raw;
use crate::error::{Code, Error, Orphan, Result};

/// Kept back from the deadline for looking: a fifth of it, at most this long.
const LONGEST_RESERVE: Duration = Duration::from_secs(5);

/// How long a create that was cancelled may look for its token: its caller does not want to wait.
const LONGEST_LOOK: Duration = Duration::from_secs(3);
/// Before each look of a cancelled create: the service may still be at work.
const PAUSES: &[Duration] = &[
    Duration::ZERO,
    Duration::from_millis(400),
    Duration::from_millis(1_000),
];

/// The clock that stamps tokens may be behind the one that stamps replies by this much.
pub const CLOCK_SLACK: Duration = Duration::from_secs(10);

/// Sends a create once; where its outcome is unknown, the error says what is there.
pub async fn create(call: &Call<'_>, create: &Create) -> Result<Raw> {
    let started = Instant::now();
    let cancel = &call.monitor.cancel;
    if !cancel.begin_create() {
        return Err(cancel::nothing_sent());
    }
    let reserve = LONGEST_RESERVE.min(call.remaining() / 5);
    let patience = call.remaining() - reserve;
    let request = create.request(call.version);
    let sending = send(call, Pace::Kept, &request);
    let sent = cancel.unless_asked(tokio::time::timeout(patience, sending));
    let Some(sent) = sent.await else {
        let error = cancelled(call, create, started).await;
        cancel.answered();
        return Err(error);
    };
    let lost = match sent {
        Ok(Ok(delivered)) => match check(&delivered.raw) {
            Ok(()) => return Ok(delivered.raw),
            Err(error) => error,
        },
        Ok(Err(Undelivered {
            error,
            may_have_acted: true,
            ..
        })) => error,
        Ok(Err(Undelivered { error, .. })) if error.detail().status == Some(429) => {
            return Err(limited(call, create, started, error).await);
        }
        Ok(Err(Undelivered { error, .. })) => {
            cancel.nothing_made();
            return Err(nothing_made(error));
        }
        Err(_) if call.monitor.attempts() == 0 => return Err(never_sent(patience, call.monitor)),
        Err(_) => hung(patience),
    };
    let looking = look(call, create, started, Pace::Kept);
    let seen = match cancel.unless_asked(looking).await {
        Some(seen) => seen,
        None => look_for_a_while(call, create, started).await,
    };
    Err(report(lost, &create.name, seen))
}

/// A reply to a create: it holds the one secret that nobody ever sees again.
fn check(raw: &Raw) -> Result<()> {
    #[derive(Deserialize)]
    struct MadeToken {
        id: String,
        secret: Zeroizing<String>,
    }
    reply::check(raw, Shape::Object)?;
    match serde_json::from_slice::<MadeToken>(&raw.body) {
        Ok(made)
            if TokenId::parse("id", made.id.clone()).is_ok() && !made.secret.trim().is_empty() =>
        {
            Ok(())
        }
        _ => Err(
            Error::new(Code::ReplyInvalid, "the reply holds no id and secret")
                .with_status(raw.status),
        ),
    }
}

/// What became of a create that its caller does not wait for any more.
async fn cancelled(call: &Call<'_>, create: &Create, started: Instant) -> Error {
    if call.monitor.attempts() == 0 {
        return cancel::nothing_sent();
    }
    call.monitor.note(
        Level::Info,
        "a create was cancelled after it was sent: looking for its token",
    );
    let seen = look_for_a_while(call, create, started).await;
    let error = Error::new(Code::Cancelled, "the job was cancelled");
    report(error, &create.name, seen)
}

/// Looks a few times, since the service may still be at work, and not for long.
async fn look_for_a_while(call: &Call<'_>, create: &Create, started: Instant) -> Seen {
    let limit = LONGEST_LOOK.min(call.remaining());
    let mut seen = Seen::Unknown(Error::new(Code::Timeout, "no time was left to look"));
    let looking = async {
        for pause in PAUSES {
            tokio::time::sleep(*pause).await;
            seen = look(call, create, started, Pace::Kept).await;
            if !matches!(seen, Seen::None) {
                break;
            }
        }
    };
    // What was seen so far counts, also when the time was over in the middle of the next look.
    let _ = tokio::time::timeout(limit, looking).await;
    seen
}

/// A create that was refused for its rate. That is no promise that nobody carried it out: one look tells, without the
/// wait that was asked for, and what it cannot tell changes nothing.
async fn limited(call: &Call<'_>, create: &Create, started: Instant, error: Error) -> Error {
    let cancel = &call.monitor.cancel;
    let looking = look(call, create, started, Pace::Skipped);
    match cancel.unless_asked(looking).await {
        Some(seen @ Seen::Made(_)) => report(error, &create.name, seen),
        _ => {
            cancel.nothing_made();
            nothing_made(error)
        }
    }
}

fn never_sent(patience: Duration, monitor: &Monitor) -> Error {
    let (seconds, phase) = (patience.as_secs_f64(), monitor.phase().name());
    let message = format!(
        "the create was not sent within {seconds:.1} s (the call was {phase}), no token was made"
    );
    Error::new(Code::Timeout, message).retryable()
}

fn hung(patience: Duration) -> Error {
    let seconds = patience.as_secs_f64();
    Error::new(
        Code::Timeout,
        format!("no reply to the create within {seconds:.1} s"),
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
    /// A token of that name, made since the create was sent.
    Made(Orphan),
    /// A token of that name that was there before.
    Older(Orphan),
    None,
    Unknown(Error),
}

async fn look(call: &Call<'_>, create: &Create, started: Instant, pace: Pace) -> Seen {
    let mut request = list::request(call.version, &ListOwner::Me, None);
    request.repeatable = pace == Pace::Kept;
    let looking = send(call, pace, &request);
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
        .and_then(|now| now.checked_sub(started.elapsed()).ok())
        .and_then(|since| since.checked_sub(CLOCK_SLACK).ok());
    match list::elements(&raw.body) {
        Ok(tokens) => find(&tokens, &create.name, since),
        Err(error) => Seen::Unknown(error),
    }
}

fn find(tokens: &[&RawValue], name: &str, since: Option<Timestamp>) -> Seen {
    for token in tokens {
        let Some(fields) = lenient::fields(token) else {
            return Seen::Unknown(Error::new(
                Code::ReplyInvalid,
                "the list holds what is no token",
            ));
        };
        let text = |name| lenient::field(&fields, name).and_then(lenient::text);
        if text("name").as_deref() != Some(name) {
            continue;
        }
        let created = text("created");
        let made = created
            .as_deref()
            .and_then(|created| created.parse::<Timestamp>().ok());
        let orphan = Orphan {
            id: text("id").unwrap_or_default(),
            name: name.to_owned(),
            created,
        };
        return match (made, since) {
            (Some(made), Some(since)) if made < since => Seen::Older(orphan),
            _ => Seen::Made(orphan),
        };
    }
    Seen::None
}

/// Whether the service may still be at work on the create: then that none is there yet says little.
fn may_still_come(lost: &Error) -> bool {
    matches!(lost.code(), Code::Timeout | Code::Cancelled)
        || matches!(lost.detail().status, Some(502 | 504))
        || lost.code() == Code::ReplyInvalid
}

fn report(mut lost: Error, name: &str, seen: Seen) -> Error {
    let may_still_come = may_still_come(&lost);
    let detail = lost.detail_mut();
    let happened = match detail.code {
        Code::ServerError => "the create was sent once and the service failed",
        Code::ReplyInvalid => "the create was sent once and answered with what is no token",
        Code::Cancelled => "the create was sent and may have been carried out",
        Code::Unauthorized => "the create was sent once and its bearer refused",
        Code::RateLimited => "the create was sent once and refused for its rate",
        _ => "the create was sent once and its reply lost",
    };
    // A failure of the service and a cancelled job keep their codes, a refusal where nothing was made, too; whatever
    // else is a lost create.
    let refused = detail.code == Code::Unauthorized && matches!(seen, Seen::None | Seen::Older(_));
    if !refused && !matches!(detail.code, Code::ServerError | Code::Cancelled) {
        detail.code = Code::CreateLost;
    }
    let happened = format!("{happened}: {}", detail.message);
    detail.retryable = false;
    let (what, remedy) = match &seen {
        Seen::Made(orphan) => (
            format!(
                "The token '{name}' was made (id {}), its secret is lost",
                orphan.id
            ),
            format!("remove the token {} and create it again", orphan.id),
        ),
        Seen::Older(older) => (
            format!(
                "A token '{name}' was there before (id {}), and a name is unique: none was made",
                older.id
            ),
            "choose another name, or remove the older token first".to_owned(),
        ),
        Seen::None if may_still_come => (
            format!("No new token '{name}' is among one's own so far: none was made yet"),
            "the service may still be at work: list one's own tokens before creating it again"
                .to_owned(),
        ),
        Seen::None => {
            detail.retryable = true;
            (
                format!("No new token '{name}' is among one's own: none was made"),
                "create it again".to_owned(),
            )
        }
        Seen::Unknown(error) => (
            format!("Whether the token '{name}' was made could not be checked: {error}"),
            format!("list one's own tokens and look for '{name}' before creating it again"),
        ),
    };
    detail.message = format!("{happened}. {what}");
    detail.remedy = Some(remedy);
    if let Seen::Made(orphan) = seen {
        detail.orphan = Some(orphan);
    }
    lost
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(list: &str, since: &str) -> Seen {
        let tokens = list::elements(list.as_bytes()).unwrap();
        find(&tokens, "n", since.parse().ok())
    }

    fn made(created: &str, since: &str) -> Option<String> {
        let list = format!(
            r#"[{{"id":"a","name":"other"}},{{"id":"b","name":"n","created":"{created}"}}]"#
        );
        match seen(&list, since) {
            Seen::Made(orphan) => Some(orphan.id),
            _ => None,
        }
    }

    #[test]
    fn only_a_token_made_since_is_the_orphan() {
        let since = "2026-11-24T08:00:00Z";
        assert_eq!(
            made("2026-11-24T08:00:01.000Z", since).as_deref(),
            Some("b")
        );
        assert_eq!(made("2026-11-24T07:59:59.999Z", since), None);
        assert_eq!(made("unreadable", since).as_deref(), Some("b"));
        assert_eq!(
            made("2026-11-24T07:59:59.999Z", "no clock").as_deref(),
            Some("b")
        );
        let older = seen(
            r#"[{"id":"b","name":"n","created":"2026-01-01T00:00:00Z"}]"#,
            since,
        );
        assert!(matches!(older, Seen::Older(_)));
    }

    #[test]
    fn odd_values_hide_no_token_and_what_is_no_token_is_no_answer() {
        let odd = r#"[{"id":7,"name":"n","accessTokenValiditySeconds":"900","scope":5}]"#;
        assert!(matches!(seen(odd, ""), Seen::Made(orphan) if orphan.id == "7"));
        let before =
            r#"[{"id":"a","name":"\ud800","n":1e400},{"id":"c","id":"b","name":"n","created":1}]"#;
        assert!(matches!(seen(before, ""), Seen::Made(orphan) if orphan.id == "b"));
        assert!(matches!(seen("[1]", ""), Seen::Unknown(_)));
        assert!(matches!(seen("[]", ""), Seen::None));
    }
}
