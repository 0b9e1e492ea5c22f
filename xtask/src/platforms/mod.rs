//! `cargo xtask platforms`: builds the library for each platform that this machine can build for, and runs the C
//! callers (on Windows also the PowerShell tests) there: natively, under musl, QEMU or Wine.
//!
//! `facts` looks at the file, `run` runs programs with it.

mod facts;
mod run;

use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::artifacts::Artifacts;
use crate::libraries::build::{self, Possible};
use crate::libraries::table::{PLATFORMS, Platform};
use crate::test;
use crate::test::report::{self, Outcome, Row};
use crate::workspace::Workspace;

#[derive(clap::Args)]
pub struct Options {
    /// Only this platform, such as linux-arm64; may be given more than once
    #[arg(long, value_name = "PLATFORM")]
    only: Vec<String>,
    /// Only build, run nothing
    #[arg(long)]
    build: bool,
    /// A platform that may be skipped where CI=true, and why; may be given more than once
    #[arg(long, value_name = "PLATFORM=REASON")]
    allow_skip: Vec<String>,
}

pub fn run(workspace: &Workspace, options: &Options) -> Result<ExitCode> {
    let allowed = test::allowed_skips(&options.allow_skip)?;
    let chosen = choose(&options.only)?;
    let begun = Instant::now();
    let artifacts = if options.build {
        None
    } else {
        Some(Artifacts::build(workspace)?)
    };
    let rows = rows(workspace, &chosen, artifacts.as_ref());
    let strict = std::env::var_os("CI").is_some_and(|value| value == "true");
    Ok(report::close(
        &rows,
        begun.elapsed(),
        strict.then_some(&allowed),
    ))
}

/// A row for every platform.
pub fn all_rows(workspace: &Workspace, artifacts: &Artifacts) -> Vec<Row> {
    let all: Vec<_> = PLATFORMS.iter().collect();
    rows(workspace, &all, Some(artifacts))
}

/// While one platform's programs run, the next one is built: under Wine they wait for most of their time.
fn rows(
    workspace: &Workspace,
    chosen: &[&'static Platform],
    artifacts: Option<&Artifacts>,
) -> Vec<Row> {
    thread::scope(|scope| {
        let (ready, built) = mpsc::channel();
        scope.spawn(move || {
            for platform in chosen {
                let begun = Instant::now();
                let library = build::library(workspace, platform);
                let _ = ready.send((*platform, library, begun.elapsed()));
            }
        });
        let row =
            |(platform, library, built_in)| row(workspace, platform, library, built_in, artifacts);
        built.into_iter().map(row).collect()
    })
}

fn row(
    workspace: &Workspace,
    platform: &'static Platform,
    library: Result<Possible>,
    built_in: Duration,
    artifacts: Option<&Artifacts>,
) -> Row {
    let begun = Instant::now();
    let outcome = library
        .and_then(|library| check(workspace, library, built_in, artifacts))
        .unwrap_or_else(|error| Outcome::failed(format!("{error:#}")));
    let row = Row {
        name: platform.rid,
        outcome,
        took: built_in + begun.elapsed(),
    };
    report::line(&row);
    row
}

/// Looks at a library and runs programs with it; what this machine cannot build or run is skipped and says why.
fn check(
    workspace: &Workspace,
    library: Possible,
    built_in: Duration,
    artifacts: Option<&Artifacts>,
) -> Result<Outcome> {
    let built = match library {
        Ok(built) => built,
        Err(lacking) => return Ok(Outcome::skipped(lacking)),
    };
    let size = std::fs::metadata(built.library())?.len() as f64 / 1e6;
    let mut outcome = facts::check(workspace, &built)?;
    let ran = match artifacts {
        Some(artifacts) => run::callers(workspace, &built, artifacts, &mut outcome)?,
        None => "not run".to_owned(),
    };
    let built_in = built_in.as_secs();
    outcome.reason = format!("built in {built_in} s, {size:.1} MB; {ran}");
    Ok(outcome)
}

fn choose(only: &[String]) -> Result<Vec<&'static Platform>> {
    for name in only {
        if !PLATFORMS.iter().any(|platform| platform.rid == name) {
            let known: Vec<_> = PLATFORMS.iter().map(|platform| platform.rid).collect();
            bail!(
                "there is no platform {name}: there are {}",
                known.join(", ")
            );
        }
    }
    let chosen =
        |platform: &&Platform| only.is_empty() || only.iter().any(|name| name == platform.rid);
    Ok(PLATFORMS.iter().filter(chosen).collect())
}
