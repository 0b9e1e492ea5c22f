/*
 * sailpat: SailPoint personal access tokens. SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Generated from src/ffi by cbindgen; do not edit.
 *
 * EXAMPLE: list one's own tokens; settings come from SAIL_BASE_URL, SAIL_CLIENT_ID, SAIL_CLIENT_SECRET.
 *
 * ```c
 * #include <stdio.h>
 * #include <string.h>
 * #include "sailpat.h"
 *
 * int main(void)
 * {
 *   char *reply;
 *   int ok;
 *   if (pat_abi_version() < PAT_ABI_VERSION) {
 *     fputs("the library is older than the header\n", stderr);
 *     return 1;
 *   }
 *   reply = pat_list("{\"ownerId\":\"me\"}");
 *   ok = strncmp(reply, "{\"ok\":true", 10) == 0;
 *   puts(reply);
 *   pat_string_free(reply);
 *   return ok ? 0 : 1;
 * }
 * ```
 *
 * STRINGS. Every string given to the library is UTF-8, NUL-terminated and copied during the call. Every
 * char * that a function returns is a JSON envelope of the caller's own, never NULL (but see
 * pat_job_run), to be freed once with pat_string_free, which wipes it; never with free().
 *
 * ENVELOPES.
 *   {"ok":true,"status":200,"data":...,"meta":{"attempts":1,"elapsedMs":3.1,"requestId":"..."}}
 *   {"ok":false,"error":{"code":"not_found","number":12,"status":404,"message":"...","retryable":false,
 *    "retryAfterSeconds":null,"field":null,"remedy":"...","body":"...","trackingId":"...",
 *    "headers":{...}},"meta":{...}}
 * data is the service's reply, byte for byte. status, body and headers are the HTTP reply's, null where
 * none came. In message, field, remedy, note and log lines, control and format characters are written as \uXXXX,
 * so that they can be printed; in body so are all that are no line end or tab.
 * Codes and their numbers (PAT_E_...) never change meaning and are never reused.
 *
 * REQUESTS are JSON objects in the service's own names. An unknown field is an error that names it. What is
 * the service's (a create's "body", an update's "patch") and the options of this library never share an object:
 * a program that passes on a body which it did not make itself puts it into "body", because a bare text can
 * itself hold "body" and options.
 * What is given is never empty: "", [] and {} are refused, and so is null where leaving out means everything or
 * the one in use.
 * docs/abi.md has the JSON schema of each request and reply, and what may change in which version.
 *
 * ERRORS. Any call may fail with PAT_E_NULL_ARGUMENT, PAT_E_INVALID_UTF8, PAT_E_INVALID_JSON,
 * PAT_E_INVALID_REQUEST, PAT_E_FORKED or PAT_E_INTERNAL; one that reaches for the service also with whatever
 * may go wrong on the way there. A caller that meets a code it does not know goes by retryable and status.
 *
 * LIMITS. A request nests at most 64 levels, a reply 128; a reply has at most maximumReplyBytes (512 MiB);
 * one deadline (timeoutMs, 100 s) spans a whole call with its sign-in, waits and retries, and with the
 * sources that settings are read from; of a rotation, each request. A store that a pair is written to has its
 * own limit (a command: commandTimeoutMs, 30 s), which the call waits for: docs/abi.md.
 *
 * SINCE. Every function is there since PAT_ABI_VERSION 1, unless its comment names a later one.
 *
 * THREADS. Every function may be called from any thread at any time. Calls that block do their work on
 * the calling thread; jobs run on threads of the library's own, which the first job starts. Loading the
 * library starts nothing.
 *
 * JOBS, for callers that must stay responsive: pat_job_start returns at once, then pat_job_wait in
 * short turns, pat_job_take, pat_job_free. pat_job_cancel really stops the request. pat_job_run is all of
 * it in one call where the reply comes quickly.
 *
 * HANDLES are numbers. One that was freed, or never existed, is refused with PAT_E_INVALID_HANDLE.
 *
 * FORK. In a child process that was forked after the first call, every call returns PAT_E_FORKED and
 * touches nothing; pat_string_free and pat_string_len work.
 *
 * SHUTDOWN. There is nothing to shut down. The library is never unloaded: dlclose and FreeLibrary leave
 * it in place. Jobs that run at exit end with the process.
 *
 * OUTPUT. Nothing is ever written to stdout or stderr; see pat_log_take.
 */


