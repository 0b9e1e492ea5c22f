//! The exported functions. Their comments are the header's text (cbindgen copies them), so they are
//! written for C callers. Plain functions, not made by a macro: cbindgen would not see those.

#![allow(non_camel_case_types)]
// The safety rule is one for all and stands on the header's first page: strings in are NULL or
// NUL-terminated and stay unchanged during the call, strings to free came from here.
#![allow(clippy::missing_safety_doc)]

use std::ffi::c_char;
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::client::Client;
use crate::error::Result;
use crate::ffi::{calls, clients, guard, jobs, text};
use crate::ops::about;
use crate::ops::envelope::{self, Envelope};

/// A client: settings of its own. Never 0, not even where none could be made; 0 stands for the default client where
/// a client is taken.
pub type pat_client = u64;

/// A job: one call under way on the library's threads. Never 0.
pub type pat_job = u64;

/// The version of this interface that the library speaks; compare it with PAT_ABI_VERSION of the
/// header. Never fails.
#[unsafe(no_mangle)]
pub extern "C" fn pat_abi_version() -> u32 {
    about::ABI_VERSION
}

/// What the library is: data holds version, abiVersion, apiVersions, operations, errors,
/// environmentVariables.
///
/// @return an envelope; free it with pat_string_free.
#[unsafe(no_mangle)]
pub extern "C" fn pat_version() -> *mut c_char {
    guard::reply(|| Ok(about::version()))
}

/// Gives the default client settings. They replace those of an earlier call; "{}" goes back to
/// following the surroundings. Calls under way keep the settings they began with.
///
/// @param json {"baseUrl","clientId","clientSecret", ...}, all optional; README.md lists them all.
/// @return an envelope with data null; free it with pat_string_free. Errors: PAT_E_SETTINGS_INVALID,
/// PAT_E_INVALID_JSON. Nothing is sent: whether the settings work shows at the next call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pat_configure(json: *const c_char) -> *mut c_char {
    guard::reply(|| {
        // SAFETY: the caller's promise.
        let json = unsafe { text::read("json", json) }?;
        clients::configure(&json)?;
        Ok(envelope::local(&()))
    })
}

/// Makes a personal access token for whoever the client signs in as. Blocks until the reply is there.
/// It is sent once, whatever happens; when its reply is lost, the error (PAT_E_CREATE_LOST) names
/// the token that was made, if one is visible, as orphan.
///
/// @param json the create body itself: {"name": 1 to 255 characters, "scope": ["..."], default
/// ["sp:scopes:all"], "accessTokenValiditySeconds": 15 to 43200, default 43200, "expirationDate":
/// ISO 8601, default and at most six months ahead in v2024}. From v2025 on the expiry has no limit, and
/// none at all needs "userAwareTokenNeverExpires": true. With options it is {"body": the create body,
/// "apiVersion", "timeoutMs", "storeIn"}; an option within a body is refused. A program that passes on a
/// body which it did not make itself always puts it into "body": a text that stands alone can hold "body"
/// and options of its own. "storeIn" is as for pat_rotate: then the token is made and its pair stored in one
/// step, or none is made, and the reply shows no secret but to {"caller": true}.
/// @return an envelope whose data is the service's reply, the only one that ever shows the secret; free
/// it with pat_string_free, which wipes it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pat_create(json: *const c_char) -> *mut c_char {
    // SAFETY: the caller's promise.
    unsafe { call_default("create", json) }
}

/// Lists tokens. Blocks until the whole list is there; the service knows no pages.
///
/// @param json {"ownerId": "me", an identity's id, or none for the whole tenant, "filters":
/// "lastUsed le <ISO 8601>" or "lastUsed isnull"}; also "apiVersion", "timeoutMs". "{}" lists the tenant.
/// @return an envelope whose data is the service's array; free it with pat_string_free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pat_list(json: *const c_char) -> *mut c_char {
    // SAFETY: the caller's promise.
    unsafe { call_default("list", json) }
}

/// Finds one token by its id, in one's own list first, then in the tenant's. Blocks.
///
/// @param json {"id": "..."}; also "apiVersion", "timeoutMs".
/// @return an envelope whose data is the token; free it with pat_string_free. Errors: PAT_E_NOT_FOUND,
/// and PAT_E_NOT_VISIBLE where the tenant may not be listed, so that nobody can say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pat_get(json: *const c_char) -> *mut c_char {
    // SAFETY: the caller's promise.
    unsafe { call_default("get", json) }
}

