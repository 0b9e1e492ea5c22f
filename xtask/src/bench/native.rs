//! The rows of C and of the library as a file.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use super::median;
use super::side::{self, Side};
use super::table::{Measurement, Row};
use super::tenant::Tenant;
use crate::artifacts::{self, Artifacts};
use crate::compiler::{self, Compiler, Program};
use crate::process;
use crate::settings_sources::SettingsSource;
use crate::workspace::Workspace;

/// Many short rounds: what else the machine does then falls on all sides alike.
const ROUNDS: usize = 41;
const CALLS: u32 = 200;
const MANY: u32 = 64;
const CALLS_OF_MANY: u32 = 20;
const FRESH_PROCESSES: usize = 15;
const MEGABYTE: f64 = 1024.0 * 1024.0;

/// The programs of this part.
struct Programs<'a> {
    workspace: &'a Workspace,
    library: &'a Path,
    /// The C sides; linked with libcurl where its header is installed.
    sides: PathBuf,
    load: PathBuf,
    raw_reqwest: PathBuf,
    has_curl: bool,
}

pub fn rows(workspace: &Workspace, artifacts: &Artifacts) -> Result<Vec<Row>> {
    let Some(compiler) = compiler::first() else {
        let reason = "neither gcc nor clang is installed".to_owned();
        return Ok(vec![Row::new(
            "everything in C",
            "",
            Measurement::Skipped(reason),
        )]);
    };
    let programs = Programs::build(workspace, artifacts, &compiler)?;
    let tenant = Tenant::start(workspace, artifacts, 1)?;
    let mut rows = Vec::new();
    for tls in [false, true] {
        rows.extend(one_caller(&programs, &tenant, tls)?);
        rows.extend(many_callers(&programs, &tenant, tls)?);
        rows.extend(first_call(&programs, &tenant, tls)?);
    }
    rows.extend(found_settings(&programs, &tenant)?);
    rows.extend(as_a_file(&programs)?);
    Ok(rows)
}

/// The C side of the benchmarks.
pub struct CPrograms {
    sides: PathBuf,
    load: PathBuf,
    has_curl: bool,
}

impl CPrograms {
    pub fn compile(workspace: &Workspace, library: &Path, compiler: &Compiler) -> Result<Self> {
        let folder = workspace.scratch("bench")?;
        let source = |name: &str| workspace.root.join("benches").join(name);
        let has_curl = has_libcurl(workspace, compiler);
        let options: &[&str] = if has_curl {
            &["-O2", "-DHAVE_CURL", "-lcurl"]
        } else {
            &["-O2"]
        };
        let sides = Program {
            source: &source("sides.c"),
            include: &workspace.root.join("include"),
            library,
            options,
            folder: &folder,
        };
        let sides = sides.compile(workspace, compiler, false)?;
        // Not by `Program`, which links the library: what is linked is loaded before the clock runs.
        let load = folder.join("load");
        let mut command = workspace.command(compiler.name);
        command
            .args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-O2", "-o"])
            .arg(&load)
            .arg(source("load.c"))
            .arg("-ldl");
        process::check(&mut command, Duration::from_secs(60))?;
        Ok(Self {
            sides,
            load,
            has_curl,
        })
    }
}

impl<'a> Programs<'a> {
    fn build(
        workspace: &'a Workspace,
        artifacts: &'a Artifacts,
        compiler: &Compiler,
    ) -> Result<Self> {
        let CPrograms {
            sides,
            load,
            has_curl,
        } = CPrograms::compile(workspace, &artifacts.library, compiler)?;
        Ok(Self {
            workspace,
            library: &artifacts.library,
            sides,
            load,
            raw_reqwest: artifacts::raw_reqwest(workspace)?,
            has_curl,
        })
    }

    fn c(&self) -> Command {
        compiler::command(self.workspace, self.library, &self.sides)
    }

