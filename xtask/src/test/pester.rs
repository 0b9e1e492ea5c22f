//! The tests of the PowerShell module, run by a real host with Pester.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail};

use super::Context;
use super::coverage::Coverage;
use super::report::{self, Outcome};
use crate::powershell::{PowerShell, runtime_identifier};
use crate::process;
use crate::tools;

const LIMIT: Duration = Duration::from_secs(30 * 60);

/// What a culture can break: comparisons, dates, numbers, views and messages, without the files that only take time.
const CULTURE_FILES: [&str; 12] = [
    "BadInput",
    "Configuration",
    "Documented",
    "Empty",
    "Errors",
    "Log",
    "Models",
    "Output",
    "Profiles",
    "SailPat",
    "Settings",
    "Tenants",
];

/// One calendar, one alphabet and one set of digits that are not ours, and a process without ICU.
const CULTURES: [&str; 4] = ["th-TH", "tr-TR", "ar-SA", "invariant"];

/// How a run of the suite differs from others.
#[derive(Clone, Copy)]
pub struct Suite<'a> {
    /// The major version of Pester.
    pub pester: u8,
    /// The culture of the processes, as th-TH; `invariant` is a process without ICU.
    pub culture: Option<&'a str>,
    /// Each file in a process of its own; else as many processes as this machine has cores, each with its share.
    pub alone: bool,
    /// Files by name, without .Tests.ps1; all when empty.
    pub files: &'a [&'a str],
    /// Files that another step runs, since they take long and do not care for the module that is given.
    pub but: &'a [&'a str],
    /// Whether to count which of the module's lines ran. That takes some seconds of each process.
    pub coverage: bool,
    /// A folder of modules to be searched before all others.
    pub modules: Option<&'a Path>,
}

/// The sources, each file alone, in an order that differs each time, with the coverage of the module.
pub fn run(context: &Context) -> Result<Outcome> {
    run_suite(
        context,
        &sources(context),
        &Suite {
            pester: 5,
            culture: None,
            alone: true,
            files: &[],
            but: &["Installed"],
            coverage: true,
            modules: None,
        },
    )
}

/// The whole suite with the module that has its name in a folder of modules: each file alone, under the other Pester.
pub fn installed(context: &Context, modules: &Path) -> Result<Outcome> {
    run_suite(
        context,
        Path::new("SailPat"),
        &Suite {
            pester: 6,
            culture: None,
            alone: true,
            files: &[],
            but: &["Joined"],
            coverage: false,
            modules: Some(modules),
        },
    )
}

/// What cultures can break, in each of them.
pub fn cultures(context: &Context) -> Result<Outcome> {
    in_cultures(context, &CULTURE_FILES)
}

/// Every file in each culture.
pub fn cultures_whole(context: &Context) -> Result<Outcome> {
    in_cultures(context, &[])
}

fn in_cultures(context: &Context, files: &[&str]) -> Result<Outcome> {
    let module = sources(context);
    let mut outcome = Outcome::default();
    for culture in CULTURES {
        let culture = Some(culture);
        outcome.add(run_suite(
            context,
            &module,
            &Suite {
                pester: 5,
                culture,
                alone: false,
                files,
                but: &[],
                coverage: false,
                modules: None,
            },
        )?);
    }
    Ok(outcome)
}

/// The module as it is written, which finds its library by a variable.
fn sources(context: &Context) -> PathBuf {
    let folder = context.workspace.root.join("powershell").join("SailPat");
    folder.join("SailPat.psd1")
}

pub fn run_suite(context: &Context, module: &Path, suite: &Suite<'_>) -> Result<Outcome> {
    let workspace = &context.workspace;
    let host = match PowerShell::find(workspace)
        .and_then(|host| host.with_pester(workspace, suite.pester))
    {
        Ok(host) => host,
        Err(error) => {
            return Ok(Outcome::skipped(first_line(&format!(
                "no PowerShell with Pester {}: {error:#}",
                suite.pester
            ))));
        }
    };
    // Without them the tests of vaults skip themselves, which CI does not let pass.
    let vaults = PowerShell::find(workspace)?.with_modules(workspace, &tools::VAULTS);
    let runner = Runner {
        context,
        host,
        vaults: vaults.ok().map(|(_, folder)| folder),
        module,
        suite,
    };
    runner.run()
}

