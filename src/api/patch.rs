//! JSON Patch (RFC 6902) as far as it is judged here: its form. Which paths may change, and to what,
//! the service knows best and says with a 400.

use serde_json::Value;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::api::fields::Fields;
use crate::api::id::TokenId;
use crate::api::request::{Body, Method, Request};
use crate::api::version::Version;
use crate::error::{Error, Result};

const PATCH_OPERATIONS: &[&str] = &["add", "remove", "replace", "move", "copy", "test"];

/// Builds the PATCH of `{"id": …, "patch": […]}`; the array is sent as it stands.
pub fn from_fields(version: &Version, mut fields: Fields<'_>) -> Result<Request> {
    let id = fields.string("id")?;
    let id = TokenId::parse("id", fields.required("id", id)?)?;
    let patch = fields.raw("patch");
    let patch = fields.required("patch", patch)?;
    let repeatable = check(&fields, patch)?;
    fields.finish()?;
    Ok(Request {
        method: Method::Patch,
        target: format!("{}/{}", version.collection, id.encoded()),
        body: Some(Body {
            content_type: "application/json-patch+json",
            bytes: Zeroizing::new(patch.get().as_bytes().to_vec()),
        }),
        repeatable,
    })
}

/// Builds the PATCH that gives a token another name.
pub fn rename(version: &Version, id: &TokenId, name: &str) -> Request {
    let patch = serde_json::json!([{"op": "replace", "path": "/name", "value": name}]);
    Request {
        method: Method::Patch,
        target: format!("{}/{}", version.collection, id.encoded()),
        body: Some(Body {
            content_type: "application/json-patch+json",
            bytes: Zeroizing::new(patch.to_string().into_bytes()),
        }),
        repeatable: true,
    }
}

/// Checks every operation; true when doing them twice ends the same as once.
fn check(fields: &Fields<'_>, patch: &RawValue) -> Result<bool> {
    let operations: Vec<&RawValue> = serde_json::from_str(patch.get())
        .map_err(|_| fields.breaks("patch", "must be an array of {op, path, value}"))?;
    if operations.is_empty() {
        return Err(fields.breaks("patch", "must hold at least one operation"));
    }
    let mut repeatable = true;
    for (index, operation) in operations.into_iter().enumerate() {
        repeatable &= check_one(fields, index, operation)?;
    }
    Ok(repeatable)
}

fn check_one(fields: &Fields<'_>, index: usize, operation: &RawValue) -> Result<bool> {
    let mut operation = fields.nested(&format!("patch[{index}]"), operation)?;
    let op = operation.string("op")?;
    let op = operation.required("op", op)?;
    if !PATCH_OPERATIONS.contains(&op.as_str()) {
        return Err(operation.breaks(
            "op",
            format!("must be one of {}", PATCH_OPERATIONS.join(", ")),
        ));
    }
    let path = operation.string("path")?;
    let path = operation.required("path", path)?;
    pointer(&operation, "path", &path)?;
    let value = operation.raw_or_null("value");
    readable(&operation, value)?;
    let from = operation.string("from")?;
    match op.as_str() {
        "add" | "replace" | "test" => drop(operation.required("value", value)?),
        "move" | "copy" => {
            let from = operation.required("from", from)?;
            pointer(&operation, "from", &from)?;
        }
        _ => {}
    }
    if path == "/scope" {
        scope(&operation, &op, value)?;
    }
    operation.finish()?;
    Ok(op == "replace")
}

/// A token without a scope may do all that its owner may: an empty one is a slip, and never meant.
fn scope(fields: &Fields<'_>, op: &str, value: Option<&RawValue>) -> Result<()> {
    let remedy = "name what the token is for; sp:scopes:all says everything";
    if op == "remove" {
        return Err(fields
            .breaks("op", "must not remove the whole scope")
            .with_remedy(remedy));
    }
    let value = value.and_then(|value| serde_json::from_str(value.get()).ok());
    match value {
        Some(value) if op != "test" && is_nothing(&value) => Err(fields
            .breaks("value", "must not be empty for /scope")
            .with_remedy(remedy)),
        _ => Ok(()),
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty() || items.iter().any(is_nothing),
        _ => false,
    }
}

/// What is sent as it stands was only held to the grammar of JSON, which allows half a character ("\ud800") and 1e999.
fn readable(fields: &Fields<'_>, value: Option<&RawValue>) -> Result<()> {
    match value.map(|value| serde_json::from_str::<Value>(value.get())) {
        Some(Err(_)) => Err(fields.breaks(
            "value",
            "must not hold half characters or numbers out of range",
        )),
        _ => Ok(()),
    }
}

