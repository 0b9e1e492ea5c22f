//! What is declared once is everywhere: operations in `ops`, versions in `api`, stores in `store`. What cannot be made
//! of those lists is held against them here, so that what is new is in each place or fails.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use sailpat::api::version::VERSIONS;
use sailpat::ops::{OPERATIONS, Operation};
use sailpat::store::Store;
use serde_json::Value;

/// Functions of the header that run no operation, or any.
const OTHER_FUNCTIONS: &[&str] = &[
    "pat_abi_version",
    "pat_client_call",
    "pat_client_free",
    "pat_client_new",
    "pat_configure",
    "pat_job_cancel",
    "pat_job_free",
    "pat_job_progress",
    "pat_job_run",
    "pat_job_secret",
    "pat_job_start",
    "pat_job_take",
    "pat_job_wait",
    "pat_log_take",
    "pat_string_free",
    "pat_string_len",
    "pat_version",
];

/// Schemas of what is no operation, or of parts.
const OTHER_SCHEMAS: &[&str] = &[
    "common",
    "configure.reply",
    "configure.request",
    "envelope",
    "log.reply",
    "progress.reply",
    "rotation",
    "version.reply",
];

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn text(path: &str) -> String {
    std::fs::read_to_string(root(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The names of the files in a folder, without this ending.
fn files(folder: &str, ending: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(root(folder)).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names
        .filter_map(|name| Some(name.strip_suffix(ending)?.to_owned()))
        .collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Fails with what a place lacks of what is declared, and with what it has beyond that. `remedy` is what to do then.
fn assert_same(place: &str, found: &BTreeSet<String>, declared: &BTreeSet<String>, remedy: &str) {
    let lacks: Vec<_> = declared.difference(found).collect();
    let left_over: Vec<_> = found.difference(declared).collect();
    assert!(lacks.is_empty(), "{place} lacks {lacks:?}: {remedy}");
    assert!(
        left_over.is_empty(),
        "{place} has {left_over:?}, which nothing declares"
    );
}

/// The operations of a release; a build for tests has one more, which panics.
fn operations() -> impl Iterator<Item = &'static Operation> {
    OPERATIONS
        .iter()
        .filter(|operation| operation.name != "panic")
}

#[test]
fn every_function_of_the_header_is_an_operations_or_one_of_the_others() {
    let header = text("include/sailpat.h");
    let declared: BTreeSet<String> = (header.lines())
        .filter(|line| !line.starts_with([' ', '#', '/', '*']))
        .filter_map(|line| line.split_once('(')?.0.split("pat_").last())
        .map(|name| format!("pat_{name}"))
        .collect();
    let mut functions = set(OTHER_FUNCTIONS);
    functions.extend(operations().filter_map(|operation| Some(operation.function?.to_owned())));
    assert_same(
        "include/sailpat.h",
        &declared,
        &functions,
        "src/ffi/exports.rs declares it, and cargo xtask header writes the header",
    );
}

#[test]
fn every_function_of_an_operation_runs_that_one() {
    let exports = text("src/ffi/exports.rs");
    for operation in operations() {
        let Some(function) = operation.function else {
            continue;
        };
        let head = format!("extern \"C\" fn {function}(");
        let (_, body) = (exports.split_once(&head))
            .unwrap_or_else(|| panic!("src/ffi/exports.rs lacks {function}"));
        let body = body.split("extern \"C\" fn").next().unwrap();
        let call = format!("call_default(\"{}\", json)", operation.name);
        assert!(body.contains(&call), "{function}: {call}");
    }
}

#[test]
fn every_request_and_reply_has_its_schema_and_no_schema_is_left_over() {
    let mut schemas = set(OTHER_SCHEMAS);
    for operation in operations() {
        assert!(!operation.replies.is_empty(), "{}", operation.name);
        schemas.insert(format!("{}.request", operation.name));
        schemas.extend(
            operation
                .replies
                .iter()
                .map(|reply| format!("{reply}.reply")),
        );
    }
    assert_same(
        "docs/schema",
        &files("docs/schema", ".json"),
        &schemas,
        "each operation has a schema of its request and of each reply",
    );
}

#[test]
fn the_page_of_the_c_interface_has_each_operation_with_its_schemas() {
    let page = text("docs/abi.md");
    for operation in operations() {
        let name = operation.name;
        let function = operation.function.map(|function| format!("`{function}`, "));
        let row = format!(
            "| {}`{name}` | [request](schema/{name}.request.json) | [reply](schema/{}.reply.json) |",
            function.unwrap_or_default(),
            operation.replies[0]
        );
        assert!(page.contains(&row), "docs/abi.md lacks: {row}");
    }
}

#[test]
fn what_each_function_refuses_is_tried_in_c() {
    let tried = text("tests/c/bad_input.c");
    let (_, list) = tried.split_once("operations[] = {").unwrap();
    let list: BTreeSet<&str> = list
        .split('}')
        .next()
        .unwrap()
        .split(',')
        .map(str::trim)
        .collect();
    for function in operations().filter_map(|operation| operation.function) {
        assert!(
            list.contains(function),
            "tests/c/bad_input.c lacks {function}"
        );
    }
}

#[test]
fn every_operation_has_a_seed_of_the_fuzz_target_that_calls_it() {
    let first = |name: &str| {
        let seed = std::fs::read(root("fuzz/corpus/door").join(name));
        seed.unwrap_or_else(|_| panic!("fuzz/corpus/door lacks {name}"))[0]
    };
    let mut rows = 0;
    for operation in operations() {
        let name = operation.name;
        assert_eq!(
            first(name),
            rows,
            "fuzz/corpus/door/{name}: the first byte is the number of the row"
        );
        rows += 1;
    }
    assert_eq!(
        first("nonsense"),
        rows,
        "fuzz/corpus/door/nonsense: the first byte is the number after the last row"
    );
}

#[test]
fn every_operation_has_a_documented_command_and_the_module_calls_it() {
    let pages = files("docs/cmdlets", ".md");
    let mut parts = String::new();
    for folder in ["powershell/SailPat/Private", "powershell/SailPat/Public"] {
        for name in files(folder, ".ps1") {
            parts.push_str(&text(&format!("{folder}/{name}.ps1")));
        }
    }
    for operation in operations() {
        let command = operation
            .command
            .unwrap_or_else(|| panic!("{}", operation.name));
        assert!(
            pages.contains(command),
            "docs/cmdlets lacks {command}: run pwsh docs/cmdlets/update.ps1"
        );
        let called = format!("'{}'", operation.name);
        assert!(
            parts.contains(&called),
            "no part of the module says {called}"
        );
    }
}

#[test]
fn every_version_is_in_the_schemas_and_in_the_module() {
    let common: Value = serde_json::from_str(&text("docs/schema/common.json")).unwrap();
    let named = common["$defs"]["apiVersion"]["enum"].as_array().unwrap();
    let named = named.iter().filter_map(Value::as_str).collect::<Vec<_>>();
    let versions = VERSIONS
        .iter()
        .map(|version| version.name)
        .collect::<Vec<_>>();
    assert_same(
        "docs/schema/common.json",
        &set(&named),
        &set(&versions),
        "apiVersion names them",
    );
    let rows = text("powershell/SailPat/Private/Versions.ps1");
    for version in VERSIONS {
        let row = format!("@{{ Name = '{}'", version.name);
        assert!(rows.contains(&row), "Private/Versions.ps1 lacks {row}");
    }
}

#[test]
fn every_store_is_in_the_schema_and_in_the_page_of_rotation() {
    let rotation: Value = serde_json::from_str(&text("docs/schema/rotation.json")).unwrap();
    let fields = rotation["$defs"]["storeIn"]["properties"]
        .as_object()
        .unwrap();
    let fields: BTreeSet<String> = fields.keys().cloned().collect();
    let mut expected = set(Store::FIELDS);
    // How a file is written, how long a command may take, and what is no store.
    expected.extend(set(&[
        "format",
        "commandTimeoutMs",
        "environment",
        "caller",
    ]));
    assert_same(
        "storeIn in docs/schema/rotation.json",
        &fields,
        &expected,
        "each store has its field there; a field beside it is in the list of this test",
    );
    let page = text("docs/rotation.md");
    for field in Store::FIELDS {
        let row = format!("| `{{\"{field}\": ");
        assert!(page.contains(&row), "docs/rotation.md lacks {row}");
    }
}
