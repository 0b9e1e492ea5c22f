//! `cargo xtask fuzz`: each target in fuzz/ for some seconds, from its committed corpus. What is found beyond that
//! stays in target/fuzz; a crash fails and its input is kept there.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::process;
use crate::test::report::{self, Outcome, Row};
use crate::workspace::Workspace;

const TARGET: &str = "x86_64-unknown-linux-gnu";

/// What libFuzzer wants to see of a program: its branches as counters, and what it compares.
const FLAGS: &str = "-Zsanitizer=address --cfg=fuzzing -Cpasses=sancov-module \
     -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
     -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares";

const BUILD_LIMIT: Duration = Duration::from_secs(40 * 60);

#[derive(clap::Args)]
pub struct Options {
    /// How long each target runs
    #[arg(long, default_value_t = 20)]
    pub seconds: u64,
    /// Only this target; may be given more than once
    #[arg(long, value_name = "TARGET")]
    pub only: Vec<String>,
}

pub fn run(workspace: &Workspace, options: &Options) -> Result<ExitCode> {
    let begun = Instant::now();
    let rows = rows(workspace, options)?;
    Ok(report::close(&rows, begun.elapsed(), None))
}

/// A row for the build, and one for each target.
pub fn rows(workspace: &Workspace, options: &Options) -> Result<Vec<Row>> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        let reason = format!("the targets are built for {TARGET}");
        return Ok(vec![row("fuzz", || Ok(Outcome::skipped(reason)))]);
    }
    let mut programs = None;
    let built = row("fuzz-build", || {
        programs = Some(build(workspace)?);
        Ok(Outcome::passed())
    });
    let mut rows = vec![built];
    let Some(programs) = programs else {
        return Ok(rows);
    };
    for name in targets(workspace)? {
        if !options.only.is_empty() && !options.only.contains(&name) {
            continue;
        }
        // Rows keep names for as long as the program runs.
        let shown = format!("fuzz-{name}").leak();
        rows.push(row(shown, || {
            one(workspace, &programs.join(&name), &name, options.seconds)
        }));
    }
    Ok(rows)
}

fn row(name: &'static str, find: impl FnOnce() -> Result<Outcome>) -> Row {
    let begun = Instant::now();
    let outcome = find().unwrap_or_else(|error| Outcome::failed(format!("{error:#}")));
    let row = Row {
        name,
        outcome,
        took: begun.elapsed(),
    };
    report::line(&row);
    row
}

/// The names of the files in fuzz/fuzz_targets.
fn targets(workspace: &Workspace) -> Result<Vec<String>> {
    let folder = workspace.root.join("fuzz").join("fuzz_targets");
    let mut names = Vec::new();
    for entry in
        std::fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?
    {
        let path = entry?.path();
        let name = path
            .file_stem()
            .context("a target has a name")?
            .to_string_lossy();
        names.push(name.into_owned());
    }
    names.sort_unstable();
    Ok(names)
}

/// Builds all targets with AddressSanitizer; gives back the folder of the programs.
fn build(workspace: &Workspace) -> Result<PathBuf> {
    let target = workspace.target.join("fuzz");
    let mut command: Command = workspace.cargo();
    command.args(["build", "--release", "--quiet"]);
    command.args(["--manifest-path", "fuzz/Cargo.toml", "--target", TARGET]);
    command
        .env("CARGO_TARGET_DIR", &target)
        .env("CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS", FLAGS)
        // The sanitizers are an option of nightly compilers, or of ones that are told to be.
        .env("RUSTC_BOOTSTRAP", "1");
    process::check(&mut command, BUILD_LIMIT)?;
    Ok(target.join(TARGET).join("release"))
}

fn one(workspace: &Workspace, program: &Path, name: &str, seconds: u64) -> Result<Outcome> {
    let found = workspace.scratch("fuzz")?.join(name);
    std::fs::create_dir_all(&found)?;
    let fuzz = workspace.root.join("fuzz");
    let mut command = workspace.command(program);
    command.arg(&found).arg(fuzz.join("corpus").join(name));
    command.arg(format!("-dict={}", fuzz.join("json.dict").display()));
    command.arg(format!("-max_total_time={seconds}"));
    command.arg(format!("-artifact_prefix={}-", found.display()));
    command.args([
        "-max_len=8192",
        "-timeout=20",
        "-rss_limit_mb=2048",
        "-print_final_stats=1",
    ]);
    let finished = process::run(&mut command, Duration::from_secs(seconds * 2 + 300))?;
    if !finished.status.success() {
        return Ok(Outcome::failed(format!(
            "{name}: {}\n{}",
            finished.status, finished.output
        )));
    }
    Ok(Outcome {
        reason: figures(&finished.output),
        ..Outcome::passed()
    })
}

/// What libFuzzer says at the end: how often it ran, what it covered, how many inputs it keeps.
fn figures(output: &str) -> String {
    let runs = output
        .lines()
        .find_map(|line| line.strip_prefix("stat::number_of_executed_units:"))
        .unwrap_or("?")
        .trim();
    let last = output.lines().rev().find(|line| line.contains(" cov: "));
    let value = |key: &str| {
        let rest = last
            .and_then(|line| line.split_once(key))
            .map(|(_, rest)| rest);
        rest.and_then(|rest| rest.split_whitespace().next())
            .unwrap_or("?")
            .to_owned()
    };
    format!(
        "{runs} runs, {} edges, {} inputs",
        value(" cov: "),
        value(" corp: ")
    )
}

#[cfg(test)]
mod tests {
    use super::figures;

    #[test]
    fn the_figures_are_those_of_the_end() {
        let output = "#2\tINITED cov: 5 ft: 6 corp: 1/1b\n#900\tDONE   cov: 77 ft: 80 corp: 12/345b lim: 4\n\
                      stat::number_of_executed_units: 900\n";
        assert_eq!(figures(output), "900 runs, 77 edges, 12/345b inputs");
        assert_eq!(figures(""), "? runs, ? edges, ? inputs");
    }
}
