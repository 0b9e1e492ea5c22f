//! The schemas of docs/schema, and the C door that traffic goes through to be held against them.

use std::ffi::{CStr, CString, c_char};
use std::path::{Path, PathBuf};

use jsonschema::{Registry, Validator};
use sailpat::ffi::exports;
use serde_json::Value;

/// Where the schemas are.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema")
}

/// Every schema, by its file's name without `.json`.
pub fn all() -> Vec<(String, Value)> {
    let entries = std::fs::read_dir(folder()).expect("docs/schema is there");
    let mut schemas: Vec<_> = entries
        .map(|entry| {
            let path = entry.expect("an entry").path();
            let name = path.file_stem().expect("a name").to_string_lossy();
            let text = std::fs::read_to_string(&path).expect("a readable schema");
            let schema = serde_json::from_str(&text).expect("a schema is JSON");
            (name.into_owned(), schema)
        })
        .collect();
    schemas.sort_by(|one, other| one.0.cmp(&other.0));
    schemas
}

/// One schema, ready to judge.
pub struct Schema {
    name: String,
    validator: Validator,
}

impl Schema {
    pub fn named(name: &str) -> Self {
        let schemas = all();
        let resources = schemas.iter().map(|(_, schema)| {
            let id = schema["$id"].as_str().expect("a schema has an $id");
            (id.to_owned(), schema.clone())
        });
        let registry = Registry::new()
            .extend(resources)
            .and_then(|registry| registry.prepare())
            .expect("the schemas fit together");
        let schema = schemas.iter().find(|(known, _)| known == name);
        let (_, schema) = schema.unwrap_or_else(|| panic!("docs/schema/{name}.json is missing"));
        let validator = jsonschema::draft202012::options()
            .with_registry(&registry)
            .build(schema)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        Schema {
            name: name.to_owned(),
            validator,
        }
    }

    pub fn accepts(&self, value: &Value) -> bool {
        self.validator.is_valid(value)
    }

    /// Fails with everything that is wrong.
    pub fn check(&self, value: &Value) {
        let errors: Vec<String> = self
            .validator
            .iter_errors(value)
            .map(|error| format!("{} at {}", error, error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{}: {errors:?}\n{value}", self.name);
    }
}

/// Takes a reply of the C door over.
fn taken(reply: *mut c_char) -> Value {
    // SAFETY: every reply is NUL-terminated, and freed here once.
    let text = unsafe {
        let text = CStr::from_ptr(reply).to_owned();
        exports::pat_string_free(reply);
        text
    };
    serde_json::from_slice(text.to_bytes()).expect("an envelope is JSON")
}

fn text(json: &Value) -> CString {
    CString::new(json.to_string()).expect("JSON has no NUL")
}

/// A client of the C door.
pub struct Client(exports::pat_client);

impl Client {
    /// The client, or the envelope that says why there is none.
    pub fn new(settings: &Value) -> (Option<Self>, Value) {
        let mut reply = std::ptr::null_mut();
        // SAFETY: a NUL-terminated string, and a place for the reply.
        let client = unsafe { exports::pat_client_new(text(settings).as_ptr(), &mut reply) };
        let (client, reply) = (Client(client), taken(reply));
        ((reply["ok"] == true).then_some(client), reply)
    }

    pub fn call(&self, operation: &str, request: &Value) -> Value {
        let operation = CString::new(operation).expect("a name has no NUL");
        // SAFETY: NUL-terminated strings that outlive the call.
        taken(unsafe {
            exports::pat_client_call(self.0, operation.as_ptr(), text(request).as_ptr())
        })
    }

    pub fn start(&self, operation: &str, request: &Value) -> Job {
        let operation = CString::new(operation).expect("a name has no NUL");
        // SAFETY: as above.
        Job(unsafe { exports::pat_job_start(self.0, operation.as_ptr(), text(request).as_ptr()) })
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        exports::pat_client_free(self.0);
    }
}

/// A job of the C door.
pub struct Job(exports::pat_job);

impl Job {
    pub fn wait(&self, milliseconds: u32) -> bool {
        exports::pat_job_wait(self.0, milliseconds) == 1
    }

    pub fn progress(&self) -> Value {
        taken(exports::pat_job_progress(self.0))
    }

    pub fn cancel(&self) {
        exports::pat_job_cancel(self.0);
    }

    pub fn take(&self) -> Value {
        taken(exports::pat_job_take(self.0))
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        exports::pat_job_free(self.0);
    }
}

pub fn version() -> Value {
    taken(exports::pat_version())
}

pub fn log() -> Value {
    taken(exports::pat_log_take())
}

pub fn configure(settings: &Value) -> Value {
    // SAFETY: a NUL-terminated string that outlives the call.
    taken(unsafe { exports::pat_configure(text(settings).as_ptr()) })
}
