//! The sources keep to the house: calls go down only, no modules of a folder need each other, and one name is one
//! thing. The floors are those of the table in src/lib.rs, in its order.

mod circles;
mod floors;
mod names;
mod source;

use std::path::{Path, PathBuf};

use source::Module;

/// What breaks a rule: where it stands, and which rule it is.
type Finding = String;

/// Everything in the sources that breaks a rule.
fn findings(map: &str, modules: &[Module]) -> Vec<Finding> {
    let mut findings = floors::upward(&floors::table(map), modules);
    findings.extend(circles::within_folders(modules));
    findings.extend(names::twice(modules));
    findings
}

#[test]
fn the_sources_keep_to_the_house() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let map = std::fs::read_to_string(folder.join("lib.rs")).unwrap();
    let mut files = Vec::new();
    collect(&folder, &folder, &mut files);
    let modules = source::modules(&files);
    assert!(modules.len() > 100, "{}", modules.len());
    let mentioned: usize = modules.iter().map(|module| module.mentions.len()).sum();
    assert!(mentioned > 500, "{mentioned}");
    let findings = findings(&map, &modules);
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

/// Every source below a folder, by its path from `top`, with its text.
fn collect(top: &Path, folder: &Path, into: &mut Vec<(PathBuf, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(top, &path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            into.push((path.strip_prefix(top).unwrap().to_owned(), text));
        }
    }
    into.sort();
}

const MAP: &str = "//! | module | what it is |\n//! |---|---|\n//! | [`upper`] | a |\n//! | [`lower`] | b |\n\
    pub mod lower;\npub mod upper;\n";

/// What is found in a house of two floors with these files in it.
fn planted(files: &[(&str, &str)]) -> Vec<Finding> {
    let mut all = vec![(PathBuf::from("lib.rs"), MAP.to_owned())];
    all.extend(
        files
            .iter()
            .map(|(path, text)| (path.into(), (*text).to_owned())),
    );
    findings(MAP, &source::modules(&all))
}

#[test]
fn a_call_upwards_is_found_in_every_spelling() {
    for text in [
        "use crate::upper::go;",
        "use crate::{upper as other, lower::x};",
        "use super::upper;",
        "fn f() { crate::upper::go() }",
        "fn f(_: super::upper::Kind) {}",
        "fn f() { println!(\"{}\", crate::upper::NAME) }",
        "mod inner { use super::super::upper::go; }",
    ] {
        let found = planted(&[("upper.rs", ""), ("lower.rs", &format!("\n{text}"))]);
        let expected = "src/lower.rs:2: lower names upper, which is above it: calls go down only";
        assert_eq!(found, [expected], "{text}");
    }
}

#[test]
fn a_call_down_and_one_of_a_test_are_none_of_its_business() {
    let upper = "use crate::lower::go; fn f() { super::lower::go() }";
    let lower = "#[cfg(test)] mod tests { use crate::upper::go; }\n\
        #[cfg(all(test, unix))] fn f() { crate::upper::go() }\n#[cfg(test)] mod apart;";
    let apart = "use crate::upper::go;";
    let files = [
        ("upper.rs", upper),
        ("lower.rs", lower),
        ("lower/apart.rs", apart),
    ];
    assert_eq!(planted(&files), Vec::<Finding>::new());
}

#[test]
fn a_floor_that_the_table_does_not_name_is_found() {
    let found = planted(&[("upper.rs", ""), ("lower.rs", ""), ("cellar.rs", "")]);
    assert_eq!(
        found,
        ["src/cellar.rs:1: cellar is no floor of the table in src/lib.rs"]
    );
}

#[test]
fn modules_of_a_folder_that_need_each_other_are_found() {
    let found = planted(&[
        ("upper/mod.rs", "mod one; mod two; mod three;"),
        ("upper/one.rs", "use super::two;"),
        ("upper/two.rs", "\nuse crate::upper::three::inner;"),
        ("upper/three/mod.rs", "mod inner;"),
        ("upper/three/inner.rs", "use crate::upper::one::go;"),
        ("lower.rs", ""),
    ]);
    let expected = "upper: one, three, two need each other, as no modules of a folder may: src/upper/one.rs:1 names \
        two, src/upper/three/inner.rs:1 names one, src/upper/two.rs:2 names three";
    assert_eq!(found, [expected]);
    let found = planted(&[
        ("upper/mod.rs", "mod one; mod two; pub struct Shared;"),
        ("upper/one.rs", "use super::{two, Shared};"),
        ("upper/two.rs", "use crate::upper::Shared;"),
        ("lower.rs", ""),
    ]);
    assert_eq!(found, Vec::<Finding>::new());
}

#[test]
fn a_name_of_two_things_is_found() {
    let found = planted(&[
        ("lower.rs", "enum State {}\n\npub static LIMIT: u32 = 2;"),
        (
            "upper.rs",
            "pub const LIMIT: u32 = 1;\npub(crate) struct State;",
        ),
    ]);
    let expected = [
        "src/upper.rs:1: LIMIT is something else in src/lower.rs:3: one name is one thing",
        "src/upper.rs:2: State is something else in src/lower.rs:1: one name is one thing",
    ];
    assert_eq!(found, expected);
}

#[test]
fn what_only_its_own_file_sees_is_called_as_it_likes() {
    let lower = "struct State; pub const LIMIT: u32 = 1; pub struct Key; fn f() { struct Key; }";
    let upper = "struct State; const LIMIT: u32 = 2; #[cfg(test)] mod tests { pub struct Key; }\n\
        #[cfg(unix)] mod unix { pub struct Path; }\n#[cfg(windows)] mod windows { pub struct Path; }";
    assert_eq!(
        planted(&[("lower.rs", lower), ("upper.rs", upper)]),
        Vec::<Finding>::new()
    );
}
