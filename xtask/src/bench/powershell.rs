//! The rows of PowerShell. Each script prints numbers and nothing else.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::import;
use super::median;
use super::table::{Found, Row};
use super::tenant::Tenant;
use crate::artifacts::Artifacts;
use crate::powershell::{self, PowerShell};
use crate::process;
use crate::workspace::Workspace;

const LIMIT: Duration = Duration::from_secs(600);

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
                Found::Skipped(reason),
            )]);
        }
    };
    let bench = Bench {
        workspace,
        host,
        module: powershell::lay_out_module(workspace, artifacts)?,
    };
    let mut rows = import::rows(&bench)?;
    rows.extend(warm(&bench, &Tenant::start(workspace, artifacts, 1)?)?);
    let hundred_thousand = Large::measure(&bench, artifacts, 100_000, 5)?;
    rows.extend(hundred_thousand.rows("100,000 tokens into objects", Some(1.3), 220.0));
    if million {
        let million = Large::measure(&bench, artifacts, 1_000_000, 1)?;
        rows.extend(million.rows("1,000,000 tokens into objects", None, 1536.0));
        let (ours, tenfold) = (million.time, hundred_thousand.time * 10.0);
        let found = Found::Ratio {
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
    let list = of("list-module")?;
    let against = |what, name, most| -> Result<Row> {
        let other = of(name)?;
        Ok(Row::times(
            "warm list in PowerShell",
            what,
            list,
            other,
            list / other,
            most,
        ))
    };
    let (ours, other) = (
        of("missing-module")? / 1000.0,
        of("missing-httpclient")? / 1000.0,
    );
    Ok(vec![
        against("raw HttpClient returning text", "list-httpclient", 2.5)?,
        against("Invoke-RestMethod", "list-restmethod", 0.5)?,
        Row::new(
            "a missing id, removed",
            "HttpClient DELETE",
            Found::More {
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
    fn measure(bench: &Bench, artifacts: &Artifacts, tokens: u32, runs: usize) -> Result<Self> {
        let tenant = Tenant::start(bench.workspace, artifacts, tokens)?;
        let mut times = [Vec::new(), Vec::new()];
        let mut peaks = [Vec::new(), Vec::new()];
        let mut counts = Vec::new();
        for _ in 0..runs {
            for (number, side) in ["module", "httpclient"].iter().enumerate() {
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

    fn rows(&self, what: &str, most: Option<f64>, most_memory: f64) -> [Row; 2] {
        let shown = |micros: f64| format!("{:.0} ms", micros / 1000.0);
        let time = Found::Ratio {
            ours: shown(self.time),
            other: shown(self.other_time),
            ratio: self.time / self.other_time,
            most,
        };
        let memory = format!(
            "{what}, peak memory ({:.0} MB the other way)",
            self.other_peak
        );
        let peak = Found::Figure {
            ours: self.peak,
            unit: "MB",
            most: most_memory,
        };
        [
            Row::new(what, "HttpClient text + System.Text.Json", time),
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
