//! A call ends when its time is over, whatever hangs, and what hangs costs one thread and one child.

use std::ffi::{CStr, c_char, c_int};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sailpat::ffi::exports::*;
use sailpat_emulator::Options;
use serde_json::{Value, json};

use crate::again;
use crate::door::{read, run, text};
use crate::support::Tenant;

/// How long a call has, and by when it must have ended at the latest. What hangs does so for a minute.
const TIME: u64 = 1_000;
const BOUND: Duration = Duration::from_secs(5);
const HANG: &str = "sleep 60";
const NAMELESS: &str = "hangs.sailpat.example";

/// In place of the system's own: a name that no name server answers for.
///
/// # Safety
/// As `getaddrinfo` of the system.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getaddrinfo(
    node: *const c_char,
    service: *const c_char,
    hints: *const libc::addrinfo,
    found: *mut *mut libc::addrinfo,
) -> c_int {
    type Lookup = unsafe extern "C" fn(
        *const c_char,
        *const c_char,
        *const libc::addrinfo,
        *mut *mut libc::addrinfo,
    ) -> c_int;
    // SAFETY: NULL or a NUL-terminated string; the next definition of the name is the system's own.
    unsafe {
        if !node.is_null() && CStr::from_ptr(node).to_bytes() == NAMELESS.as_bytes() {
            std::thread::sleep(Duration::from_secs(60));
            return libc::EAI_AGAIN;
        }
        let next = libc::dlsym(libc::RTLD_NEXT, c"getaddrinfo".as_ptr());
        assert!(!next.is_null());
        let next: Lookup = std::mem::transmute(next);
        next(node, service, hints, found)
    }
}

/// One thing that hangs: the settings that lead to it, how the call ends and what its message says.
struct Hang {
    what: &'static str,
    settings: Value,
    code: &'static str,
    says: String,
}

/// A server that takes connections in and says nothing.
fn silent() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

fn pipe(path: &Path) -> PathBuf {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let made = std::process::Command::new("mkfifo")
        .arg(path)
        .status()
        .unwrap();
    assert!(made.success());
    path.to_owned()
}

/// A command that gives the pair at once when it is asked for the first time, and then never again.
fn forgetful(folder: &Path, pair: &Value) -> Value {
    let (asked, answer) = (folder.join("asked"), folder.join("pair.json"));
    std::fs::write(&answer, pair.to_string()).unwrap();
    let script = format!(
        "if [ -e {0} ]; then exec {HANG}; fi; : >{0}; cat {1}",
        asked.display(),
        answer.display()
    );
    json!({"command": ["/bin/sh", "-c", script], "commandTimeoutMs": 60_000})
}