#ifndef SAILPAT_H
#define SAILPAT_H

#include <stddef.h>
#include <stdint.h>

/** The version of the interface that this header describes; see pat_abi_version. */
#define PAT_ABI_VERSION 2


/**
 * No error.
 */
#define PAT_OK 0

/**
 * A fault of this library; please report it.
 */
#define PAT_E_INTERNAL 1

/**
 * A pointer that must not be NULL was.
 */
#define PAT_E_NULL_ARGUMENT 2

/**
 * A string was not UTF-8.
 */
#define PAT_E_INVALID_UTF8 3

/**
 * The request is not JSON, or nests too deep.
 */
#define PAT_E_INVALID_JSON 4

/**
 * A field of the request breaks a rule; `field` names it.
 */
#define PAT_E_INVALID_REQUEST 5

/**
 * No operation of that name.
 */
#define PAT_E_UNKNOWN_OPERATION 6

/**
 * The handle is not, or no longer, valid; or the job's reply was taken before.
 */
#define PAT_E_INVALID_HANDLE 7

/**
 * Called in a process that was forked after the library's first use.
 */
#define PAT_E_FORKED 8

/**
 * Base URL, client id or client secret were found nowhere.
 */
#define PAT_E_SETTINGS_MISSING 9

/**
 * A setting was found and breaks a rule.
 */
#define PAT_E_SETTINGS_INVALID 10

/**
 * 403: the credential lacks the right.
 */
#define PAT_E_FORBIDDEN 11

/**
 * 404, or no token of that id in the whole tenant.
 */
#define PAT_E_NOT_FOUND 12

/**
 * The token is not one's own, and the tenant's may not be listed.
 */
#define PAT_E_NOT_VISIBLE 13

/**
 * 401 that stayed after one fresh sign-in.
 */
#define PAT_E_UNAUTHORIZED 14

/**
 * The token endpoint refused the credential.
 */
#define PAT_E_SIGN_IN_FAILED 15

/**
 * 400 or another 4xx: the service refused the request.
 */
#define PAT_E_REFUSED 16

/**
 * 429, or the library's own pacing would pass the deadline.
 */
#define PAT_E_RATE_LIMITED 17

/**
 * 5xx.
 */
#define PAT_E_SERVER_ERROR 18

/**
 * 3xx: redirects are never followed.
 */
#define PAT_E_REDIRECT_REFUSED 19

/**
 * Name resolution, connecting or the connection itself failed.
 */
#define PAT_E_CONNECTION_FAILED 20

/**
 * The TLS handshake or the certificate failed.
 */
#define PAT_E_TLS_FAILED 21

/**
 * The CA file cannot be read or holds no certificate.
 */
#define PAT_E_CA_FILE_UNREADABLE 22

/**
 * The proxy failed.
 */
#define PAT_E_PROXY_FAILED 23

/**
 * The proxy wants a login.
 */
#define PAT_E_PROXY_AUTH_REQUIRED 24

/**
 * The call's deadline passed.
 */
#define PAT_E_TIMEOUT 25

/**
 * The job was cancelled.
 */
#define PAT_E_CANCELLED 26

/**
 * The reply, or its headers, are larger than the limit.
 */
#define PAT_E_REPLY_TOO_LARGE 27

/**
 * The reply is not what the service sends: HTML, half a body, not JSON, too deep.
 */
#define PAT_E_REPLY_INVALID 28

/**
 * A create was sent and its reply lost; `orphan` names the token where one is visible.
 */
#define PAT_E_CREATE_LOST 29

/**
 * The job is still running.
 */
#define PAT_E_NOT_FINISHED 30

/**
 * A pair could not be stored, read back or read.
 */
#define PAT_E_STORE_FAILED 31

/**
 * The library's own folder (journals, profiles, change log) cannot be read or written.
 */
#define PAT_E_STATE_FAILED 32

/**
 * A rotation was refused before anything was made, or taken back: the old token is as before.
 */
#define PAT_E_ROTATION_REFUSED 33