/// Changes a token by JSON Patch (RFC 6902). Blocks.
///
/// @param json {"id": "...", "patch": [{"op","path","value"}]}; also "apiVersion", "timeoutMs". v2024
/// takes changes of /name and /scope, v2025 and later also of /expirationDate and
/// /userAwareTokenNeverExpires. Only one's own tokens can be changed.
/// @return an envelope whose data is the token as it is now; free it with pat_string_free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pat_update(json: *const c_char) -> *mut c_char {
    // SAFETY: the caller's promise.
    unsafe { call_default("update", json) }
}

/// Removes a token. Blocks. Where a first attempt's reply was lost and the next one finds the token
/// gone, that is a success, with a note in meta.
///
/// @param json {"id": "..."}; also "apiVersion", "timeoutMs".
/// @return an envelope with data null; free it with pat_string_free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pat_delete(json: *const c_char) -> *mut c_char {
    // SAFETY: the caller's promise.
    unsafe { call_default("delete", json) }
}

/// Rotates a token: makes a new one with the same scope, validity and length of life, proves that it signs
/// in, stores its pair, removes the old one and gives the new one its name. Blocks, for seconds. Each step
/// is in a journal on disk before the next; whatever interrupts it, nothing is lost, and
/// pat_rotation_resume carries on or takes back. docs/rotation.md has the states.
///
/// @param json {"id": one's own token, default the one in use, "storeIn": where the new pair goes, default
/// back to where the old one came from: {"file": path, "format": "json" or "dotenv"}, {"command": [program,
/// arguments...], "commandTimeoutMs"}, {"commandLine": an environment of the official command line, or true
/// for the active one, "file": its config.yaml}, {"keyring": account of the system's keyring},
/// {"environment": true} (no other thread may use variables meanwhile)
/// or {"caller": true}: the reply holds the pair, once; store it, read it back and confirm it with
/// pat_rotation_resume. "overlapSeconds": how long both tokens live, default 0, "verifySeconds": how long
/// the new token may take to sign in, default 60, "expirationDate": ISO 8601}; also "apiVersion",
/// "timeoutMs", which holds for each request. The store has its own limit: a command "commandTimeoutMs", 30 s,
/// for each check, store and read.
/// @return an envelope whose data is the rotation; free it with pat_string_free. Errors:
/// PAT_E_ROTATION_REFUSED (nothing changed), PAT_E_ROTATION_BUSY, PAT_E_ROTATION_UNFINISHED (the message
/// says what works), PAT_E_STORE_FAILED, PAT_E_STATE_FAILED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pat_rotate(json: *const c_char) -> *mut c_char {
    // SAFETY: the caller's promise.
    unsafe { call_default("rotate", json) }
}

/// Says what pat_rotate would do with the same request, and refuses what it would refuse by itself. Nothing is
/// sent, and nothing is changed.
///
/// @param json as for pat_rotate; with "create": true, where pat_create with that "storeIn" would put a pair.
/// @return an envelope whose data is {"id": the token, null for a create, "baseUrl", "storeIn": the store,
/// "storedIn": the same in words, "profile": the one in force, or null}; free it with pat_string_free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pat_rotation_plan(json: *const c_char) -> *mut c_char {
    // SAFETY: the caller's promise.
    unsafe { call_default("rotation_plan", json) }
}

/// Lists the rotations on this machine, from their journals; nothing is sent.
///
/// @param json {"id": only those of this token, "unfinished": true for only those to look after}.
/// @return an envelope whose data is an array, the newest first; free it with pat_string_free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pat_rotation_list(json: *const c_char) -> *mut c_char {
    // SAFETY: the caller's promise.
    unsafe { call_default("rotation_list", json) }
}

/// Carries a rotation on: after a crash, at the end of the overlap, or when its caller confirms the pair.
/// One whose new secret was lost is taken back. Before the overlap ends nothing happens. Blocks.
///
/// @param json {"rotation": its id, "confirm": {"clientId", "clientSecret"} as read back from the caller's
/// store, "now": true to end the overlap early}; also "apiVersion", "timeoutMs".
/// @return an envelope whose data is the rotation; free it with pat_string_free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pat_rotation_resume(json: *const c_char) -> *mut c_char {
    // SAFETY: the caller's promise.
    unsafe { call_default("rotation_resume", json) }
}

/// Takes a rotation back, as long as the old token lives: puts the old pair back into the store and removes
/// the new token. Blocks.
///
/// @param json {"rotation": its id}; also "apiVersion", "timeoutMs".
/// @return an envelope whose data is the rotation; free it with pat_string_free. Errors:
/// PAT_E_ROTATION_REFUSED when there is nothing to go back to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pat_rotation_undo(json: *const c_char) -> *mut c_char {
    // SAFETY: the caller's promise.
    unsafe { call_default("rotation_undo", json) }
}