    fn start(&self, tenant: &Tenant, tls: bool, name: &'static str) -> Result<Side> {
        let mut command = if name == "reqwest" {
            self.workspace.command(&self.raw_reqwest)
        } else {
            self.c()
        };
        Side::start(tenant.settle(&mut command, tls), name)
    }
}

fn has_libcurl(workspace: &Workspace, compiler: &Compiler) -> bool {
    let mut command = workspace.command(compiler.name);
    command.args([
        "-E",
        "-include",
        "curl/curl.h",
        "-x",
        "c",
        "/dev/null",
        "-o",
        "/dev/null",
    ]);
    process::check(&mut command, Duration::from_secs(60)).is_ok()
}

fn no_curl() -> Measurement {
    Measurement::Skipped("libcurl's header (libcurl4-openssl-dev) is not installed".to_owned())
}

fn over(tls: bool) -> &'static str {
    if tls { "TLS" } else { "http" }
}

/// A warm list against each other way to make it, one caller.
fn one_caller(programs: &Programs, tenant: &Tenant, tls: bool) -> Result<Vec<Row>> {
    let mut others = vec![("reqwest", "raw reqwest", None)];
    if programs.has_curl {
        others.push(("curl", "libcurl, keep-alive", Some(1.0)));
    }
    if !tls {
        others.push(("socket", "a bare socket", Some(1.5)));
    }
    let what = format!("warm list from C, {}", over(tls));
    let mut rows = compare(programs, tenant, tls, &what, &others, (1, CALLS))?;
    if !programs.has_curl {
        rows.push(Row::new(what, "libcurl, keep-alive", no_curl()));
    }
    Ok(rows)
}

fn many_callers(programs: &Programs, tenant: &Tenant, tls: bool) -> Result<Vec<Row>> {
    let mut others = vec![("reqwest", "raw reqwest", Some(1.1))];
    if programs.has_curl {
        others.push(("curl", "libcurl, keep-alive", None));
    }
    let what = format!("{MANY} callers at once, C, {}", over(tls));
    compare(programs, tenant, tls, &what, &others, (MANY, CALLS_OF_MANY))
}

type Other = (&'static str, &'static str, Option<f64>);

fn compare(
    programs: &Programs,
    tenant: &Tenant,
    tls: bool,
    what: &str,
    others: &[Other],
    (threads, calls): (u32, u32),
) -> Result<Vec<Row>> {
    let mut sides = vec![programs.start(tenant, tls, "pat")?];
    for (name, ..) in others {
        sides.push(programs.start(tenant, tls, name)?);
    }
    let found = side::alternate(&mut sides, threads, calls, ROUNDS)?;
    let shown = |time: f64| format!("{time:.1} us");
    let row = |number: usize| {
        let (_, against, most) = others[number];
        let (ours, other) = (shown(found.times[0]), shown(found.times[number + 1]));
        Row::new(
            what,
            against,
            Measurement::Ratio {
                ours,
                other,
                ratio: found.ratios[number],
                most,
            },
        )
    };
    Ok((0..others.len()).map(row).collect())
}

/// A warm list whose settings are found anew at each call, against the same with all of them given.
fn found_settings(programs: &Programs, tenant: &Tenant) -> Result<Vec<Row>> {
    let folder = programs.workspace.scratch("bench")?.join("sources");
    let row = |source: SettingsSource| -> Result<Row> {
        let mut command = programs.c();
        tenant.settle(&mut command, false);
        source.settle(&mut command, &folder, &tenant.emulator)?;
        command.env("BENCH_SETTINGS", source.settings());
        let mut sides = vec![
            Side::start(&mut command, "found")?,
            programs.start(tenant, false, "pat")?,
        ];
        let found = side::alternate(&mut sides, 1, CALLS, ROUNDS)?;
        Ok(Row::times(
            format!("warm list from C, settings from {}", source.words()),
            "explicit settings",
            found.times[0],
            found.times[1],
            found.ratios[0],
            1.15,
        ))
    };
    SettingsSource::ALL.into_iter().map(row).collect()
}