/**
 * Another rotation of the same token is under way.
 */
#define PAT_E_ROTATION_BUSY 34

/**
 * A rotation stopped half way: nothing is lost, resume or undo it.
 */
#define PAT_E_ROTATION_UNFINISHED 35

/**
 * No rotation of that id.
 */
#define PAT_E_ROTATION_UNKNOWN 36

/**
 * No profile of that name.
 */
#define PAT_E_PROFILE_UNKNOWN 37

/**
 * The base URL of one place would go with the pair of another; the message names both.
 */
#define PAT_E_SETTINGS_MIXED 38

/**
 * A client: settings of its own. Never 0, not even where none could be made; 0 stands for the default client where
 * a client is taken.
 */
typedef uint64_t pat_client;

/**
 * A job: one call under way on the library's threads. Never 0.
 */
typedef uint64_t pat_job;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The version of this interface that the library speaks; compare it with PAT_ABI_VERSION of the
 * header. Never fails.
 */
uint32_t pat_abi_version(void);

/**
 * What the library is: data holds version, abiVersion, apiVersions, operations, errors,
 * environmentVariables.
 *
 * @return an envelope; free it with pat_string_free.
 */
char *pat_version(void);

/**
 * Gives the default client settings. They replace those of an earlier call; "{}" goes back to
 * following the surroundings. Calls under way keep the settings they began with.
 *
 * @param json {"baseUrl","clientId","clientSecret", ...}, all optional; README.md lists them all.
 * @return an envelope with data null; free it with pat_string_free. Errors: PAT_E_SETTINGS_INVALID,
 * PAT_E_INVALID_JSON. Nothing is sent: whether the settings work shows at the next call.
 */
char *pat_configure(const char *json);

/**
 * Makes a personal access token for whoever the client signs in as. Blocks until the reply is there.
 * It is sent once, whatever happens; when its reply is lost, the error (PAT_E_CREATE_LOST) names
 * the token that was made, if one is visible, as orphan.
 *
 * @param json the create body itself: {"name": 1 to 255 characters, "scope": ["..."], default
 * ["sp:scopes:all"], "accessTokenValiditySeconds": 15 to 43200, default 43200, "expirationDate":
 * ISO 8601, default and at most six months ahead in v2024}. From v2025 on the expiry has no limit, and
 * none at all needs "userAwareTokenNeverExpires": true. With options it is {"body": the create body,
 * "apiVersion", "timeoutMs", "storeIn"}; an option within a body is refused. A program that passes on a
 * body which it did not make itself always puts it into "body": a text that stands alone can hold "body"
 * and options of its own. "storeIn" is as for pat_rotate: then the token is made and its pair stored in one
 * step, or none is made, and the reply shows no secret but to {"caller": true}.
 * @return an envelope whose data is the service's reply, the only one that ever shows the secret; free
 * it with pat_string_free, which wipes it.
 */
char *pat_create(const char *json);

/**
 * Lists tokens. Blocks until the whole list is there; the service knows no pages.
 *
 * @param json {"ownerId": "me", an identity's id, or none for the whole tenant, "filters":
 * "lastUsed le <ISO 8601>" or "lastUsed isnull"}; also "apiVersion", "timeoutMs". "{}" lists the tenant.
 * @return an envelope whose data is the service's array; free it with pat_string_free.
 */
char *pat_list(const char *json);

/**
 * Finds one token by its id, in one's own list first, then in the tenant's. Blocks.
 *
 * @param json {"id": "..."}; also "apiVersion", "timeoutMs".
 * @return an envelope whose data is the token; free it with pat_string_free. Errors: PAT_E_NOT_FOUND,
 * and PAT_E_NOT_VISIBLE where the tenant may not be listed, so that nobody can say.
 */
char *pat_get(const char *json);

/**
 * Changes a token by JSON Patch (RFC 6902). Blocks.
 *
 * @param json {"id": "...", "patch": [{"op","path","value"}]}; also "apiVersion", "timeoutMs". v2024
 * takes changes of /name and /scope, v2025 and later also of /expirationDate and
 * /userAwareTokenNeverExpires. Only one's own tokens can be changed.
 * @return an envelope whose data is the token as it is now; free it with pat_string_free.
 */