/// Looks at everything a call depends on and says what to do about what is wrong: settings, file
/// permissions, keyring, clock, names, proxy, TLS, sign-in, rights, rate limit, API version, the token in use,
/// unfinished rotations, the change log. It signs in and asks for two lists; it changes nothing. Blocks;
/// each check takes at most 5 seconds, within the call's deadline.
///
/// @param json {"offline": true for what needs no network only}; also "apiVersion", "timeoutMs". "{}" makes
/// every check.
/// @return an envelope whose data is {"ok","failed","warnings","checks": [{"check","state": "ok", "warning",
/// "failed" or "skipped","found","remedy","value"}]}; free it with pat_string_free. What is wrong is a
/// failed check; an error means a bad request.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pat_doctor(json: *const c_char) -> *mut c_char {
    // SAFETY: the caller's promise.
    unsafe { call_default("doctor", json) }
}

/// Lists the profiles: tenants by name, which the setting "profile" chooses from. They are the own ones, in
/// profiles.json of the state folder, and the environments of the official command line. Nothing is sent.
///
/// @param json {}; also "timeoutMs".
/// @return an envelope whose data is [{"name","baseUrl","clientId","apiVersion","source","from","default"}];
/// free it with pat_string_free. Errors: PAT_E_STATE_FAILED where profiles.json is broken.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pat_profiles(json: *const c_char) -> *mut c_char {
    // SAFETY: the caller's promise.
    unsafe { call_default("profiles", json) }
}

/// Makes a profile, or changes what is given of one. A pair goes into the profile's store, is read back,
/// and is never in profiles.json. Nothing is sent.
///
/// @param json {"name": 1 to 64 of letters, digits, - _ and ., "baseUrl": needed for a new one,
/// "tokenUrl", "apiVersion", "clientId" and "clientSecret": the pair, "source": its store, by default a
/// private file of the state folder, "default": true where it shall count when nothing else names a
/// tenant}; also "timeoutMs", which ends the waiting for others that change profiles, and for a store that is
/// only asked (PAT_E_TIMEOUT: nothing was changed). Once a pair is being stored its store's own limit counts.
/// Where a profile that moves to another tenant was left half changed, every use of it is refused until it is
/// set anew, with baseUrl and pair.
/// @return an envelope whose data is the profile, as in pat_profiles; free it with pat_string_free.
/// Errors: PAT_E_STORE_FAILED, PAT_E_STATE_FAILED, PAT_E_TIMEOUT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pat_profile_set(json: *const c_char) -> *mut c_char {
    // SAFETY: the caller's promise.
    unsafe { call_default("profile_set", json) }
}

/// Removes an own profile and the private file of its pair; any other store keeps what it has. The token
/// itself stays as it is. Nothing is sent.
///
/// @param json {"name": "..."}; also "timeoutMs".
/// @return an envelope whose data is the profile as it was; free it with pat_string_free. Errors:
/// PAT_E_PROFILE_UNKNOWN, PAT_E_STATE_FAILED, PAT_E_TIMEOUT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pat_profile_remove(json: *const c_char) -> *mut c_char {
    // SAFETY: the caller's promise.
    unsafe { call_default("profile_remove", json) }
}

/// Reads the change log: the changes that this library made or tried on this machine while the setting
/// "changeLog" was on, the oldest first. Never a secret. Nothing is sent.
///
/// @param json {"since": ISO 8601, "id": of a token, "last": how many at most}, all optional; also
/// "timeoutMs".
/// @return an envelope whose data is [{"time","clientId","baseUrl","operation","id","name","result",
/// "status"}]; free it with pat_string_free. Errors: PAT_E_STATE_FAILED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pat_change_log(json: *const c_char) -> *mut c_char {
    // SAFETY: the caller's promise.
    unsafe { call_default("change_log", json) }
}

/// Takes the log's lines since the last call, at most the newest 1000. Lines tell methods, paths,
/// statuses and times, never a secret. Nothing is ever printed.
///
/// @return an envelope whose data is [{"time","level","message"}]; free it with pat_string_free.
#[unsafe(no_mangle)]
pub extern "C" fn pat_log_take() -> *mut c_char {
    guard::reply(|| Ok(about::take_log()))
}

