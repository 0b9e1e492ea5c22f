//! The one error type and the closed list of codes that every layer uses.
//!
//! A code's name and number never change meaning and are never reused: C callers compile the numbers
//! in (`PAT_E_…` in the header), scripts compare the names. Whoever raises an error adds what the
//! reader can do next (`remedy`) where there is something to do.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $number:literal, $name:literal;)*) => {
        /// What went wrong, as a stable name and number.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u16)]
        pub enum Code { $($(#[$doc])* $variant = $number),* }

        impl Code {
            /// Every code there is, in the order of the numbers.
            pub const ALL: &'static [Code] = &[$(Code::$variant),*];

            /// The stable name, as in the envelope's `error.code`.
            pub const fn name(self) -> &'static str {
                match self { $(Code::$variant => $name),* }
            }
        }
    };
}

codes! {
    /// A fault of this library; please report it.
    Internal = 1, "internal";
    /// A pointer that must not be NULL was.
    NullArgument = 2, "null_argument";
    /// A string was not UTF-8.
    InvalidUtf8 = 3, "invalid_utf8";
    /// The request is not JSON, or too deep.
    InvalidJson = 4, "invalid_json";
    /// A field of the request breaks a rule; `field` names it.
    InvalidRequest = 5, "invalid_request";
    /// No operation of that name.
    UnknownOperation = 6, "unknown_operation";
    /// The handle is not (or no longer) valid.
    InvalidHandle = 7, "invalid_handle";
    /// Called in a process that forked after the library's first use.
    Forked = 8, "forked";
    /// Base URL, client id or client secret were found nowhere.
    SettingsMissing = 9, "settings_missing";
    /// A setting was found and breaks a rule.
    SettingsInvalid = 10, "settings_invalid";
    /// 403: the credential lacks the right.
    Forbidden = 11, "forbidden";
    /// 404, or no token of that id in the whole tenant.
    NotFound = 12, "not_found";
    /// The token is not one's own, and the tenant's may not be listed.
    NotVisible = 13, "not_visible";
    /// 401 that stayed after one fresh sign-in.
    Unauthorized = 14, "unauthorized";
    /// The token endpoint refused the credential.
    SignInFailed = 15, "sign_in_failed";
    /// 400 or another 4xx: the service refused the request.
    Refused = 16, "refused";
    /// 429, or this library's own pacing would pass the deadline.
    RateLimited = 17, "rate_limited";
    /// 5xx.
    ServerError = 18, "server_error";
    /// 3xx: redirects are never followed.
    RedirectRefused = 19, "redirect_refused";
    /// Name resolution, connecting or the connection itself failed.
    ConnectionFailed = 20, "connection_failed";
    /// The TLS handshake or the certificate failed.
    TlsFailed = 21, "tls_failed";
    /// The CA file cannot be read or holds no certificate.
    CaFileUnreadable = 22, "ca_file_unreadable";
    /// The proxy failed.
    ProxyFailed = 23, "proxy_failed";
    /// The proxy wants a login.
    ProxyAuthRequired = 24, "proxy_auth_required";
    /// The call's deadline passed.
    Timeout = 25, "timeout";
    /// The job was cancelled; of a create that was sent, `orphan` names the token where one is visible; `rotation`
    /// is what it had begun.
    Cancelled = 26, "cancelled";
    /// The reply, or its headers, are larger than the limit.
    ReplyTooLarge = 27, "reply_too_large";
    /// The reply is not what the service sends (HTML, half a body, not JSON, too deep).
    ReplyInvalid = 28, "reply_invalid";
    /// A create was sent and its reply lost; `orphan` names the token where one is visible.
    CreateLost = 29, "create_lost";
    /// The job is still running.
    NotFinished = 30, "not_finished";
    /// A pair could not be stored, read back or read.
    StoreFailed = 31, "store_failed";
    /// The library's own folder (journals, profiles, change log) cannot be read or written.
    StateFailed = 32, "state_failed";
    /// A rotation was refused before anything was made, or taken back: the old token is as before.
    RotationRefused = 33, "rotation_refused";
    /// Another rotation of the same token is under way.
    RotationBusy = 34, "rotation_busy";
    /// A rotation stopped half way: nothing is lost, resume or undo it.
    RotationUnfinished = 35, "rotation_unfinished";
    /// No rotation of that id.
    RotationUnknown = 36, "rotation_unknown";
    /// No profile of that name.
    ProfileUnknown = 37, "profile_unknown";
    /// The base URL of one place would go with the pair of another; the message names both.
    SettingsMixed = 38, "settings_mixed";
}