char *pat_update(const char *json);

/**
 * Removes a token. Blocks. Where a first attempt's reply was lost and the next one finds the token
 * gone, that is a success, with a note in meta.
 *
 * @param json {"id": "..."}; also "apiVersion", "timeoutMs".
 * @return an envelope with data null; free it with pat_string_free.
 */
char *pat_delete(const char *json);

/**
 * Rotates a token: makes a new one with the same scope, validity and length of life, proves that it signs
 * in, stores its pair, removes the old one and gives the new one its name. Blocks, for seconds. Each step
 * is in a journal on disk before the next; whatever interrupts it, nothing is lost, and
 * pat_rotation_resume carries on or takes back. docs/rotation.md has the states.
 *
 * @param json {"id": one's own token, default the one in use, "storeIn": where the new pair goes, default
 * back to where the old one came from: {"file": path, "format": "json" or "dotenv"}, {"command": [program,
 * arguments...], "commandTimeoutMs"}, {"commandLine": an environment of the official command line, or true
 * for the active one, "file": its config.yaml}, {"keyring": account of the system's keyring},
 * {"environment": true} (no other thread may use variables meanwhile)
 * or {"caller": true}: the reply holds the pair, once; store it, read it back and confirm it with
 * pat_rotation_resume. "overlapSeconds": how long both tokens live, default 0, "verifySeconds": how long
 * the new token may take to sign in, default 60, "expirationDate": ISO 8601}; also "apiVersion",
 * "timeoutMs", which holds for each request. The store has its own limit: a command "commandTimeoutMs", 30 s,
 * for each check, store and read.
 * @return an envelope whose data is the rotation; free it with pat_string_free. Errors:
 * PAT_E_ROTATION_REFUSED (nothing changed), PAT_E_ROTATION_BUSY, PAT_E_ROTATION_UNFINISHED (the message
 * says what works), PAT_E_STORE_FAILED, PAT_E_STATE_FAILED.
 */
char *pat_rotate(const char *json);

/**
 * Says what pat_rotate would do with the same request, and refuses what it would refuse by itself. Nothing is
 * sent, and nothing is changed.
 *
 * @param json as for pat_rotate; with "create": true, where pat_create with that "storeIn" would put a pair.
 * @return an envelope whose data is {"id": the token, null for a create, "baseUrl", "storeIn": the store,
 * "storedIn": the same in words, "profile": the one in force, or null}; free it with pat_string_free.
 */
char *pat_rotation_plan(const char *json);

/**
 * Lists the rotations on this machine, from their journals; nothing is sent.
 *
 * @param json {"id": only those of this token, "unfinished": true for only those to look after}.
 * @return an envelope whose data is an array, the newest first; free it with pat_string_free.
 */
char *pat_rotation_list(const char *json);

/**
 * Carries a rotation on: after a crash, at the end of the overlap, or when its caller confirms the pair.
 * One whose new secret was lost is taken back. Before the overlap ends nothing happens. Blocks.
 *
 * @param json {"rotation": its id, "confirm": {"clientId", "clientSecret"} as read back from the caller's
 * store, "now": true to end the overlap early}; also "apiVersion", "timeoutMs".
 * @return an envelope whose data is the rotation; free it with pat_string_free.
 */
char *pat_rotation_resume(const char *json);

/**
 * Takes a rotation back, as long as the old token lives: puts the old pair back into the store and removes
 * the new token. Blocks.
 *
 * @param json {"rotation": its id}; also "apiVersion", "timeoutMs".
 * @return an envelope whose data is the rotation; free it with pat_string_free. Errors:
 * PAT_E_ROTATION_REFUSED when there is nothing to go back to.
 */
char *pat_rotation_undo(const char *json);

/**
 * Looks at everything a call depends on and says what to do about what is wrong: settings, file
 * permissions, keyring, clock, names, proxy, TLS, sign-in, rights, rate limit, API version, the token in use,
 * unfinished rotations, the change log. It signs in and asks for two lists; it changes nothing. Blocks;
 * each check takes at most 5 seconds, within the call's deadline.
 *
 * @param json {"offline": true for what needs no network only}; also "apiVersion", "timeoutMs". "{}" makes
 * every check.
 * @return an envelope whose data is {"ok","failed","warnings","checks": [{"check","state": "ok", "warning",
 * "failed" or "skipped","found","remedy","value"}]}; free it with pat_string_free. What is wrong is a
 * failed check; an error means a bad request.
 */