/// Wipes and frees a string that the library returned. NULL is fine; any other pointer, or the same one
/// twice, is not. Works from any thread, also after fork.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pat_string_free(text: *mut c_char) {
    // SAFETY: the caller's promise.
    unsafe { text::free(text) }
}

/// The length of a string that the library returned, in bytes without the NUL; 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pat_string_len(text: *const c_char) -> usize {
    // SAFETY: the caller's promise.
    unsafe { text::len(text) }
}

/// Makes a client with settings of its own. Clients are cheap: what a credential has (its bearer,
/// connections and rate limit) is shared by all clients of the process that use it.
///
/// @param json settings as for pat_configure; "{}" follows the surroundings.
/// @param reply where an envelope goes that says how it went; free it with pat_string_free. May be NULL.
/// @return the client, to be freed with pat_client_free; never 0, which would be the default client and perhaps
/// another tenant. Where no client could be made, every call and job with what comes back is refused with the
/// error that the envelope here has; it is freed like any other.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pat_client_new(
    json: *const c_char,
    reply: *mut *mut c_char,
) -> pat_client {
    let made = guard::run(|| {
        // SAFETY: the caller's promise.
        let json = unsafe { text::read("json", json) }?;
        clients::create(&json)
    });
    let refused = made.as_ref().err().cloned();
    // In a forked process no table may be touched.
    let handle = guard::run(|| Ok(clients::insert(made))).unwrap_or(clients::NONE);
    if !reply.is_null() {
        let envelope = match &refused {
            None => envelope::local(&()),
            Some(error) => envelope::refused(error),
        };
        // SAFETY: not NULL, and the caller promises that it can be written.
        unsafe { *reply = text::give(envelope) };
    }
    handle
}

/// Runs an operation with a client. Blocks until the reply is there. Any number of threads may call with
/// the same client at once.
///
/// @param client from pat_client_new, or 0 for the default client.
/// @param operation "create", "list" and so on: the name of a function above without pat_; pat_version
/// lists them.
/// @param json the request, as for pat_create, pat_list and so on.
/// @return an envelope; free it with pat_string_free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pat_client_call(
    client: pat_client,
    operation: *const c_char,
    json: *const c_char,
) -> *mut c_char {
    guard::reply(|| {
        // SAFETY: the caller's promise.
        let (client, operation, json) = unsafe { arguments(client, operation, json) }?;
        calls::call(client, &operation, json)
    })
}

/// Frees a client. Calls and jobs under way go on with it to their end.
///
/// @return PAT_OK, or the number of the error: PAT_E_INVALID_HANDLE when it was freed before.
#[unsafe(no_mangle)]
pub extern "C" fn pat_client_free(client: pat_client) -> i32 {
    guard::run(|| clients::free(client)).map_or_else(|error| guard::number(&error), |()| 0)
}

/// Starts an operation and returns at once; it runs on the library's threads.
///
/// @param client from pat_client_new, or 0 for the default client.
/// @param operation as for pat_client_call.
/// @param json the request; it is copied.
/// @return the job, to be freed with pat_job_free. What was wrong with the call is the job's reply; only
/// in a forked process 0 comes back.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pat_job_start(
    client: pat_client,
    operation: *const c_char,
    json: *const c_char,
) -> pat_job {
    // SAFETY: the caller's promise.
    guard::run(|| Ok(jobs::start(unsafe { arguments(client, operation, json) }))).unwrap_or(0)
}

/// Runs an operation on the calling thread for at most `milliseconds`; when it takes longer it goes on as a
/// job. For callers that must stay responsive and want a quick reply without a hand-over.
///
/// @param client as for pat_job_start.
/// @param operation as for pat_job_start.
/// @param json as for pat_job_start.
/// @param milliseconds how long at most; 0 makes it a job at once.
/// @param job where the job goes, to be freed with pat_job_free; 0 when the reply is there. Not NULL.
/// @return the envelope, to be freed with pat_string_free; NULL when *job goes on.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pat_job_run(
    client: pat_client,
    operation: *const c_char,
    json: *const c_char,
    milliseconds: u32,
    job: *mut pat_job,
) -> *mut c_char {
    let ran = guard::run(|| {
        if job.is_null() {
            return Err(text::null("job"));
        }
        // SAFETY: not NULL, and the caller promises that it can be written.
        unsafe { *job = 0 };
        // SAFETY: the caller's promise.
        let (client, operation, json) = unsafe { arguments(client, operation, json) }?;
        calls::run(
            client,
            &operation,
            json,
            Duration::from_millis(milliseconds.into()),
        )
    });
    match ran {
        Ok(calls::Ran::Ended(envelope)) => text::give(envelope),
        Ok(calls::Ran::GoesOn(handle)) => {
            // SAFETY: checked above: a NULL never gets this far.
            unsafe { *job = handle };
            std::ptr::null_mut()
        }
        Err(error) => text::give(envelope::refused(&error)),
    }
}