impl Code {
    /// The stable number, as in the envelope's `error.number`.
    pub const fn number(self) -> u16 {
        self as u16
    }
}

/// A token that a lost create left behind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Orphan {
    pub id: String,
    pub name: String,
    pub created: Option<String>,
}

/// Header names and values of a reply, in the order they came; repeated names are grouped.
pub type Headers = Vec<(String, Vec<String>)>;

/// An error as callers see it. Boxed, so that results stay small.
#[derive(Clone, Debug)]
pub struct Error(Box<Detail>);

/// The fields of an [`Error`].
#[derive(Clone, Debug)]
pub struct Detail {
    pub code: Code,
    pub message: String,
    /// HTTP status, where a reply came.
    pub status: Option<u16>,
    /// The field or setting concerned.
    pub field: Option<String>,
    /// What to do next.
    pub remedy: Option<String>,
    /// Whether the same call may succeed later without a change.
    pub retryable: bool,
    /// How long to wait first, where known.
    pub retry_after: Option<Duration>,
    /// The reply's body as it came.
    pub body: Option<String>,
    pub tracking_id: Option<String>,
    /// The reply's headers, where a reply came.
    pub headers: Option<Headers>,
    pub orphan: Option<Orphan>,
    /// The rotation that a cancelled call had begun.
    pub rotation: Option<String>,
}

impl Error {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Error(Box::new(Detail {
            code,
            message: message.into(),
            status: None,
            field: None,
            remedy: None,
            retryable: false,
            retry_after: None,
            body: None,
            tracking_id: None,
            headers: None,
            orphan: None,
            rotation: None,
        }))
    }

    /// A request whose `field` breaks `rule`.
    pub fn field(field: impl Into<String>, rule: impl fmt::Display) -> Self {
        let field = field.into();
        Error::new(Code::InvalidRequest, format!("{field}: {rule}")).with_field(field)
    }

    /// A setting that breaks `rule`.
    pub fn setting(field: impl Into<String>, rule: impl fmt::Display) -> Self {
        let field = field.into();
        Error::new(Code::SettingsInvalid, format!("{field}: {rule}")).with_field(field)
    }

    pub fn with_field(mut self, field: impl Into<String>) -> Self {
        self.0.field = Some(field.into());
        self
    }

    pub fn with_remedy(mut self, remedy: impl Into<String>) -> Self {
        self.0.remedy = Some(remedy.into());
        self
    }

    pub fn with_status(mut self, status: u16) -> Self {
        self.0.status = Some(status);
        self
    }

    pub fn retryable(mut self) -> Self {
        self.0.retryable = true;
        self
    }

    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    pub fn code(&self) -> Code {
        self.0.code
    }

    pub fn detail(&self) -> &Detail {
        &self.0
    }

    pub fn detail_mut(&mut self) -> &mut Detail {
        &mut self.0
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Error {}

pub type Result<T> = std::result::Result<T, Error>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_without_gaps() {
        let numbers: Vec<u16> = Code::ALL.iter().map(|code| code.number()).collect();
        assert_eq!(numbers, (1..=Code::ALL.len() as u16).collect::<Vec<_>>());
        let mut names: Vec<&str> = Code::ALL.iter().map(|code| code.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Code::ALL.len());
    }
}
