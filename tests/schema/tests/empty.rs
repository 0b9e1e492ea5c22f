//! Nothing empty means everything: each text, array and object that a request may hold is tried with nothing in
//! it, and must be refused by its schema and by the library. The schemas say which fields there are, so a new one
//! is tried by itself; one that no example reaches fails.

use sailpat_schema_tests::{self as door, Client, Schema};
use serde_json::{Value, json};

/// An empty environment is one: no variable is set.
const MAY_BE_EMPTY: &[(&str, &str, &str)] = &[("configure", "/environment", "{}")];

/// Whole requests of every operation, which between them hold every object that has fields of its own.
fn examples() -> Vec<(&'static str, Value)> {
    let store = json!({"file": "/nonexistent/pair.json"});
    let body = json!({"name": "n", "scope": ["a"]});
    let pair = json!({"clientId": "i", "clientSecret": "s"});
    let patch = json!([{"op": "move", "path": "/a", "from": "/b"}]);
    vec![
        ("create", body.clone()),
        ("create", json!({"body": body, "storeIn": store})),
        ("list", json!({"ownerId": "me"})),
        ("get", json!({"id": "a"})),
        ("update", json!({"id": "a", "patch": patch})),
        ("delete", json!({"id": "a"})),
        ("bearer", json!({})),
        ("settings", json!({})),
        ("doctor", json!({})),
        ("profiles", json!({})),
        (
            "profile_set",
            json!({"name": "p", "baseUrl": "https://t", "source": store}),
        ),
        ("profile_remove", json!({"name": "p"})),
        ("change_log", json!({"last": 1})),
        ("rotate", json!({"storeIn": store})),
        ("rotation_plan", json!({"storeIn": store})),
        ("rotation_list", json!({})),
        ("rotation_resume", json!({"rotation": "r", "confirm": pair})),
        ("rotation_undo", json!({"rotation": "r"})),
        (
            "configure",
            json!({"source": store, "proxy": {"url": "http://127.0.0.1:9"}, "environment": {},
                   "rateLimit": {"requests": 1, "perSeconds": 1}}),
        ),
    ]
}

/// The schemas of docs/schema, to follow references in.
struct Schemas(Vec<(String, Value)>);

impl Schemas {
    /// The schemas that a value at this place may follow: itself, what it refers to, and its choices.
    fn choices<'s>(&'s self, root: &'s Value, schema: &'s Value) -> Vec<(&'s Value, &'s Value)> {
        let mut found = vec![(root, schema)];
        if let Some(reference) = schema["$ref"].as_str() {
            let (document, place) = reference.split_once('#').expect("a place");
            let root = match document {
                "" => root,
                urn => {
                    let named = |(_, schema): &&(String, Value)| schema["$id"] == urn;
                    &self.0.iter().find(named).expect("a known schema").1
                }
            };
            found.extend(self.choices(root, root.pointer(place).expect("a known place")));
        }
        for keyword in ["anyOf", "allOf"] {
            for choice in schema[keyword].as_array().into_iter().flatten() {
                found.extend(self.choices(root, choice));
            }
        }
        found
    }

    /// Every field below a schema that a text, an array or an object may stand in, as a JSON Pointer.
    fn fields(&self, root: &Value, schema: &Value, place: &str, into: &mut Vec<String>) {
        for (root, schema) in self.choices(root, schema) {
            for (name, field) in schema["properties"].as_object().into_iter().flatten() {
                let place = format!("{place}/{name}");
                if self
                    .choices(root, field)
                    .iter()
                    .any(|(_, one)| holds_something(one))
                {
                    into.push(place.clone());
                }
                self.fields(root, field, &place, into);
            }
            if schema["items"].is_object() {
                self.fields(root, &schema["items"], &format!("{place}/0"), into);
            }
        }
        into.sort();
        into.dedup();
    }
}