struct Runner<'a> {
    context: &'a Context,
    host: PowerShell,
    vaults: Option<PathBuf>,
    module: &'a Path,
    suite: &'a Suite<'a>,
}

impl Runner<'_> {
    fn run(&self) -> Result<Outcome> {
        let seed = seed();
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let mut files = self.files()?;
        shuffle(&mut files, seed);
        if self.suite.alone {
            longest_first(&mut files)?;
        }
        let shares = if self.suite.alone {
            files.into_iter().map(|file| vec![file]).collect()
        } else {
            shares(files, cores)?
        };

        let count = shares.len();
        let waiting = Mutex::new(shares.into_iter().enumerate());
        let found = Mutex::new(Vec::new());
        thread::scope(|scope| {
            for _ in 0..cores {
                scope.spawn(|| {
                    loop {
                        let next = waiting.lock().unwrap().next();
                        let Some((number, share)) = next else { break };
                        let outcome = self
                            .share(number, &share)
                            .unwrap_or_else(|error| Outcome::failed(format!("{error:#}\n")));
                        found.lock().unwrap().push(outcome);
                    }
                });
            }
        });

        let mut outcome = Outcome::default();
        for one in found.into_inner().unwrap() {
            outcome.add(one);
        }
        let mut words = vec![format!("order {seed}")];
        if outcome.skipped > 0 {
            words.push("tests that skip themselves".to_owned());
        }
        if self.suite.coverage {
            words.push(self.coverage(count)?);
        }
        outcome.reason = words.join("; ");
        Ok(outcome)
    }

    fn files(&self) -> Result<Vec<PathBuf>> {
        let folder = self.context.workspace.root.join("tests").join("powershell");
        if self.suite.files.is_empty() {
            let mut files = every_file(&folder)?;
            let is_wanted =
                |file: &PathBuf| !self.suite.but.iter().any(|name| is_named(file, name));
            files.retain(is_wanted);
            return Ok(files);
        }
        let named = self.suite.files.iter();
        let files: Vec<_> = named
            .map(|name| folder.join(format!("{name}.Tests.ps1")))
            .collect();
        if let Some(missing) = files.iter().find(|file| !file.is_file()) {
            bail!("{} is not there", missing.display());
        }
        Ok(files)
    }

    /// One process with these files.
    fn share(&self, number: usize, files: &[PathBuf]) -> Result<Outcome> {
        let workspace = &self.context.workspace;
        let script = workspace.root.join("xtask").join("pester.ps1");
        let mut command = self.host.script(workspace, &script);
        command.arg("-Pester").arg(self.suite.pester.to_string());
        if let Some(culture) = self.suite.culture {
            set_culture(&mut command, culture);
        }
        if self.suite.coverage {
            command.arg("-Cover").arg(self.module.with_file_name(""));
            command.arg("-CoverTo").arg(self.covered(number)?);
        }
        command.args(files);

        let artifacts = self.context.artifacts()?;
        command
            .env("SAILPAT_MODULE", self.module)
            .env("SAILPAT_EMULATOR", &artifacts.emulator);
        if let Some(modules) = self.suite.modules {
            search_first(&mut command, modules)?;
        }
        let native = self.module.with_file_name("runtimes");
        if self.module.is_absolute() && !native.join(runtime_identifier()).is_dir() {
            command.env("SAILPAT_LIBRARY", &artifacts.library);
        }
        if let Some(folder) = &self.vaults {
            command.env("SAILPAT_MODULES", folder);
        }
        // A test that writes to the current folder does not write into the checkout.
        command.current_dir(workspace.scratch(&format!("pester-{number}"))?);

        let finished = process::run(&mut command, LIMIT)?;
        let mut outcome = report::counts(&finished.output).unwrap_or_default();
        outcome.parts = report::parts(&finished.output);
        if !finished.status.success() || outcome.passed == 0 {
            outcome.failed = outcome.failed.max(1);
            let names: Vec<_> = files.iter().filter_map(|file| file.file_name()).collect();
            outcome.output = format!(
                "Pester {}, culture {}, {names:?}\n{}\n",
                self.suite.pester,
                self.suite.culture.unwrap_or("as it is"),
                finished.output
            );
        }
        Ok(outcome)
    }

    fn covered(&self, number: usize) -> Result<PathBuf> {
        let folder = self.context.workspace.scratch("coverage")?;
        Ok(folder.join(format!("{number}.tsv")))
    }

    /// Says in words how much ran, and leaves the lines that did not in a file.
    fn coverage(&self, shares: usize) -> Result<String> {
        let mut coverage = Coverage::default();
        for number in 0..shares {
            let file = self.covered(number)?;
            if file.is_file() {
                coverage.add(&std::fs::read_to_string(&file)?);
                std::fs::remove_file(&file)?;
            }
        }
        let missed = self.context.workspace.target.join("coverage.txt");
        std::fs::write(&missed, coverage.missed(&self.module.with_file_name("")))
            .with_context(|| format!("cannot write {}", missed.display()))?;
        Ok(format!(
            "{:.1} % of the module's lines ran, the others are in {}",
            coverage.percentage(),
            missed.display()
        ))
    }
}

