//! `cargo xtask fuzz`: each target in fuzz/ for some seconds, from its committed corpus. What is found beyond that
//! stays in target/fuzz; a crash fails and its input is kept there.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::process;
use crate::test::report::{self, Outcome, Row};
use crate::workspace::Workspace;

const BUILD_LIMIT: Duration = Duration::from_secs(40 * 60);

#[derive(clap::Args)]
pub struct Options {
    /// How long each target runs
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Only this target; may be given more than once
    #[arg(long, value_name = "TARGET")]
    only: Vec<String>,
}

pub fn run(workspace: &Workspace, options: &Options) -> Result<ExitCode> {
    let begun = Instant::now();
    let programs = build(workspace)?;
    let mut rows = Vec::new();
    for name in targets(workspace)? {
        if !options.only.is_empty() && !options.only.iter().any(|only| only == name) {
            continue;
        }
        let started = Instant::now();
        let outcome = one(workspace, &programs.join(name), name, options.seconds)
            .unwrap_or_else(|error| Outcome::failed(format!("{error:#}")));
        let row = Row {
            name,
            outcome,
            took: started.elapsed(),
        };
        report::line(&row);
        rows.push(row);
    }
    Ok(report::close(&rows, begun.elapsed(), None))
}

/// The names of the files in fuzz/fuzz_targets.
fn targets(workspace: &Workspace) -> Result<Vec<&'static str>> {
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
        // Rows keep names for as long as the program runs.
        names.push(&*name.into_owned().leak());
    }
    names.sort_unstable();
    Ok(names)
}

/// Builds all targets with cargo-fuzz and AddressSanitizer; gives back the folder of the programs.
fn build(workspace: &Workspace) -> Result<PathBuf> {
    let target = workspace.target.join("fuzz");
    // The toolchain's name only means something to rustup's cargo, not to the one that runs this.
    let mut command: Command = workspace.command("cargo");
    command
        .args(["+nightly", "fuzz", "build", "--fuzz-dir", "fuzz"])
        .env_remove("RUSTUP_TOOLCHAIN")
        .env_remove("CARGO")
        .env("CARGO_TARGET_DIR", &target);
    process::check(&mut command, BUILD_LIMIT)
        .context("the targets need a nightly compiler and cargo-fuzz (cargo install cargo-fuzz)")?;
    Ok(target.join("x86_64-unknown-linux-gnu").join("release"))
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
