//! The error numbers as C sees them. cbindgen reads this file as text, so the numbers stand here as
//! literals; a test holds them against the list in `error`.

#![allow(missing_docs)]

/// No error.
pub const PAT_OK: i32 = 0;
/// A fault of this library; please report it.
pub const PAT_E_INTERNAL: i32 = 1;
/// A pointer that must not be NULL was.
pub const PAT_E_NULL_ARGUMENT: i32 = 2;
/// A string was not UTF-8.
pub const PAT_E_INVALID_UTF8: i32 = 3;
/// The request is not JSON, or nests too deep.
pub const PAT_E_INVALID_JSON: i32 = 4;
/// A field of the request breaks a rule; `field` names it.
pub const PAT_E_INVALID_REQUEST: i32 = 5;
/// No operation of that name.
pub const PAT_E_UNKNOWN_OPERATION: i32 = 6;
/// The handle is not, or no longer, valid; or the job's reply was taken before.
pub const PAT_E_INVALID_HANDLE: i32 = 7;
/// Called in a process that was forked after the library's first use.
pub const PAT_E_FORKED: i32 = 8;
/// Base URL, client id or client secret were found nowhere.
pub const PAT_E_SETTINGS_MISSING: i32 = 9;
/// A setting was found and breaks a rule.
pub const PAT_E_SETTINGS_INVALID: i32 = 10;
/// 403: the credential lacks the right.
pub const PAT_E_FORBIDDEN: i32 = 11;
/// 404, or no token of that id in the whole tenant.
pub const PAT_E_NOT_FOUND: i32 = 12;
/// The token is not one's own, and the tenant's may not be listed.
pub const PAT_E_NOT_VISIBLE: i32 = 13;
/// 401 that stayed after one fresh sign-in.
pub const PAT_E_UNAUTHORIZED: i32 = 14;
/// The token endpoint refused the credential.
pub const PAT_E_SIGN_IN_FAILED: i32 = 15;
/// 400 or another 4xx: the service refused the request.
pub const PAT_E_REFUSED: i32 = 16;
/// 429, or the library's own pacing would pass the deadline.
pub const PAT_E_RATE_LIMITED: i32 = 17;
/// 5xx.
pub const PAT_E_SERVER_ERROR: i32 = 18;
/// 3xx: redirects are never followed.
pub const PAT_E_REDIRECT_REFUSED: i32 = 19;
/// Name resolution, connecting or the connection itself failed.
pub const PAT_E_CONNECTION_FAILED: i32 = 20;
/// The TLS handshake or the certificate failed.
pub const PAT_E_TLS_FAILED: i32 = 21;
/// The CA file cannot be read or holds no certificate.
pub const PAT_E_CA_FILE_UNREADABLE: i32 = 22;
/// The proxy failed.
pub const PAT_E_PROXY_FAILED: i32 = 23;
/// The proxy wants a login.
pub const PAT_E_PROXY_AUTH_REQUIRED: i32 = 24;
/// The call's deadline passed.
pub const PAT_E_TIMEOUT: i32 = 25;
/// The job was cancelled.
pub const PAT_E_CANCELLED: i32 = 26;
/// The reply, or its headers, are larger than the limit.
pub const PAT_E_REPLY_TOO_LARGE: i32 = 27;
/// The reply is not what the service sends: HTML, half a body, not JSON, too deep.
pub const PAT_E_REPLY_INVALID: i32 = 28;
/// A create was sent and its reply lost; `orphan` names the token where one is visible.
pub const PAT_E_CREATE_LOST: i32 = 29;
/// The job is still running.
pub const PAT_E_NOT_FINISHED: i32 = 30;
/// A pair could not be stored, read back or read.
pub const PAT_E_STORE_FAILED: i32 = 31;
/// The library's own folder (journals, profiles, change log) cannot be read or written.
pub const PAT_E_STATE_FAILED: i32 = 32;
/// A rotation was refused before anything was made, or taken back: the old token is as before.
pub const PAT_E_ROTATION_REFUSED: i32 = 33;
/// Another rotation of the same token is under way.
pub const PAT_E_ROTATION_BUSY: i32 = 34;
/// A rotation stopped half way: nothing is lost, resume or undo it.
pub const PAT_E_ROTATION_UNFINISHED: i32 = 35;
/// No rotation of that id.
pub const PAT_E_ROTATION_UNKNOWN: i32 = 36;
/// No profile of that name.
pub const PAT_E_PROFILE_UNKNOWN: i32 = 37;
/// The base URL of one place would go with the pair of another; the message names both.
pub const PAT_E_SETTINGS_MIXED: i32 = 38;

#[cfg(test)]
mod tests {
    use crate::error::Code;

    #[test]
    fn the_numbers_are_those_of_the_list() {
        let source = include_str!("codes.rs");
        for code in Code::ALL {
            let name = code.name().to_uppercase();
            let line = format!("pub const PAT_E_{name}: i32 = {};", code.number());
            assert!(source.contains(&line), "missing: {line}");
        }
        assert_eq!(
            source.matches("\npub const PAT_E_").count(),
            Code::ALL.len()
        );
    }
}