char *pat_doctor(const char *json);

/**
 * Lists the profiles: tenants by name, which the setting "profile" chooses from. They are the own ones, in
 * profiles.json of the state folder, and the environments of the official command line. Nothing is sent.
 *
 * @param json {}; also "timeoutMs".
 * @return an envelope whose data is [{"name","baseUrl","clientId","apiVersion","source","from","default"}];
 * free it with pat_string_free. Errors: PAT_E_STATE_FAILED where profiles.json is broken.
 */
char *pat_profiles(const char *json);

/**
 * Makes a profile, or changes what is given of one. A pair goes into the profile's store, is read back,
 * and is never in profiles.json. Nothing is sent.
 *
 * @param json {"name": 1 to 64 of letters, digits, - _ and ., "baseUrl": needed for a new one,
 * "tokenUrl", "apiVersion", "clientId" and "clientSecret": the pair, "source": its store, by default a
 * private file of the state folder, "default": true where it shall count when nothing else names a
 * tenant}; also "timeoutMs", which ends the waiting for others that change profiles, and for a store that is
 * only asked (PAT_E_TIMEOUT: nothing was changed). Once a pair is being stored its store's own limit counts.
 * Where a profile that moves to another tenant was left half changed, every use of it is refused until it is
 * set anew, with baseUrl and pair.
 * @return an envelope whose data is the profile, as in pat_profiles; free it with pat_string_free.
 * Errors: PAT_E_STORE_FAILED, PAT_E_STATE_FAILED, PAT_E_TIMEOUT.
 */
char *pat_profile_set(const char *json);

/**
 * Removes an own profile and the private file of its pair; any other store keeps what it has. The token
 * itself stays as it is. Nothing is sent.
 *
 * @param json {"name": "..."}; also "timeoutMs".
 * @return an envelope whose data is the profile as it was; free it with pat_string_free. Errors:
 * PAT_E_PROFILE_UNKNOWN, PAT_E_STATE_FAILED, PAT_E_TIMEOUT.
 */
char *pat_profile_remove(const char *json);

/**
 * Reads the change log: the changes that this library made or tried on this machine while the setting
 * "changeLog" was on, the oldest first. Never a secret. Nothing is sent.
 *
 * @param json {"since": ISO 8601, "id": of a token, "last": how many at most}, all optional; also
 * "timeoutMs".
 * @return an envelope whose data is [{"time","clientId","baseUrl","operation","id","name","result",
 * "status"}]; free it with pat_string_free. Errors: PAT_E_STATE_FAILED.
 */
char *pat_change_log(const char *json);

/**
 * Takes the log's lines since the last call, at most the newest 1000. Lines tell methods, paths,
 * statuses and times, never a secret. Nothing is ever printed.
 *
 * @return an envelope whose data is [{"time","level","message"}]; free it with pat_string_free.
 */
char *pat_log_take(void);

/**
 * Wipes and frees a string that the library returned. NULL is fine; any other pointer, or the same one
 * twice, is not. Works from any thread, also after fork.
 */
void pat_string_free(char *text);

/**
 * The length of a string that the library returned, in bytes without the NUL; 0 for NULL.
 */
size_t pat_string_len(const char *text);

/**
 * Makes a client with settings of its own. Clients are cheap: what a credential has (its bearer,
 * connections and rate limit) is shared by all clients of the process that use it.
 *
 * @param json settings as for pat_configure; "{}" follows the surroundings.
 * @param reply where an envelope goes that says how it went; free it with pat_string_free. May be NULL.
 * @return the client, to be freed with pat_client_free; never 0, which would be the default client and perhaps
 * another tenant. Where no client could be made, every call and job with what comes back is refused with the
 * error that the envelope here has; it is freed like any other.
 */
pat_client pat_client_new(const char *json,
                          char **reply);