/// Whether a schema speaks of texts, arrays or objects.
fn holds_something(schema: &Value) -> bool {
    let kinds = match &schema["type"] {
        Value::Array(kinds) => kinds.clone(),
        kind => vec![kind.clone()],
    };
    let holds = ["string", "array", "object"];
    kinds
        .iter()
        .any(|kind| holds.iter().any(|held| kind == held))
        || (schema["enum"].as_array().into_iter().flatten()).any(Value::is_string)
}

/// The request with `value` at a place; none where it has no such object.
fn with(request: &Value, place: &str, value: &Value) -> Option<Value> {
    let (parent, name) = place.rsplit_once('/')?;
    let mut request = request.clone();
    let parent = request.pointer_mut(parent)?.as_object_mut()?;
    parent.insert(name.to_owned(), value.clone());
    Some(request)
}

struct House {
    folder: tempfile::TempDir,
    client: Client,
}

impl House {
    /// A client that reaches nobody: whatever passes fails, but with another code.
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let settings = json!({"baseUrl": "http://127.0.0.1:9", "token": "t", "environment": {},
            "workingDirectory": folder.path(), "stateFolder": folder.path(), "maximumRetryCount": 0});
        let (client, reply) = Client::new(&settings);
        let client = client.unwrap_or_else(|| panic!("{reply}"));
        House { folder, client }
    }

    fn code(&self, operation: &str, request: &Value) -> (Value, &'static str) {
        if operation == "configure" {
            (
                Client::new(request).1["error"]["code"].clone(),
                "settings_invalid",
            )
        } else {
            let reply = self.client.call(operation, request);
            (reply["error"]["code"].clone(), "invalid_request")
        }
    }
}

#[test]
fn what_is_given_and_empty_is_refused_everywhere() {
    let (house, schemas) = (House::new(), Schemas(door::all()));
    let mut tried = 0;
    for (name, root) in &schemas.0 {
        let Some(operation) = name.strip_suffix(".request") else {
            continue;
        };
        let schema = Schema::named(name);
        let mut places = Vec::new();
        schemas.fields(root, root, "", &mut places);
        let examples = examples();
        let requests = || examples.iter().filter(|(of, _)| *of == operation);
        assert!(requests().count() > 0, "{operation} has no example");
        requests().for_each(|(_, request)| schema.check(request));
        for place in places {
            for value in [json!(""), json!(" \t"), json!([]), json!({})] {
                let text = value.to_string();
                if MAY_BE_EMPTY.contains(&(operation, place.as_str(), text.as_str())) {
                    continue;
                }
                let empty: Vec<Value> = requests()
                    .filter_map(|(_, request)| with(request, &place, &value))
                    .collect();
                assert!(!empty.is_empty(), "{operation}: no example reaches {place}");
                for request in empty {
                    assert!(!schema.accepts(&request), "{name} {place}: {request}");
                    let (code, expected) = house.code(operation, &request);
                    assert_eq!(code, expected, "{operation} {place}: {request}");
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 250, "{tried}");
    let left = std::fs::read_dir(house.folder.path())
        .expect("the folder")
        .count();
    assert_eq!(left, 0, "something was written");
}

#[test]
fn null_is_refused_where_absence_means_everything_or_the_one_in_use() {
    let house = House::new();
    for (operation, place) in [
        ("create", "/storeIn"),
        ("list", "/ownerId"),
        ("list", "/filters"),
        ("change_log", "/since"),
        ("change_log", "/id"),
        ("change_log", "/last"),
        ("rotate", "/id"),
        ("rotate", "/storeIn"),
        ("rotation_plan", "/id"),
        ("rotation_plan", "/storeIn"),
        ("rotation_list", "/id"),
        ("rotation_list", "/unfinished"),
        ("profile_set", "/source"),
        ("configure", "/profile"),
        ("configure", "/source"),
    ] {
        let schema = Schema::named(&format!("{operation}.request"));
        for (_, request) in examples().iter().filter(|(of, _)| *of == operation) {
            let request = with(request, place, &Value::Null).expect("an object");
            assert!(!schema.accepts(&request), "{operation} {place}");
            let (code, expected) = house.code(operation, &request);
            assert_eq!(code, expected, "{operation} {place}");
        }
    }
}
