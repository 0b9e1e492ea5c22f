//! The rows of PowerShell. Each script prints numbers and nothing else.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::import;
use super::median;
use super::table::{Measurement, Row};
use super::tenant::Tenant;
use crate::artifacts::Artifacts;
use crate::powershell::{self, PowerShell};
use crate::process;
use crate::workspace::Workspace;

const LIMIT: Duration = Duration::from_secs(600);
const FIRST_CALLS: usize = 9;

pub fn rows(workspace: &Workspace, artifacts: &Artifacts, million: bool) -> Result<Vec<Row>> {
    let host = match PowerShell::find(workspace) {
        Ok(host) => host,
        Err(error) => {
            let reason = format!("{error:#}")
                .lines()
                .next()
                .unwrap_or_default()
                .to_owned();
            return Ok(vec![Row::new(
                "everything in PowerShell",
                "",
                Measurement::Skipped(reason),
            )]);
        }
    };
    let bench = Bench {
        workspace,
        host,
        module: powershell::lay_out_module(workspace, artifacts)?,
    };
    let mut rows = import::rows(&bench)?;
    let tenant = Tenant::start(workspace, artifacts, 1)?;
    rows.push(first_call(&bench, &tenant)?);
    rows.extend(warm(&bench, &tenant)?);
    let hundred_thousand = Large::measure(&bench, artifacts, 100_000, 5, ["module", "httpclient"])?;
    rows.extend(hundred_thousand.rows("100,000 tokens into objects", Some(1.3), 220.0));
    let own_list = Large::measure(&bench, artifacts, 100_000, 5, ["sailpat", "module"])?;
    rows.push(own_list.time_row(
        "100,000 tokens, Get-SailPat",
        "the documented list",
        Some(1.5),
    ));
    if million {
        let million = Large::measure(&bench, artifacts, 1_000_000, 1, ["module", "httpclient"])?;
        rows.extend(million.rows("1,000,000 tokens into objects", None, 1536.0));
        let (ours, tenfold) = (million.time, hundred_thousand.time * 10.0);
        let found = Measurement::Ratio {
            ours: format!("{:.1} s", ours / 1e6),
            other: format!("{:.1} s", tenfold / 1e6),
            ratio: ours / tenfold,
            most: Some(1.2),
        };
        rows.push(Row::new(
            "1,000,000 tokens into objects",
            "ten times 100,000",
            found,
        ));
    }
    Ok(rows)
}

pub struct Bench<'a> {
    pub workspace: &'a Workspace,
    pub host: PowerShell,
    /// SailPat.psd1, laid out.
    pub module: PathBuf,
}

impl Bench<'_> {
    pub fn script(&self, name: &str, module: &Path) -> Command {
        let mut command = self.host.script(
            self.workspace,
            &self.workspace.root.join("benches").join(name),
        );
        command.arg("-Module").arg(module);
        command
    }
}

/// The first call of a session, each in a fresh process.
fn first_call(bench: &Bench, tenant: &Tenant) -> Result<Row> {
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..FIRST_CALLS {
        for (side, found) in ["module", "restmethod"].iter().zip(&mut times) {
            let mut command = bench.script("first.ps1", &bench.module);
            command.args(["-Side", side]);
            let text = process::check(tenant.settle(&mut command, false), LIMIT)?;
            let line = text.trim_end().lines().last().unwrap_or_default();
            let millis: f64 = line
                .trim()
                .parse()
                .with_context(|| format!("first.ps1 printed no number:\n{text}"))?;
            found.push(millis * 1000.0);
        }
    }
    let [ours, other] = times.map(median);
    Ok(Row::times(
        "first call of a session in PowerShell",
        "Invoke-RestMethod's sign-in and list",
        ours,
        other,
        ours / other,
        1.6,
    ))
}