/**
 * Runs an operation with a client. Blocks until the reply is there. Any number of threads may call with
 * the same client at once.
 *
 * @param client from pat_client_new, or 0 for the default client.
 * @param operation "create", "list" and so on: the name of a function above without pat_; pat_version
 * lists them.
 * @param json the request, as for pat_create, pat_list and so on.
 * @return an envelope; free it with pat_string_free.
 */
char *pat_client_call(pat_client client,
                      const char *operation,
                      const char *json);

/**
 * Frees a client. Calls and jobs under way go on with it to their end.
 *
 * @return PAT_OK, or the number of the error: PAT_E_INVALID_HANDLE when it was freed before.
 */
int32_t pat_client_free(pat_client client);

/**
 * Starts an operation and returns at once; it runs on the library's threads.
 *
 * @param client from pat_client_new, or 0 for the default client.
 * @param operation as for pat_client_call.
 * @param json the request; it is copied.
 * @return the job, to be freed with pat_job_free. What was wrong with the call is the job's reply; only
 * in a forked process 0 comes back.
 */
pat_job pat_job_start(pat_client client,
                      const char *operation,
                      const char *json);

/**
 * Runs an operation on the calling thread for at most `milliseconds`; when it takes longer it goes on as a
 * job. For callers that must stay responsive and want a quick reply without a hand-over.
 *
 * @param client as for pat_job_start.
 * @param operation as for pat_job_start.
 * @param json as for pat_job_start.
 * @param milliseconds how long at most; 0 makes it a job at once.
 * @param job where the job goes, to be freed with pat_job_free; 0 when the reply is there. Not NULL.
 * @return the envelope, to be freed with pat_string_free; NULL when *job goes on.
 */
char *pat_job_run(pat_client client,
                  const char *operation,
                  const char *json,
                  uint32_t milliseconds,
                  pat_job *job);

/**
 * Waits for a job, at most `milliseconds`. Several threads may wait for the same job.
 *
 * @return 1 when it has ended, 0 when it still runs, else minus the number of the error.
 */
int32_t pat_job_wait(pat_job job, uint32_t milliseconds);

/**
 * How far a job is: data holds state ("running", "finished", "cancelled"), phase ("starting", "signing
 * in", "waiting", "sending", "receiving"), attempt, elapsedMs, waitMs and waitReason ("rate limit",
 * "retry", "spreading") while it waits, receivedBytes, and rotation once the job has begun one.
 *
 * @return an envelope; free it with pat_string_free.
 */
char *pat_job_progress(pat_job job);

/**
 * Cancels a job: its connection is closed at once, its reply says PAT_E_CANCELLED. A job that has ended
 * keeps its reply. What the service did until then stays done. A job that had begun a rotation names it as
 * rotation in the error: resume it, or undo it. Once pat_job_wait says that the job has ended, nothing of it
 * is at work any more.
 *
 * A create that may have been sent ends a little later, within 3 seconds: it looks for its token first, and the
 * reply names it as orphan where one is visible (its secret is lost: remove it). A whole reply that came in the
 * same moment is given as it is. So wait for the job with pat_job_wait and take its reply before it is freed. A
 * create that was not sent says so.
 *
 * @return PAT_OK, or the number of the error.
 */
int32_t pat_job_cancel(pat_job job);

/**
 * Takes the secret of the pair that a job hands over (a rotation, or a create, whose "storeIn" is
 * {"caller": true}), after the job has ended and before its reply is taken: once, as the text itself. From then
 * on the reply does not hold it, so that it need never be part of a larger text. Its id is the reply's newId,
 * or id of a create.
 *
 * @return the secret, to be freed with pat_string_free, which wipes it; NULL where there is none.
 */
char *pat_job_secret(pat_job job);

/**
 * Takes a job's reply. It can be taken once; the job stays valid until it is freed.
 *
 * @return an envelope; free it with pat_string_free. PAT_E_NOT_FINISHED while the job runs.
 */
char *pat_job_take(pat_job job);

/**
 * Frees a job; one that still runs is dropped at once, and nobody learns what a create in it made.
 *
 * @return PAT_OK, or the number of the error: PAT_E_INVALID_HANDLE when it was freed before.
 */
int32_t pat_job_free(pat_job job);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* SAILPAT_H */