/// What keeps things hanging as long as it lives.
struct World {
    folder: tempfile::TempDir,
    tenant: Tenant,
    silent: (TcpListener, u16),
    bus: UnixListener,
    refusing: Tenant,
    hanging: Vec<Tenant>,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let faulty = |kind: &str, fault: Value| {
            let tenant = Tenant::new();
            tenant.rule(json!({"match": {"kind": kind}, "times": 1_000, "fault": fault}));
            tenant
        };
        World {
            tenant: Tenant::with(Options {
                rate_limit: None,
                tls: true,
                ..Options::default()
            }),
            silent: silent(),
            bus: UnixListener::bind(folder.path().join("bus")).unwrap(),
            refusing: faulty("token", json!({"status": 401})),
            hanging: vec![
                faulty("token", json!({"hang": true})),
                faulty("list", json!({"hang": true})),
                faulty("list", json!({"drip": {"bytes": 1, "everyMs": 1_000}})),
            ],
            folder,
        }
    }

    /// Settings that read nothing of this process, with the pair.
    fn settings(&self, extra: Value) -> Value {
        self.tenant.settings(extra)
    }

    /// The same, where the pair comes from somewhere else.
    fn without_pair(&self, extra: Value) -> Value {
        let mut settings = self.settings(extra);
        for name in ["clientId", "clientSecret"] {
            settings.as_object_mut().unwrap().remove(name);
        }
        settings
    }

    fn hangs(&self) -> Vec<Hang> {
        let folder = self.folder.path();
        let command = json!({"command": ["/bin/sh", "-c", HANG], "commandTimeoutMs": 60_000});
        let port = self.silent.1;
        let proxy = format!("http://127.0.0.1:{port}");
        let bus = format!("unix:path={}", folder.join("bus").display());
        let ca = pipe(&folder.join("ca.pem"));
        let roots = pipe(&folder.join("roots.pem"));
        let tls = self.tenant.0.tls_url().unwrap();
        pipe(&folder.join("work/config.json"));
        pipe(&folder.join("home/.sailpoint/config.yaml"));
        pipe(&folder.join("state/profiles.json"));
        let env = pipe(&folder.join("x.env"));
        let mut all = Vec::new();
        let mut add = |what, settings, code, says: &str| {
            all.push(Hang {
                what,
                settings,
                code,
                says: says.to_owned(),
            });
        };
        let (with, without) = (
            |extra| self.settings(extra),
            |extra| self.without_pair(extra),
        );
        add(
            "a source command",
            without(json!({"source": command})),
            "timeout",
            "no answer came from the command /bin/sh",
        );
        add(
            "a keyring",
            without(
                json!({"source": {"keyring": "prod"}, "environment": {"DBUS_SESSION_BUS_ADDRESS": bus}}),
            ),
            "timeout",
            "no answer came from the keyring, account prod",
        );
        add(
            "a CA file that is a pipe",
            with(json!({"baseUrl": tls, "caFile": ca})),
            "ca_file_unreadable",
            "is not a regular file",
        );
        add(
            "roots that are a pipe",
            with(json!({"baseUrl": tls, "environment": {"SSL_CERT_FILE": roots}})),
            "ca_file_unreadable",
            "is not a regular file",
        );
        add(
            "a config.json that is a pipe",
            without(json!({"baseUrl": null, "workingDirectory": folder.join("work")})),
            "settings_invalid",
            "not a file",
        );
        add(
            "a config.yaml that is a pipe",
            without(json!({"baseUrl": null, "environment": {"HOME": folder.join("home")}})),
            "settings_invalid",
            "not a file",
        );
        add(
            "profiles that are a pipe",
            without(json!({"baseUrl": null, "profile": "p", "stateFolder": folder.join("state")})),
            "state_failed",
            "not a file",
        );
        add(
            "a source file that is a pipe",
            without(json!({"source": {"file": env}})),
            "store_failed",
            "not a file",
        );
        add(
            "a name server",
            with(json!({"baseUrl": format!("https://{NAMELESS}")})),
            "timeout",
            &format!("the name {NAMELESS} has not been resolved yet"),
        );
        add(
            "a proxy",
            with(json!({"proxy": proxy})),
            "timeout",
            &format!("through the proxy {proxy}"),
        );
        add(
            "a proxy before TLS",
            with(json!({"proxy": proxy, "baseUrl": "https://tenant.example"})),
            "timeout",
            &format!("through the proxy {proxy}"),
        );
        add(
            "a TLS handshake",
            with(json!({"baseUrl": format!("https://127.0.0.1:{port}")})),
            "timeout",
            &format!("signing in at https://127.0.0.1:{port}"),
        );
        add(
            "a sign-in",
            self.hanging[0].settings(json!({})),
            "timeout",
            "signing in at http://127.0.0.1",
        );
        add(
            "a reply",
            self.hanging[1].settings(json!({})),
            "timeout",
            "sending to http://127.0.0.1",
        );
        add(
            "a reply that drips",
            self.hanging[2].settings(json!({})),
            "timeout",
            "receiving from http://127.0.0.1",
        );
        all
    }
}

impl World {
    /// A source that answers once, with a pair that is refused.
    fn asked_anew(&self, number: usize) -> Hang {
        let refused = json!({
            "clientId": self.refusing.0.client_id(), "clientSecret": self.refusing.0.client_secret(),
        });
        let folder = self.folder.path().join(number.to_string());
        std::fs::create_dir(&folder).unwrap();
        let source = forgetful(&folder, &refused);
        Hang {
            what: "a source asked anew",
            settings: self
                .without_pair(json!({"baseUrl": self.refusing.0.url(), "source": source})),
            code: "sign_in_failed",
            says: "sign-in failed (401)".to_owned(),
        }
    }
}

impl Hang {
    fn holds(&self, way: &str, begun: Instant, reply: &Value) {
        let took = begun.elapsed();
        let here = format!("{}, {way}: {reply}", self.what);
        assert!(took < BOUND, "{took:?}: {here}");
        assert_eq!(reply["error"]["code"], self.code, "{here}");
        let message = reply["error"]["message"].as_str().unwrap();
        assert!(message.contains(&self.says), "{here}");
    }

