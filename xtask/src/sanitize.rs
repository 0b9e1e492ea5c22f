//! `cargo xtask sanitize`: the library itself, its standard library included, built with AddressSanitizer and with
//! ThreadSanitizer, and the C callers run with it. (Step `asan` of the tests has only the callers instrumented.)

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::artifacts::Artifacts;
use crate::emulator::Emulator;
use crate::libraries::build::compiler_with_source;
use crate::process;
use crate::test::report::{self, Outcome, Row};
use crate::workspace::Workspace;

const TARGET: &str = "x86_64-unknown-linux-gnu";
const BUILD_LIMIT: Duration = Duration::from_secs(40 * 60);
const RUN_LIMIT: Duration = Duration::from_secs(600);

/// A sanitizer: its name, the variable for its options, the options, and callers that it cannot run.
struct Sanitizer {
    name: &'static str,
    variable: &'static str,
    options: &'static str,
    leaves_out: &'static [&'static str],
}

const SANITIZERS: [Sanitizer; 2] = [
    Sanitizer {
        name: "address",
        variable: "ASAN_OPTIONS",
        options: "detect_leaks=1:exitcode=99:log_path=stdout",
        leaves_out: &[],
    },
    Sanitizer {
        name: "thread",
        variable: "TSAN_OPTIONS",
        options: "exitcode=99:log_path=stdout:halt_on_error=0",
        // It has a thread of its own and does not bear fork beside others.
        leaves_out: &["process.c", "ending.c"],
    },
];

pub fn run(workspace: &Workspace) -> Result<ExitCode> {
    let begun = Instant::now();
    let artifacts = Artifacts::build(workspace)?;
    let rows = rows(workspace, &artifacts);
    Ok(report::close(&rows, begun.elapsed(), None))
}

/// A row for each sanitizer.
pub fn rows(workspace: &Workspace, artifacts: &Artifacts) -> Vec<Row> {
    let mut rows = Vec::new();
    for sanitizer in &SANITIZERS {
        let started = Instant::now();
        let outcome = one(workspace, sanitizer, artifacts)
            .unwrap_or_else(|error| Outcome::failed(format!("{error:#}")));
        let row = Row {
            name: sanitizer.name,
            outcome,
            took: started.elapsed(),
        };
        report::line(&row);
        rows.push(row);
    }
    rows
}

fn one(workspace: &Workspace, sanitizer: &Sanitizer, artifacts: &Artifacts) -> Result<Outcome> {
    if process::find("clang").is_none() {
        return Ok(Outcome::skipped("clang is not installed".to_owned()));
    }
    let Some(rustc) = compiler_with_source(workspace) else {
        return Ok(Outcome::skipped(
            "no rust-src for a standard library of its own".to_owned(),
        ));
    };
    let library = build(workspace, sanitizer, &rustc)?;
    let mut outcome = Outcome::default();
    for source in callers(workspace, sanitizer)? {
        let program = compile(workspace, sanitizer, &source, &library)?;
        let emulator = Emulator::start(workspace, artifacts, &["--rate-limit", "off"])?;
        let mut command = workspace.command(&program);
        command
            .env(
                "LD_LIBRARY_PATH",
                library.parent().context("it is in a folder")?,
            )
            .env("HOME", workspace.scratch("home")?)
            .env("CALLERS_SLOW_TOOL", "1")
            .env(sanitizer.variable, options(workspace, sanitizer));
        let finished = process::run(emulator.settle(&mut command), RUN_LIMIT)?;
        let mut found = report::counts(&finished.output).unwrap_or_default();
        let reported = finished.output.contains("WARNING: ThreadSanitizer");
        if !finished.status.success() || found.passed == 0 || reported {
            found.failed = found.failed.max(1);
            let name = source.display();
            found.output = format!("{name} ended with {}\n{}", finished.status, finished.output);
        }
        outcome.add(found);
    }
    Ok(outcome)
}

/// The sanitizer's own options, and what it is told to keep quiet about.
fn options(workspace: &Workspace, sanitizer: &Sanitizer) -> String {
    let quiet = folder(workspace).join(format!("{}.supp", sanitizer.name));
    if quiet.is_file() {
        format!("{}:suppressions={}", sanitizer.options, quiet.display())
    } else {
        sanitizer.options.to_owned()
    }
}

/// What the sanitizers need besides the callers.
fn folder(workspace: &Workspace) -> PathBuf {
    workspace.root.join("tests").join("c").join("sanitized")
}

/// The runtime is clang's, which the callers bring: one for the whole process.
fn build(workspace: &Workspace, sanitizer: &Sanitizer, rustc: &Path) -> Result<PathBuf> {
    let target = workspace.target.join("sanitize").join(sanitizer.name);
    let flags = format!("-Zsanitizer={} -Zexternal-clangrt", sanitizer.name);
    let mut command = workspace.cargo();
    command.args(["build", "--release", "--quiet", "--package", "sailpat"]);
    command.args(["-Zbuild-std=std,panic_unwind", "--target", TARGET]);
    command
        .env("RUSTC", rustc)
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_DIR", &target)
        .env("CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER", "clang")
        .env("CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS", flags)
        // Quick to build, and with lines in what is found.
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
        .env("CARGO_PROFILE_RELEASE_STRIP", "none")
        .env("CARGO_PROFILE_RELEASE_DEBUG", "1");
    process::check(&mut command, BUILD_LIMIT)?;
    Ok(target.join(TARGET).join("release").join("libsailpat.so"))
}

fn callers(workspace: &Workspace, sanitizer: &Sanitizer) -> Result<Vec<PathBuf>> {
    let mut sources = Vec::new();
    for entry in std::fs::read_dir(workspace.root.join("tests").join("c"))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let left_out = name == "panic.c" || sanitizer.leaves_out.contains(&&*name);
        if name.ends_with(".c") && !left_out {
            sources.push(path);
        }
    }
    sources.sort();
    Ok(sources)
}

fn compile(
    workspace: &Workspace,
    sanitizer: &Sanitizer,
    source: &Path,
    library: &Path,
) -> Result<PathBuf> {
    let stem = source.file_stem().context("a source has a name")?;
    let program = workspace.scratch(sanitizer.name)?.join(stem);
    let mut command = workspace.command("clang");
    command.args(["-std=c11", "-O1", "-g", "-pthread"]);
    command.arg(format!("-fsanitize={}", sanitizer.name));
    command.arg("-I").arg(workspace.root.join("include"));
    let missing = folder(workspace).join(format!("{}.c", sanitizer.name));
    if missing.is_file() {
        command.arg(missing);
    }
    command.arg(source).arg(library).arg("-o").arg(&program);
    process::check(&mut command, RUN_LIMIT)?;
    Ok(program)
}