fn warm(bench: &Bench, tenant: &Tenant) -> Result<Vec<Row>> {
    let mut command = bench.script("warm.ps1", &bench.module);
    let text = process::check(tenant.settle(&mut command, false), LIMIT)?;
    let medians: HashMap<&str, f64> = text
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter_map(|(name, number)| Some((name, number.trim().parse().ok()?)))
        .collect();
    let of = |name: &str| {
        medians
            .get(name)
            .copied()
            .with_context(|| format!("warm.ps1 printed no {name}:\n{text}"))
    };
    let against = |work, name, what: &'static str, other, most| -> Result<Row> {
        let (ours, other) = (of(name)?, of(other)?);
        Ok(Row::times(work, what, ours, other, ours / other, most))
    };
    let list =
        |what, other, most| against("warm list in PowerShell", "list-module", what, other, most);
    let pair = |work, name| against(work, name, "Invoke-RestMethod", "pair-restmethod", 1.3);
    let (ours, other) = (
        of("missing-module")? / 1000.0,
        of("missing-httpclient")? / 1000.0,
    );
    Ok(vec![
        list("raw HttpClient returning text", "list-httpclient", 2.2)?,
        list("Invoke-RestMethod", "list-restmethod", 1.0)?,
        pair("a token made and removed, from an object", "pair-module")?,
        pair("a token made and removed, from JSON text", "pair-json")?,
        Row::new(
            "a missing id, removed",
            "HttpClient DELETE",
            Measurement::More {
                ours,
                other,
                unit: "ms",
                most: 5.0,
            },
        ),
    ])
}

/// A whole tenant into objects, each side in fresh processes: microseconds, and megabytes at the peak.
struct Large {
    time: f64,
    other_time: f64,
    peak: f64,
    other_peak: f64,
}

impl Large {
    fn measure(
        bench: &Bench,
        artifacts: &Artifacts,
        tokens: u32,
        runs: usize,
        sides: [&str; 2],
    ) -> Result<Self> {
        let tenant = Tenant::start(bench.workspace, artifacts, tokens)?;
        let mut times = [Vec::new(), Vec::new()];
        let mut peaks = [Vec::new(), Vec::new()];
        let mut counts = Vec::new();
        for _ in 0..runs {
            for (number, side) in sides.iter().enumerate() {
                let mut command = bench.script("large.ps1", &bench.module);
                command.args(["-Side", side]);
                let text = process::check(tenant.settle(&mut command, false), LIMIT)?;
                let [time, peak, count] = numbers(&text)?;
                times[number].push(time * 1000.0);
                peaks[number].push(peak);
                counts.push(count);
            }
        }
        if counts.iter().any(|count| *count != counts[0]) {
            bail!("the sides saw different numbers of tokens: {counts:?}");
        }
        let [time, other_time] = times.map(median);
        let [peak, other_peak] = peaks.map(median);
        Ok(Self {
            time,
            other_time,
            peak,
            other_peak,
        })
    }

    fn time_row(&self, what: &str, against: &'static str, most: Option<f64>) -> Row {
        let shown = |micros: f64| format!("{:.0} ms", micros / 1000.0);
        let found = Measurement::Ratio {
            ours: shown(self.time),
            other: shown(self.other_time),
            ratio: self.time / self.other_time,
            most,
        };
        Row::new(what, against, found)
    }

    fn rows(&self, what: &str, most: Option<f64>, most_memory: f64) -> [Row; 2] {
        let memory = format!(
            "{what}, peak memory ({:.0} MB the other way)",
            self.other_peak
        );
        let peak = Measurement::Figure {
            ours: self.peak,
            unit: "MB",
            most: most_memory,
        };
        [
            self.time_row(what, "HttpClient text + System.Text.Json", most),
            Row::new(memory, "", peak),
        ]
    }
}

/// The three numbers of the last line; a host may print before it.
pub fn numbers(text: &str) -> Result<[f64; 3]> {
    let line = text.trim_end().lines().last().unwrap_or_default();
    let numbers: Vec<f64> = line
        .split_whitespace()
        .filter_map(|word| word.parse().ok())
        .collect();
    numbers
        .try_into()
        .ok()
        .with_context(|| format!("a script printed no three numbers:\n{text}"))
}