    fn settings(&self) -> std::ffi::CString {
        let mut settings = self.settings.clone();
        settings["timeoutMs"] = json!(TIME);
        settings["maximumRetryCount"] = json!(0);
        text(&settings)
    }

    fn client(&self) -> pat_client {
        // SAFETY: a NUL-terminated string; no reply is wanted.
        unsafe { pat_client_new(self.settings().as_ptr(), std::ptr::null_mut()) }
    }

    fn blocking_call(&self) {
        let (client, begun) = (self.client(), Instant::now());
        // SAFETY: NUL-terminated strings.
        let reply = unsafe { pat_client_call(client, c"list".as_ptr(), c"{}".as_ptr()) };
        self.holds("a blocking call", begun, &read(reply));
        assert_eq!(pat_client_free(client), 0);
    }

    fn job(&self, ms: u32) {
        let (client, begun) = (self.client(), Instant::now());
        let (reply, job) = match ms {
            // SAFETY: NUL-terminated strings.
            0 => unsafe {
                let job = pat_job_start(client, c"list".as_ptr(), c"{}".as_ptr());
                (std::ptr::null_mut(), job)
            },
            ms => run(client, c"list", json!({}), ms),
        };
        let reply = match job {
            0 => reply,
            job => {
                assert_eq!(pat_job_wait(job, 10_000), 1, "{}", self.what);
                let reply = pat_job_take(job);
                assert_eq!(pat_job_free(job), 0);
                reply
            }
        };
        self.holds(
            if ms == 0 { "a job" } else { "an adopted job" },
            begun,
            &read(reply),
        );
        assert_eq!(pat_client_free(client), 0);
    }

    fn default_client(&self) {
        // SAFETY: NUL-terminated strings.
        let (configured, begun, reply) = unsafe {
            let configured = read(pat_configure(self.settings().as_ptr()));
            (configured, Instant::now(), pat_list(c"{}".as_ptr()))
        };
        assert_eq!(configured["ok"], true, "{configured}");
        self.holds("the default client", begun, &read(reply));
    }
}

/// In a process of its own: the default client is one for all, and threads and children are counted.
fn alone(test: &str) -> bool {
    if again::is_inside() {
        return true;
    }
    assert!(again::run(again::PLAIN, &format!("deadlines::{test}")).success());
    false
}

#[test]
fn whatever_hangs_a_call_ends_when_its_time_is_over_and_says_what_it_was() {
    if !alone("whatever_hangs_a_call_ends_when_its_time_is_over_and_says_what_it_was") {
        return;
    }
    let world = World::new();
    let hangs = world.hangs();
    std::thread::scope(|scope| {
        for hang in &hangs {
            scope.spawn(|| hang.blocking_call());
            scope.spawn(|| hang.job(0));
            scope.spawn(|| hang.job(20));
        }
    });
    for hang in &hangs {
        hang.default_client();
    }
    let ways: [fn(&Hang); 4] = [
        Hang::default_client,
        Hang::blocking_call,
        |hang| hang.job(0),
        |hang| hang.job(20),
    ];
    for (number, way) in ways.iter().enumerate() {
        way(&world.asked_anew(number));
    }
    drop(world.bus);
}

/// The names of this process's threads.
fn threads() -> Vec<String> {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap().flatten();
    tasks
        .filter_map(|task| std::fs::read_to_string(task.path().join("comm")).ok())
        .map(|name| name.trim().to_owned())
        .collect()
}

fn named(start: &str) -> usize {
    threads()
        .iter()
        .filter(|name| name.starts_with(start))
        .count()
}

/// The processes that this one started and that still live.
fn children() -> usize {
    let own = std::process::id().to_string();
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    processes
        .filter_map(|process| std::fs::read_to_string(process.path().join("stat")).ok())
        .filter(|stat| {
            // pid (name) state parent
            let rest = stat.rsplit(')').next().unwrap_or_default();
            let mut fields = rest.split_whitespace();
            let state = fields.next();
            fields.next() == Some(&own) && state != Some("Z")
        })
        .count()
}