/// Waits for a job, at most `milliseconds`. Several threads may wait for the same job.
///
/// @return 1 when it has ended, 0 when it still runs, else minus the number of the error.
#[unsafe(no_mangle)]
pub extern "C" fn pat_job_wait(job: pat_job, milliseconds: u32) -> i32 {
    guard::run(|| jobs::wait(job, Duration::from_millis(milliseconds.into())))
        .map_or_else(|error| -guard::number(&error), i32::from)
}

/// How far a job is: data holds state ("running", "finished", "cancelled"), phase ("starting", "signing
/// in", "waiting", "sending", "receiving"), attempt, elapsedMs, waitMs and waitReason ("rate limit",
/// "retry", "spreading") while it waits, receivedBytes, and rotation once the job has begun one.
///
/// @return an envelope; free it with pat_string_free.
#[unsafe(no_mangle)]
pub extern "C" fn pat_job_progress(job: pat_job) -> *mut c_char {
    guard::reply(|| jobs::progress(job))
}

/// Cancels a job: its connection is closed at once, its reply says PAT_E_CANCELLED. A job that has ended
/// keeps its reply. What the service did until then stays done. A job that had begun a rotation names it as
/// rotation in the error: resume it, or undo it. Once pat_job_wait says that the job has ended, nothing of it
/// is at work any more.
///
/// A create that may have been sent ends a little later, within 3 seconds: it looks for its token first, and the
/// reply names it as orphan where one is visible (its secret is lost: remove it). A whole reply that came in the
/// same moment is given as it is. So wait for the job with pat_job_wait and take its reply before it is freed. A
/// create that was not sent says so.
///
/// @return PAT_OK, or the number of the error.
#[unsafe(no_mangle)]
pub extern "C" fn pat_job_cancel(job: pat_job) -> i32 {
    guard::run(|| jobs::cancel(job)).map_or_else(|error| guard::number(&error), |()| 0)
}

/// Takes the secret of the pair that a job hands over (a rotation, or a create, whose "storeIn" is
/// {"caller": true}), after the job has ended and before its reply is taken: once, as the text itself. From then
/// on the reply does not hold it, so that it need never be part of a larger text. Its id is the reply's newId,
/// or id of a create.
///
/// @return the secret, to be freed with pat_string_free, which wipes it; NULL where there is none.
#[unsafe(no_mangle)]
pub extern "C" fn pat_job_secret(job: pat_job) -> *mut c_char {
    match guard::run(|| jobs::secret(job)) {
        Ok(Some(secret)) => text::give_secret(&secret),
        Ok(None) | Err(_) => std::ptr::null_mut(),
    }
}

/// Takes a job's reply. It can be taken once; the job stays valid until it is freed.
///
/// @return an envelope; free it with pat_string_free. PAT_E_NOT_FINISHED while the job runs.
#[unsafe(no_mangle)]
pub extern "C" fn pat_job_take(job: pat_job) -> *mut c_char {
    guard::reply(|| jobs::take(job))
}

/// Frees a job; one that still runs is dropped at once, and nobody learns what a create in it made.
///
/// @return PAT_OK, or the number of the error: PAT_E_INVALID_HANDLE when it was freed before.
#[unsafe(no_mangle)]
pub extern "C" fn pat_job_free(job: pat_job) -> i32 {
    guard::run(|| jobs::free(job)).map_or_else(|error| guard::number(&error), |()| 0)
}

/// # Safety
/// `json` is NULL or a NUL-terminated string.
unsafe fn call_default(operation: &str, json: *const c_char) -> *mut c_char {
    guard::reply(|| -> Result<Envelope> {
        // SAFETY: the caller's promise.
        let json = unsafe { text::read("json", json) }?;
        calls::call(clients::default_client(), operation, json)
    })
}

/// # Safety
/// `operation` and `json` are NULL or NUL-terminated strings.
unsafe fn arguments(
    client: pat_client,
    operation: *const c_char,
    json: *const c_char,
) -> Result<(Arc<Client>, Zeroizing<String>, Zeroizing<String>)> {
    // SAFETY: the caller's promise, for both.
    let (operation, json) = unsafe {
        (
            text::read("operation", operation)?,
            text::read("json", json)?,
        )
    };
    Ok((clients::get(client)?, operation, json))
}