/// Modules of a folder are found before those of the host's folders.
fn search_first(command: &mut Command, modules: &Path) -> Result<()> {
    let given = command
        .get_envs()
        .find_map(|(name, value)| (name == "PSModulePath").then_some(value).flatten())
        .map(ToOwned::to_owned);
    let known = given
        .or_else(|| std::env::var_os("PSModulePath"))
        .unwrap_or_default();
    let folders = std::iter::once(modules.to_owned()).chain(std::env::split_paths(&known));
    command.env("PSModulePath", std::env::join_paths(folders)?);
    Ok(())
}

/// ICU takes the culture from LC_ALL; pester.ps1 looks whether it has come.
fn set_culture(command: &mut Command, culture: &str) {
    command.arg("-Culture").arg(culture);
    if culture == "invariant" {
        command.env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1");
    } else {
        command
            .env("LC_ALL", format!("{}.UTF-8", culture.replace('-', "_")))
            .env_remove("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT");
    }
}

fn is_named(file: &Path, name: &str) -> bool {
    file.file_name() == Some(format!("{name}.Tests.ps1").as_ref())
}

/// Sorted, for the order of a folder differs from system to system.
fn every_file(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in
        std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?
    {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(".Tests.ps1") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// $SAILPAT_ORDER, to have an order again; else another one each time.
fn seed() -> u64 {
    let named = std::env::var("SAILPAT_ORDER").ok();
    named.and_then(|text| text.parse().ok()).unwrap_or_else(|| {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        u64::from(now.subsec_micros())
    })
}

/// Fisher and Yates's, over numbers of Knuth's generator.
fn shuffle<T>(items: &mut [T], seed: u64) {
    let mut state = seed;
    for last in (1..items.len()).rev() {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let chosen = (state >> 33) as usize % (last + 1);
        items.swap(last, chosen);
    }
}

/// Brings the quarter with the most text to the front, in the order that it had: a long file that begins last keeps one
/// core busy while the others have nothing left to do.
fn longest_first(files: &mut [PathBuf]) -> Result<()> {
    let mut sizes = files
        .iter()
        .map(|file| size(file))
        .collect::<Result<Vec<_>>>()?;
    sizes.sort_unstable();
    let large = sizes.get(sizes.len() * 3 / 4).copied().unwrap_or_default();
    files.sort_by_cached_key(|file| size(file).is_ok_and(|size| size < large));
    Ok(())
}

fn size(file: &Path) -> Result<u64> {
    let facts =
        std::fs::metadata(file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(facts.len())
}

/// As many shares as are wanted, of about as much text each: a file with more text takes more time.
fn shares(files: Vec<PathBuf>, wanted: usize) -> Result<Vec<Vec<PathBuf>>> {
    let mut shares: Vec<(u64, Vec<PathBuf>)> = vec![(0, Vec::new()); wanted.min(files.len())];
    for file in files {
        let size = size(&file)?;
        if let Some((sum, share)) = shares.iter_mut().min_by_key(|(sum, _)| *sum) {
            *sum += size;
            share.push(file);
        }
    }
    Ok(shares.into_iter().map(|(_, share)| share).collect())
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::shuffle;

    #[test]
    fn an_order_loses_nothing_and_comes_again_with_its_number() {
        let order = |seed| {
            let mut items: Vec<u32> = (0..30).collect();
            shuffle(&mut items, seed);
            items
        };
        assert_eq!(order(7), order(7));
        assert_ne!(order(7), order(8));
        let mut sorted = order(7);
        sorted.sort_unstable();
        assert_eq!(sorted, (0..30).collect::<Vec<u32>>());
    }
}