#[test]
fn twenty_calls_that_give_up_on_a_source_leave_one_child_and_one_thread() {
    if !alone("twenty_calls_that_give_up_on_a_source_leave_one_child_and_one_thread") {
        return;
    }
    let tenant = Tenant::new();
    let mut settings = tenant.settings(json!({
        "timeoutMs": 300,
        "source": {"command": ["/bin/sh", "-c", format!("exec {HANG}")], "commandTimeoutMs": 60_000},
    }));
    settings.as_object_mut().unwrap().remove("clientId");
    settings.as_object_mut().unwrap().remove("clientSecret");
    let settings = text(&settings);
    let before = threads().len();
    for number in 0..20 {
        // Half of them with a client of their own.
        // SAFETY: NUL-terminated strings; no reply is wanted.
        let client = unsafe { pat_client_new(settings.as_ptr(), std::ptr::null_mut()) };
        let begun = Instant::now();
        // SAFETY: NUL-terminated strings.
        let reply = unsafe { pat_client_call(client, c"list".as_ptr(), c"{}".as_ptr()) };
        assert_eq!(read(reply)["error"]["code"], "timeout");
        assert!(begun.elapsed() < BOUND);
        if number % 2 == 0 {
            assert_eq!(pat_client_free(client), 0);
        }
    }
    assert_eq!(children(), 1);
    assert_eq!(threads().len(), before + 1, "{:?}", threads());
    assert_eq!(named("sailpat-source"), 1, "{:?}", threads());
}

#[test]
fn twenty_calls_that_give_up_on_a_name_leave_one_thread() {
    if !alone("twenty_calls_that_give_up_on_a_name_leave_one_thread") {
        return;
    }
    let tenant = Tenant::new();
    let settings = text(&tenant.settings(json!({
        "timeoutMs": 100, "baseUrl": format!("https://{NAMELESS}"),
    })));
    let before = threads().len();
    for _ in 0..20 {
        // SAFETY: NUL-terminated strings; no reply is wanted.
        let reply = unsafe {
            let client = pat_client_new(settings.as_ptr(), std::ptr::null_mut());
            pat_client_call(client, c"list".as_ptr(), c"{}".as_ptr())
        };
        assert_eq!(read(reply)["error"]["code"], "timeout");
    }
    assert_eq!(threads().len(), before + 1, "{:?}", threads());
    assert_eq!(named("sailpat-names"), 1, "{:?}", threads());
}

#[test]
fn a_command_is_killed_at_its_own_limit_and_its_answer_serves_whoever_comes_before() {
    if !alone("a_command_is_killed_at_its_own_limit_and_its_answer_serves_whoever_comes_before") {
        return;
    }
    let tenant = Tenant::new();
    let folder = tempfile::tempdir().unwrap();
    let pair = json!({"clientId": tenant.0.client_id(), "clientSecret": tenant.0.client_secret()});
    std::fs::write(folder.path().join("pair"), pair.to_string()).unwrap();
    let script = format!(
        "cd {}; echo x >>starts; until [ -e go ]; do sleep 0.02; done; cat pair",
        folder.path().display()
    );
    let mut settings = tenant.settings(json!({
        "source": {"command": ["/bin/sh", "-c", script], "commandTimeoutMs": 20_000},
    }));
    settings.as_object_mut().unwrap().remove("clientId");
    settings.as_object_mut().unwrap().remove("clientSecret");
    let settings = text(&settings);
    // SAFETY: NUL-terminated strings; no reply is wanted.
    let client = unsafe { pat_client_new(settings.as_ptr(), std::ptr::null_mut()) };
    let call = |request: Value| {
        let request = text(&request);
        // SAFETY: NUL-terminated strings.
        read(unsafe { pat_client_call(client, c"list".as_ptr(), request.as_ptr()) })
    };
    assert_eq!(call(json!({"timeoutMs": 200}))["error"]["code"], "timeout");
    std::fs::write(folder.path().join("go"), "").unwrap();
    assert_eq!(call(json!({"ownerId": "me"}))["ok"], true);
    let starts = std::fs::read_to_string(folder.path().join("starts")).unwrap();
    assert_eq!(starts.lines().count(), 1);

    let mut settings: Value = serde_json::from_slice(settings.as_bytes()).unwrap();
    settings["source"] =
        json!({"command": ["/bin/sh", "-c", format!("exec {HANG}")], "commandTimeoutMs": 700});
    let settings = text(&settings);
    // SAFETY: NUL-terminated strings; no reply is wanted.
    let client = unsafe { pat_client_new(settings.as_ptr(), std::ptr::null_mut()) };
    // SAFETY: NUL-terminated strings.
    let reply = read(unsafe { pat_client_call(client, c"list".as_ptr(), c"{}".as_ptr()) });
    let message = reply["error"]["message"].as_str().unwrap();
    assert!(message.contains("did not end within 0.7 s"), "{reply}");
    assert_eq!(children(), 0);
}

