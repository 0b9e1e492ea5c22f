//! What importing the module costs, against a module without content: both installed in one folder of modules, each
//! import in a process of its own, all ways and both modules alternating.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};

use super::median;
use super::powershell::{Bench, numbers};
use super::table::{Measurement, Row};
use crate::package::VERSION;
use crate::process;

const LIMIT: Duration = Duration::from_secs(600);
const ROUNDS: usize = 9;

/// How a module is named, and whether PowerShell has its cache of modules.
struct Way {
    by_name: bool,
    cached: bool,
}

const WAYS: [Way; 3] = [
    Way {
        by_name: true,
        cached: true,
    },
    Way {
        by_name: false,
        cached: true,
    },
    Way {
        by_name: true,
        cached: false,
    },
];

/// Milliseconds, megabytes, and milliseconds in a second runspace, of each round.
type Figures = [Vec<f64>; 3];

pub fn rows(bench: &Bench) -> Result<Vec<Row>> {
    let installed = Installed::lay_out(bench)?;
    installed.fill_cache(bench)?;
    let mut found: [[Figures; 2]; 3] = Default::default();
    for _ in 0..ROUNDS {
        for (way, sides) in WAYS.iter().zip(&mut found) {
            for (name, figures) in ["SailPat", "Empty"].iter().zip(sides) {
                let numbers = installed.import(bench, way, name)?;
                for (list, number) in figures.iter_mut().zip(numbers) {
                    list.push(number);
                }
            }
        }
    }
    let [named, by_path, uncached] = found.map(|sides| sides.map(|side| side.map(median)));
    let ratio = |what: &str, [ours, other]: &[[f64; 3]; 2], most| {
        let found = Measurement::Ratio {
            ours: shown(ours[0]),
            other: shown(other[0]),
            ratio: ours[0] / other[0],
            most,
        };
        Row::new(what, "an empty module", found)
    };
    let more = |what: &str, column: usize, unit, most| {
        let found = Measurement::More {
            ours: named[0][column],
            other: named[1][column],
            unit,
            most,
        };
        Row::new(what, "an empty module", found)
    };
    let without = Measurement::Ratio {
        ours: shown(uncached[0][0]),
        other: shown(named[0][0]),
        ratio: uncached[0][0] / named[0][0],
        most: Some(1.3),
    };
    Ok(vec![
        ratio("import by name, installed", &named, Some(3.0)),
        ratio("import by path", &by_path, None),
        ratio("import by name without the analysis cache", &uncached, None),
        Row::new(
            "import by name without the analysis cache",
            "with it",
            without,
        ),
        more("import in a second runspace", 2, "ms", 40.0),
        more("import, memory", 1, "MB", 25.0),
    ])
}

fn shown(millis: f64) -> String {
    format!("{millis:.0} ms")
}

/// A folder of modules as an installation leaves it, with both modules, and the cache that PowerShell keeps of it.
struct Installed {
    modules: PathBuf,
    cache: PathBuf,
}

impl Installed {
    fn lay_out(bench: &Bench) -> Result<Self> {
        let folder = bench.workspace.scratch("bench")?.join("installed");
        let _ = std::fs::remove_dir_all(&folder);
        let modules = folder.join("modules");
        let ours = modules.join("SailPat").join(VERSION);
        let laid_out = bench.module.parent().context("a manifest is in a folder")?;
        crate::powershell::copy_folder(laid_out, &ours)?;
        let empty = modules.join("Empty").join("1.0");
        std::fs::create_dir_all(&empty)?;
        std::fs::write(empty.join("Empty.psm1"), "")?;
        std::fs::write(
            empty.join("Empty.psd1"),
            "@{ RootModule = 'Empty.psm1'; ModuleVersion = '1.0' }\n",
        )?;
        Ok(Self {
            modules,
            cache: folder.join("cache"),
        })
    }

    /// PowerShell writes its cache some seconds after it has looked at a module.
    fn fill_cache(&self, bench: &Bench) -> Result<()> {
        let script = "$null = Get-Module SailPat, Empty -ListAvailable; Import-Module SailPat, Empty -DisableNameChecking; \
                      while (-not [IO.File]::Exists($env:PSModuleAnalysisCachePath)) { Start-Sleep -Milliseconds 100 }";
        let mut command = bench.host.command(bench.workspace);
        command.args(["-Command", script]);
        self.settle(&mut command, &self.cache);
        process::check(&mut command, LIMIT).context("PowerShell wrote no cache of modules")?;
        Ok(())
    }

    fn import(&self, bench: &Bench, way: &Way, name: &str) -> Result<[f64; 3]> {
        let path = self.manifest(name);
        let module = if way.by_name { Path::new(name) } else { &path };
        let mut command = bench.script("import.ps1", module);
        let nothing = self.cache.with_extension("none");
        self.settle(
            &mut command,
            if way.cached { &self.cache } else { &nothing },
        );
        let found = numbers(&process::check(&mut command, LIMIT)?)?;
        // What this process may have written is not there for the next.
        let _ = std::fs::remove_file(&nothing);
        Ok(found)
    }

    fn manifest(&self, name: &str) -> PathBuf {
        let version = if name == "SailPat" { VERSION } else { "1.0" };
        let folder = self.modules.join(name).join(version);
        folder.join(format!("{name}.psd1"))
    }

    fn settle(&self, command: &mut std::process::Command, cache: &Path) {
        command
            .env("PSModulePath", &self.modules)
            .env("PSModuleAnalysisCachePath", cache)
            .env("PSDisableModuleAnalysisCacheCleanup", "1");
    }
}
