//! The C and C++ programs in tests/c: as users compile them, under AddressSanitizer, under valgrind.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use super::Context;
use super::report::{self, Outcome, Part};
use crate::bench::CPrograms;
use crate::compiler::{self, Compiler, Program};
use crate::emulator::Emulator;
use crate::process;

const LIMIT: Duration = Duration::from_secs(300);

/// Runs against the library with the panicking operation, so it is not one of the ordinary callers.
const PANIC: &str = "panic.c";

/// One way to compile and run the callers.
struct Way {
    name: &'static str,
    options: &'static [&'static str],
    /// Makes the command out of the program: a tool before it, or settings for it.
    arrange: fn(&Context, &Path, &Path) -> Command,
}

pub fn callers(context: &Context) -> Result<Outcome> {
    let way = Way {
        name: "callers",
        options: &[],
        arrange: |context, library, program| {
            compiler::command(&context.workspace, library, program)
        },
    };
    let compilers = compiler::installed();
    if compilers.is_empty() {
        return Ok(Outcome::skipped(
            "neither gcc nor clang with its C++ side is installed".to_owned(),
        ));
    }
    let mut outcome = Outcome::default();
    for compiler in &compilers {
        outcome.add(run_all(context, &way, compiler)?);
    }
    Ok(outcome)
}

/// What measures is compiled as strictly as what tests, or nobody would notice that it no longer fits the header.
pub fn benches(context: &Context) -> Result<Outcome> {
    let Some(compiler) = compiler::first() else {
        return Ok(Outcome::skipped("no C compiler".to_owned()));
    };
    CPrograms::compile(&context.workspace, &context.artifacts()?.library, &compiler)?;
    Ok(Outcome::passed())
}

pub fn address_sanitizer(context: &Context) -> Result<Outcome> {
    let way = Way {
        name: "asan",
        options: &["-fsanitize=address", "-g", "-fno-omit-frame-pointer"],
        arrange: |context, library, program| {
            let mut command = compiler::command(&context.workspace, library, program);
            // The callers watch their stderr, so findings go where a failure's output is kept.
            command
                .env("ASAN_OPTIONS", "detect_leaks=1:log_path=stdout:exitcode=99")
                .env("CALLERS_SLOW_TOOL", "1");
            command
        },
    };
    match compiler::first() {
        Some(compiler) => run_all(context, &way, &compiler),
        None => Ok(Outcome::skipped("no C compiler".to_owned())),
    }
}

pub fn valgrind(context: &Context) -> Result<Outcome> {
    if process::find("valgrind").is_none() {
        return Ok(Outcome::skipped("valgrind is not installed".to_owned()));
    }
    let way = Way {
        name: "valgrind",
        options: &["-g"],
        arrange: |context, library, program| {
            let mut command = compiler::command(&context.workspace, library, Path::new("valgrind"));
            command.args([
                "--quiet",
                "--leak-check=full",
                "--show-leak-kinds=definite",
                "--errors-for-leak-kinds=definite",
                "--error-exitcode=99",
            ]);
            command
                .args(["--fair-sched=try", "--child-silent-after-fork=yes"])
                .arg(program)
                .env("CALLERS_SLOW_TOOL", "1");
            command
        },
    };
    match compiler::first() {
        Some(compiler) => run_all(context, &way, &compiler),
        None => Ok(Outcome::skipped("no C compiler".to_owned())),
    }
}

pub fn panic(context: &Context) -> Result<Outcome> {
    let Some(compiler) = compiler::first() else {
        return Ok(Outcome::skipped("no C compiler".to_owned()));
    };
    let way = Way {
        name: "panic",
        options: &[],
        arrange: |context, library, program| {
            compiler::command(&context.workspace, library, program)
        },
    };
    let library = context
        .panicking_library
        .get()
        .context("the library that panics is not built")?;
    run_one(
        context,
        &way,
        &compiler,
        &folder(context).join(PANIC),
        library,
    )
}

/// Compiles every caller and runs it against an emulator of its own.
fn run_all(context: &Context, way: &Way, compiler: &Compiler) -> Result<Outcome> {
    let library = &context.artifacts()?.library;
    let mut outcome = Outcome::default();
    for source in sources(context)? {
        outcome.add(run_one(context, way, compiler, &source, library)?);
    }
    Ok(outcome)
}

fn run_one(
    context: &Context,
    way: &Way,
    compiler: &Compiler,
    source: &Path,
    library: &Path,
) -> Result<Outcome> {
    let workspace = &context.workspace;
    let program = Program {
        source,
        include: &workspace.root.join("include"),
        library,
        options: way.options,
        folder: &workspace.scratch(way.name)?,
    };
    let plus_plus = source
        .extension()
        .is_some_and(|extension| extension == "cpp");
    let program = program.compile(workspace, compiler, plus_plus)?;
    let emulator = Emulator::start(workspace, context.artifacts()?, &["--rate-limit", "off"])?;
    let mut command = (way.arrange)(context, library, &program);
    // A home without settings files, so that only what a test gives is there to be found.
    command.env("HOME", workspace.scratch("home")?);
    let begun = Instant::now();
    let finished = process::run(emulator.settle(&mut command), LIMIT)?;

    let mut outcome = report::counts(&finished.output).unwrap_or_default();
    let name = source.file_name().unwrap_or_default().to_string_lossy();
    outcome.parts.push(Part {
        name: format!("{name} by {}", compiler.name),
        took: begun.elapsed(),
    });
    if !finished.status.success() || outcome.passed == 0 {
        outcome.failed = outcome.failed.max(1);
        outcome.output = format!(
            "{name} by {} ended with {}\n{}",
            compiler.name, finished.status, finished.output
        );
    }
    Ok(outcome)
}

fn folder(context: &Context) -> PathBuf {
    context.workspace.root.join("tests").join("c")
}

/// The callers in order of their names; headers and the panic program are not among them.
fn sources(context: &Context) -> Result<Vec<PathBuf>> {
    let mut sources = Vec::new();
    for entry in std::fs::read_dir(folder(context)).context("cannot read tests/c")? {
        let path = entry?.path();
        let is_source = path
            .extension()
            .is_some_and(|extension| extension == "c" || extension == "cpp");
        if is_source && !path.ends_with(PANIC) {
            sources.push(path);
        }
    }
    sources.sort();
    Ok(sources)
}