#[test]
fn every_thread_of_the_library_has_its_name_and_an_adopted_job_is_one() {
    if !alone("every_thread_of_the_library_has_its_name_and_an_adopted_job_is_one") {
        return;
    }
    let tenant = Tenant::new();
    let folder = tempfile::tempdir().unwrap();
    let settings = text(&tenant.settings(json!({"stateFolder": folder.path()})));
    // SAFETY: a NUL-terminated string; no reply is wanted.
    let client = unsafe { pat_client_new(settings.as_ptr(), std::ptr::null_mut()) };
    tenant.rule(json!({"match": {"kind": "list"}, "times": 9, "fault": {"hang": true}}));
    let before = threads();
    // The harness's own two: the first thread of the process and the test's.
    let own = 2;
    let mut jobs = Vec::new();
    for count in 1..=4 {
        let (reply, job) = run(client, c"list", json!({}), 50);
        assert!(reply.is_null());
        jobs.push(job);
        // A thread takes its name when it begins to run.
        let begun = Instant::now();
        while named("sailpat-job") < count && begun.elapsed() < BOUND {
            std::thread::yield_now();
        }
        assert_eq!(threads().len(), before.len() + count, "{:?}", threads());
        assert_eq!(named("sailpat-job"), count, "{:?}", threads());
    }
    let (reply, job) = run(client, c"rotation_list", json!({}), 5_000);
    assert_eq!((read(reply)["ok"].clone(), job), (json!(true), 0));
    // SAFETY: NUL-terminated strings.
    jobs.push(unsafe { pat_job_start(client, c"list".as_ptr(), c"{}".as_ptr()) });
    // A thread has the name of the one that started it until it begins to run.
    let foreign = || {
        let mut names = threads();
        names.retain(|name| !name.starts_with("sailpat") && !name.starts_with("emulator"));
        names
    };
    let begun = Instant::now();
    while foreign().len() > own && begun.elapsed() < BOUND {
        std::thread::yield_now();
    }
    assert_eq!(foreign().len(), own, "{:?}", threads());
    assert!(named("sailpat") >= 4 + 2, "{:?}", threads());
    for job in jobs {
        assert_eq!(pat_job_free(job), 0);
    }
}

#[test]
fn the_bus_of_the_snapshot_counts_and_not_that_of_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bus");
    let bus = UnixListener::bind(&path).unwrap();
    let answering = std::thread::spawn(move || {
        let (mut stream, _) = bus.accept().unwrap();
        let mut line = Vec::new();
        BufReader::new(stream.try_clone().unwrap())
            .read_until(b'\n', &mut line)
            .unwrap();
        stream.write_all(b"REJECTED\r\n").unwrap();
    });
    let tenant = Tenant::new();
    let said = |environment: Value| {
        let mut settings =
            tenant.settings(json!({"source": {"keyring": "prod"}, "environment": environment}));
        settings.as_object_mut().unwrap().remove("clientId");
        settings.as_object_mut().unwrap().remove("clientSecret");
        let settings = text(&settings);
        // SAFETY: NUL-terminated strings; no reply is wanted.
        let reply = read(unsafe {
            let client = pat_client_new(settings.as_ptr(), std::ptr::null_mut());
            pat_client_call(client, c"list".as_ptr(), c"{}".as_ptr())
        });
        reply["error"]["message"].as_str().unwrap().to_owned()
    };
    let words = said(json!({"DBUS_SESSION_BUS_ADDRESS": format!("unix:path={}", path.display())}));
    assert!(words.contains("does not accept this user"), "{words}");
    answering.join().unwrap();
    let words = said(json!({}));
    assert!(words.contains("this session has no bus"), "{words}");
    let words = said(json!({"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent/bus"}));
    assert!(words.contains("no session bus answers"), "{words}");
}
