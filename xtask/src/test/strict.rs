//! The headers alone, under the strictest warnings of every compiler here: a caller's own build may be as strict.

use std::time::Duration;

use anyhow::Result;

use super::Context;
use super::report::Outcome;
use crate::process;

const LIMIT: Duration = Duration::from_secs(60);

/// A compiler, the standard it is held to, and everything it can complain about. What clang is told to keep to
/// itself is about old C++, the layout of structs, and classes whose code is all in a header.
const WAYS: [(&str, &[&str]); 4] = [
    (
        "gcc",
        &[
            "-std=c11",
            "-Wall",
            "-Wextra",
            "-Wconversion",
            "-Wshadow",
            "-Wstrict-prototypes",
            "-Wundef",
        ],
    ),
    ("clang", &["-std=c11", "-Weverything", "-Wno-padded"]),
    (
        "g++",
        &[
            "-std=c++17",
            "-Wall",
            "-Wextra",
            "-Wconversion",
            "-Wshadow",
            "-Wold-style-cast",
            "-Wundef",
        ],
    ),
    (
        "clang++",
        &[
            "-std=c++17",
            "-Weverything",
            "-Wno-padded",
            "-Wno-c++98-compat",
            "-Wno-c++98-compat-pedantic",
            "-Wno-weak-vtables",
        ],
    ),
];

pub fn run(context: &Context) -> Result<Outcome> {
    let workspace = &context.workspace;
    let folder = workspace.scratch("strict")?;
    let mut outcome = Outcome::default();
    for (compiler, options) in WAYS {
        if process::find(compiler).is_none() {
            outcome.add(Outcome::skipped(format!("{compiler} is not installed")));
            continue;
        }
        let plus_plus = compiler.ends_with("++");
        let headers: &[&str] = if plus_plus {
            &["sailpat.h", "sailpat.hpp"]
        } else {
            &["sailpat.h"]
        };
        for header in headers {
            let source = folder.join(format!("{header}-by-{compiler}"));
            std::fs::write(&source, format!("#include \"{header}\"\n"))?;
            let mut command = workspace.command(compiler);
            command
                .args(options)
                .args(["-Werror", "-pedantic", "-fsyntax-only"]);
            command.args(["-x", if plus_plus { "c++" } else { "c" }]);
            command
                .arg("-I")
                .arg(workspace.root.join("include"))
                .arg(&source);
            process::check(&mut command, LIMIT)?;
            outcome.add(Outcome::passed());
        }
    }
    Ok(outcome)
}