/// A JSON Pointer (RFC 6901) is empty or starts with a slash.
fn pointer(fields: &Fields<'_>, field: &'static str, text: &str) -> Result<()> {
    if text.starts_with('/') {
        Ok(())
    } else {
        Err(pointer_error(fields, field, text))
    }
}

fn pointer_error(fields: &Fields<'_>, field: &'static str, text: &str) -> Error {
    fields
        .breaks(field, "must be a JSON Pointer, which starts with '/'")
        .with_remedy(format!(
            "write /{}",
            text.chars().take(40).collect::<String>()
        ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::version::default_version;

    fn patch(json: &str) -> Result<Request> {
        from_fields(default_version(), Fields::of_request(json)?)
    }

    #[test]
    fn the_array_is_sent_as_it_stands() {
        let request =
            patch(r#"{"id":"ab-1","patch":[ {"op":"replace", "path":"/name","value":"n"} ]}"#)
                .unwrap();
        assert_eq!(request.target, "/v2024/personal-access-tokens/ab-1");
        let body = request.body.unwrap();
        assert_eq!(body.content_type, "application/json-patch+json");
        assert_eq!(
            body.bytes.as_slice(),
            br#"[ {"op":"replace", "path":"/name","value":"n"} ]"#
        );
    }

    #[test]
    fn only_replace_may_be_repeated() {
        for (operation, repeatable) in [
            (r#"{"op":"replace","path":"/name","value":"n"}"#, true),
            (
                r#"{"op":"replace","path":"/expirationDate","value":null}"#,
                true,
            ),
            (r#"{"op":"add","path":"/scope/-","value":"a"}"#, false),
            (r#"{"op":"remove","path":"/scope/0"}"#, false),
            (r#"{"op":"test","path":"/name","value":"a"}"#, false),
            (r#"{"op":"move","path":"/name","from":"/scope"}"#, false),
        ] {
            let request = patch(&format!(r#"{{"id":"a","patch":[{operation}]}}"#)).unwrap();
            assert_eq!(request.repeatable, repeatable, "{operation}");
        }
    }

    #[test]
    fn a_scope_is_never_changed_to_nothing() {
        for operation in [
            r#"{"op":"replace","path":"/scope","value":null}"#,
            r#"{"op":"replace","path":"/scope","value":[]}"#,
            r#"{"op":"add","path":"/scope","value":" "}"#,
            r#"{"op":"replace","path":"/scope","value":["a",""]}"#,
            r#"{"op":"remove","path":"/scope"}"#,
        ] {
            let error = patch(&format!(r#"{{"id":"a","patch":[{operation}]}}"#)).unwrap_err();
            let field = error.detail().field.clone().unwrap();
            assert!(
                ["patch[0].value", "patch[0].op"].contains(&field.as_str()),
                "{operation}"
            );
        }
        for operation in [
            r#"{"op":"replace","path":"/scope","value":["sp:scopes:all"]}"#,
            r#"{"op":"remove","path":"/scope/0"}"#,
            r#"{"op":"replace","path":"/expirationDate","value":null}"#,
        ] {
            patch(&format!(r#"{{"id":"a","patch":[{operation}]}}"#)).unwrap();
        }
    }

    #[test]
    fn broken_rules_name_place_and_rule() {
        for (operations, message) in [
            ("{}", "patch: must be an array of {op, path, value}"),
            ("[]", "patch: must hold at least one operation"),
            ("[1]", "patch[0]: must be an object"),
            (r#"[{"path":"/name"}]"#, "patch[0].op: is required"),
            (
                r#"[{"op":"set","path":"/name"}]"#,
                "patch[0].op: must be one of add, remove, replace, move, copy, test",
            ),
            (r#"[{"op":"remove"}]"#, "patch[0].path: is required"),
            (
                r#"[{"op":"remove","path":"/a"},{"op":"replace","path":"name","value":1}]"#,
                "patch[1].path: must be a JSON Pointer, which starts with '/'",
            ),
            (
                r#"[{"op":"replace","path":"/name"}]"#,
                "patch[0].value: is required",
            ),
            (
                r#"[{"op":"copy","path":"/name"}]"#,
                "patch[0].from: is required",
            ),
            (
                r#"[{"op":"replace","path":"/name","value":["\ud800"]}]"#,
                "patch[0].value: must not hold half characters or numbers out of range",
            ),
            (
                r#"[{"op":"test","path":"/name","value":1e999}]"#,
                "patch[0].value: must not hold half characters or numbers out of range",
            ),
        ] {
            let error = patch(&format!(r#"{{"id":"a","patch":{operations}}}"#)).unwrap_err();
            assert_eq!(error.to_string(), message);
        }
    }
}