/// The first call of a process, and the first of another credential in it, against the two round trips that it needs.
fn first_call(programs: &Programs, tenant: &Tenant, tls: bool) -> Result<Vec<Row>> {
    let name = |state: &str| format!("first call with sign-in, {state}, {}", over(tls));
    let against = "two round trips (libcurl)";
    if !programs.has_curl {
        return Ok(vec![Row::new(name("cold and warm"), against, no_curl())]);
    }
    let (mut cold, mut warm, mut round_trips) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..FRESH_PROCESSES {
        let first = |side: &str| {
            side::run_once(tenant.settle(&mut programs.c(), tls).args(["first", side]))
        };
        let ours = first("pat")?;
        cold.push(ours.0 / 1000.0);
        warm.push(ours.1 / 1000.0);
        // The second time, so that libcurl's own start does not count as round trips.
        round_trips.push(first("curl")?.1 / 1000.0);
    }
    let other = median(round_trips);
    let row = |state: &str, ours: f64, most: f64| {
        Row::new(
            name(state),
            against,
            Measurement::More {
                ours,
                other,
                unit: "ms",
                most,
            },
        )
    };
    Ok(vec![
        row("cold", median(cold), 25.0),
        row("warm", median(warm), 5.0),
    ])
}

/// Size and load time against libcurl with its TLS.
fn as_a_file(programs: &Programs) -> Result<Vec<Row>> {
    let size =
        |path: &Path| -> Result<f64> { Ok(std::fs::metadata(path)?.len() as f64 / MEGABYTE) };
    let ours = size(programs.library)?;
    let target = Measurement::Figure {
        ours,
        unit: "MB",
        most: 2.5,
    };
    let mut rows = vec![Row::new("library, stripped", "", target)];
    let Some(curl) = curl_libraries(programs)? else {
        rows.push(Row::new(
            "library, stripped",
            "libcurl with its TLS",
            no_curl(),
        ));
        return Ok(rows);
    };
    let mut other = 0.0;
    for path in &curl {
        other += size(path)?;
    }
    let shown = |size: f64| format!("{size:.1} MB");
    let found = Measurement::Ratio {
        ours: shown(ours),
        other: shown(other),
        ratio: ours / other,
        most: None,
    };
    rows.push(Row::new("library, stripped", "libcurl with its TLS", found));

    let load =
        |library: &Path| side::run_once(programs.workspace.command(&programs.load).arg(library));
    let (mut ours, mut others) = (Vec::new(), Vec::new());
    for _ in 0..FRESH_PROCESSES {
        ours.push(load(programs.library)?.0);
        others.push(load(&curl[0])?.0);
    }
    let (ours, other) = (median(ours), median(others));
    rows.push(Row::times(
        "load (dlopen)",
        "libcurl with its TLS",
        ours,
        other,
        ours / other,
        1.0,
    ));
    Ok(rows)
}

/// libcurl, libssl and libcrypto as the linked program finds them, libcurl first.
fn curl_libraries(programs: &Programs) -> Result<Option<Vec<PathBuf>>> {
    if !programs.has_curl {
        return Ok(None);
    }
    let mut ldd = programs.workspace.command("ldd");
    let listing = process::check(ldd.arg(&programs.sides), Duration::from_secs(60))?;
    let path = |name: &str| {
        let line = listing
            .lines()
            .find(|line| line.trim_start().starts_with(name))?;
        line.split_whitespace()
            .find(|word| word.starts_with('/'))
            .map(PathBuf::from)
    };
    let paths = ["libcurl", "libssl", "libcrypto"].map(path);
    paths
        .into_iter()
        .collect::<Option<Vec<_>>>()
        .context("ldd does not name libcurl's libraries")
        .map(Some)
}
