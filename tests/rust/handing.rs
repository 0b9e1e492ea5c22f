//! A rotation as a job: its pair is handed over beside the reply, and a job that is stopped names it.

use std::ffi::CStr;
use std::time::{Duration, Instant};

use sailpat::ffi::exports::*;
use serde_json::{Value, json};

use crate::door::{new_client, read, run, text};
use crate::support::Tenant;

struct House {
    tenant: Tenant,
    folder: tempfile::TempDir,
}

impl House {
    fn new() -> Self {
        House {
            tenant: Tenant::new(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn client(&self) -> pat_client {
        new_client(&self.tenant, json!({"stateFolder": self.folder.path()}))
    }

    /// A job of this operation.
    fn job(client: pat_client, operation: &CStr, request: Value) -> pat_job {
        let request = text(&request);
        // SAFETY: NUL-terminated strings.
        unsafe { pat_job_start(client, operation.as_ptr(), request.as_ptr()) }
    }

    fn call(client: pat_client, operation: &CStr, request: Value) -> Value {
        let job = Self::job(client, operation, request);
        assert_eq!(pat_job_wait(job, 30_000), 1);
        let reply = read(pat_job_take(job));
        assert_eq!(pat_job_free(job), 0);
        reply
    }
}

/// The secret that a job hands over.
fn secret(job: pat_job) -> Option<String> {
    let text = pat_job_secret(job);
    if text.is_null() {
        return None;
    }
    // SAFETY: the library's own string, freed once.
    unsafe {
        let secret = CStr::from_ptr(text).to_str().unwrap().to_owned();
        pat_string_free(text);
        Some(secret)
    }
}

#[test]
fn the_secret_is_taken_once_and_the_reply_does_not_hold_it_then() {
    let house = House::new();
    let client = house.client();
    for (operation, request, id) in [
        (
            c"create",
            json!({"body": {"name": "n"}, "storeIn": {"caller": true}}),
            "id",
        ),
        (c"rotate", json!({"storeIn": {"caller": true}}), "newId"),
    ] {
        let job = House::job(client, operation, request);
        assert_eq!(pat_job_wait(job, 30_000), 1);
        let secret = secret(job).unwrap();
        assert_eq!(self::secret(job), None, "it is given once");
        let reply = read(pat_job_take(job));
        assert_eq!(self::secret(job), None);
        assert_eq!(pat_job_free(job), 0);
        assert!(!reply.to_string().contains(&secret), "{operation:?}");
        assert!(reply["data"].get("pair").is_none());
        let rotation = &reply["data"]["rotation"];
        let pair = json!({"clientId": reply["data"][id], "clientSecret": secret});
        let confirm = json!({"rotation": rotation, "confirm": pair});
        let done = House::call(client, c"rotation_resume", confirm);
        assert_eq!(done["data"]["state"], "done", "{done}");
    }
}

#[test]
fn without_asking_the_pair_is_in_the_reply_as_before() {
    let house = House::new();
    let client = house.client();
    let request = json!({"body": {"name": "n"}, "storeIn": {"caller": true}});
    let made = House::call(client, c"create", request);
    let secret = made["data"]["secret"].as_str().unwrap();
    assert_eq!(secret.len(), 64, "as the service makes it");
    let pair = json!({"clientId": made["data"]["id"], "clientSecret": secret});
    let confirm = json!({"rotation": made["data"]["rotation"], "confirm": pair});
    let done = House::call(client, c"rotation_resume", confirm);
    assert_eq!(done["data"]["state"], "done", "{done}");

    let rotation = House::call(client, c"rotate", json!({"storeIn": {"caller": true}}));
    assert_eq!(
        rotation["data"]["pair"]["clientId"],
        rotation["data"]["newId"]
    );
    assert!(rotation["data"]["pair"]["clientSecret"].is_string());
}

#[test]
fn where_there_is_none_nothing_is_given() {
    let house = House::new();
    let client = house.client();
    assert!(pat_job_secret(7).is_null());
    for (operation, request) in [
        (c"list", json!({})),
        (c"create", json!({"name": "shown in its reply"})),
        (c"destroy", json!({})),
    ] {
        let job = House::job(client, operation, request);
        assert_eq!(pat_job_wait(job, 30_000), 1);
        assert!(pat_job_secret(job).is_null(), "{operation:?}");
        assert_eq!(pat_job_free(job), 0);
    }
}

/// A rotation that waits for its new token, on the library's threads or on the caller's own at first.
fn waiting(house: &House, client: pat_client, on_lane: bool) -> (pat_job, String) {
    house.tenant.set(json!({"lateSpreadSeconds": 30}));
    let ms = if on_lane { 30 } else { 0 };
    let (reply, job) = run(client, c"rotate", json!({"storeIn": {"caller": true}}), ms);
    assert!(reply.is_null());
    let end = Instant::now() + Duration::from_secs(10);
    loop {
        let progress = read(pat_job_progress(job));
        if progress["data"]["waitReason"] == "spreading" {
            let rotation = progress["data"]["rotation"].as_str().unwrap();
            return (job, rotation.to_owned());
        }
        assert!(Instant::now() < end, "{progress}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_stopped_job_names_its_rotation_which_is_free_once_the_job_has_ended() {
    for on_lane in [false, true] {
        let house = House::new();
        let client = house.client();
        let (job, rotation) = waiting(&house, client, on_lane);
        assert_eq!(pat_job_cancel(job), 0);
        assert_eq!(pat_job_wait(job, 10_000), 1);
        // At once: no lock of the stopped one is in the way.
        let undone = House::call(client, c"rotation_undo", json!({"rotation": rotation}));
        assert_eq!(undone["data"]["state"], "undone", "{undone}");
        let reply = read(pat_job_take(job));
        assert_eq!(reply["error"]["code"], "cancelled", "{reply}");
        assert_eq!(reply["error"]["rotation"], rotation);
        assert!(
            reply["error"]["message"]
                .as_str()
                .unwrap()
                .contains(&rotation)
        );
        assert_eq!(pat_job_free(job), 0);
    }
}

#[test]
fn a_plan_says_what_would_be_done_and_sends_nothing() {
    let house = House::new();
    let client = house.client();
    let file = house.folder.path().join("pair.json");
    let planned = House::call(client, c"rotation_plan", json!({"storeIn": {"file": file}}));
    let data = &planned["data"];
    assert_eq!(data["id"], house.tenant.0.client_id(), "{planned}");
    assert_eq!(data["storedIn"], format!("file {}", file.display()));
    assert_eq!(data["storeIn"]["format"], "json");
    assert_eq!(data["profile"], Value::Null);
    let refused = House::call(client, c"rotation_plan", json!({}));
    assert_eq!(refused["error"]["field"], "storeIn", "{refused}");
    let create = json!({"create": true, "storeIn": {"file": file}});
    let planned = House::call(client, c"rotation_plan", create);
    assert_eq!(planned["data"]["id"], Value::Null);
    assert_eq!(house.tenant.count("token"), 0);
}
