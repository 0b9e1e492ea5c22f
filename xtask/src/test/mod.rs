//! `cargo xtask test`: every check of the project, one line each while it runs, one table at the end.
//!
//! First everything is compiled, debug and release side by side; then the tests run one after another, since some of
//! them measure time.

mod analyzer;
mod c;
mod coverage;
mod documents;
mod install;
mod opens;
mod package;
mod pester;
mod programs;
pub mod report;
mod rust;
mod steps;
mod strict;
mod targets;
mod unload;

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::{Mutex, OnceLock};
use std::thread;
use std::time::Instant;

use anyhow::{Result, anyhow, bail};

use crate::artifacts::Artifacts;
use crate::clock::Clock;
use crate::workspace::Workspace;
use crate::{fuzz, platforms, sanitize};
use report::{Outcome, Row};
use steps::{Lane, STEPS, Step};

/// Chores that need more tools and more time than the steps.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Further {
    Cultures,
    Platforms,
    Sanitize,
    Fuzz,
}

/// Enough to run the corpora and look a little beside them.
const FUZZ_SECONDS: u64 = 10;

#[derive(clap::Args)]
pub struct Options {
    /// Run only this step and what it needs; may be given more than once
    #[arg(long, value_name = "STEP")]
    only: Vec<String>,
    /// Print the steps and what each one does
    #[arg(long)]
    list: bool,
    /// Also what this chore does, in the same table; may be given more than once
    #[arg(long, conflicts_with = "only")]
    with: Vec<Further>,
    /// Run what was built with the clock so many days ahead, to find tests that time will make wrong
    #[arg(long, value_name = "DAYS", conflicts_with = "with")]
    ahead: Option<u32>,
    /// A step that may be skipped where CI=true, or STEP/part for tests within it, and why; may be given more than once
    #[arg(long, value_name = "STEP=REASON")]
    allow_skip: Vec<String>,
}

/// What the steps share. A build is kept here for the steps that use it.
pub struct Context {
    pub workspace: Workspace,
    pub artifacts: OnceLock<Artifacts>,
    pub panicking_library: OnceLock<std::path::PathBuf>,
}

impl Context {
    pub fn artifacts(&self) -> Result<&Artifacts> {
        self.artifacts
            .get()
            .ok_or_else(|| anyhow!("the library is not built"))
    }
}

pub fn run(workspace: Workspace, options: &Options) -> Result<ExitCode> {
    if options.list {
        for step in STEPS {
            println!("{:<14} {}", step.name, step.about);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let chosen = choose(&options.only)?;
    let allowed = allowed_skips(&options.allow_skip)?;
    let clock = options.ahead.map(Clock::ahead).transpose()?;
    let mut context = Context {
        workspace,
        artifacts: OnceLock::new(),
        panicking_library: OnceLock::new(),
    };

    let begun = Instant::now();
    let rows = Mutex::new(BTreeMap::new());
    thread::scope(|scope| {
        scope.spawn(|| run_lane(&context, Lane::Debug, &chosen, &rows));
        run_lane(&context, Lane::Release, &chosen, &rows);
    });
    // What is built is built by the true clock.
    context.workspace.clock = clock;
    run_lane(&context, Lane::Tests, &chosen, &rows);

    let mut rows: Vec<Row> = rows
        .into_inner()
        .unwrap_or_default()
        .into_values()
        .collect();
    for chore in &options.with {
        rows.extend(further(&context, *chore)?);
    }
    let strict = std::env::var_os("CI").is_some_and(|value| value == "true");
    Ok(report::close(
        &rows,
        begun.elapsed(),
        strict.then_some(&allowed),
    ))
}

fn further(context: &Context, chore: Further) -> Result<Vec<Row>> {
    let Ok(artifacts) = context.artifacts() else {
        return Ok(Vec::new()); // the build has failed, and its row says so
    };
    let workspace = &context.workspace;
    match chore {
        Further::Cultures => Ok(vec![whole_cultures(context)]),
        Further::Platforms => Ok(platforms::all_rows(workspace, artifacts)),
        Further::Sanitize => Ok(sanitize::rows(workspace, artifacts)),
        Further::Fuzz => {
            let short = fuzz::Options {
                seconds: FUZZ_SECONDS,
                only: Vec::new(),
            };
            fuzz::rows(workspace, &short)
        }
    }
}

/// Every PowerShell test in every culture; the step has the files that a culture can break.
fn whole_cultures(context: &Context) -> Row {
    let begun = Instant::now();
    let outcome = pester::cultures_whole(context)
        .unwrap_or_else(|error| Outcome::failed(format!("{error:#}")));
    let row = Row {
        name: "cultures-all",
        outcome,
        took: begun.elapsed(),
    };
    report::line(&row);
    row
}

/// Runs the chosen steps of one lane in order; a step whose need was not met is not tried.
fn run_lane(context: &Context, lane: Lane, chosen: &[bool], rows: &Mutex<BTreeMap<usize, Row>>) {
    for (number, step) in STEPS.iter().enumerate() {
        if step.lane != lane || !chosen[number] {
            continue;
        }
        let begun = Instant::now();
        let outcome = match obstacle(context, step, rows) {
            Some(reason) => Outcome::skipped(reason),
            None => {
                (step.run)(context).unwrap_or_else(|error| Outcome::failed(format!("{error:#}")))
            }
        };
        let row = Row {
            name: step.name,
            outcome,
            took: begun.elapsed(),
        };
        report::line(&row);
        rows.lock().unwrap().insert(number, row);
    }
}

/// Steps whose tool wants to be the first thing in a process, where the clock's shim would be.
const BY_THE_TRUE_CLOCK_ALONE: [&str; 2] = ["asan", "valgrind"];

/// Why a step cannot be tried.
fn obstacle(context: &Context, step: &Step, rows: &Mutex<BTreeMap<usize, Row>>) -> Option<String> {
    if context.workspace.clock.is_some() && BY_THE_TRUE_CLOCK_ALONE.contains(&step.name) {
        return Some("its tool bears no shim for the clock".to_owned());
    }
    unmet_need(step, rows).map(|need| format!("step {need} failed"))
}

fn unmet_need(step: &Step, rows: &Mutex<BTreeMap<usize, Row>>) -> Option<&'static str> {
    let rows = rows.lock().unwrap();
    let met = |need: &&str| {
        rows.values()
            .any(|row| row.name == *need && row.outcome.is_good())
    };
    step.needs.iter().find(|need| !met(need)).copied()
}

/// One mark per step: all, or the ones named and what they need.
fn choose(only: &[String]) -> Result<Vec<bool>> {
    let mut chosen = vec![only.is_empty(); STEPS.len()];
    for name in only {
        let Some(number) = STEPS.iter().position(|step| step.name == name) else {
            bail!("there is no step {name}: `cargo xtask test --list` names them");
        };
        chosen[number] = true;
        for need in STEPS[number].needs {
            chosen[STEPS
                .iter()
                .position(|step| step.name == *need)
                .unwrap_or(number)] = true;
        }
    }
    Ok(chosen)
}

/// The names of steps that may be skipped; each has to say why.
pub fn allowed_skips(given: &[String]) -> Result<Vec<String>> {
    let name = |text: &String| match text.split_once('=') {
        Some((name, reason)) if !reason.trim().is_empty() => Ok(name.to_owned()),
        _ => bail!("--allow-skip {text}: say why, as STEP=REASON"),
    };
    given.iter().map(name).collect()
}
