//! Runs the C callers, and for Windows the PowerShell tests, with a library of another platform. The emulator is this
//! machine's own: loopback is shared.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::artifacts::Artifacts;
use crate::emulator::Emulator;
use crate::libraries::Built;
use crate::libraries::table::Runner;
use crate::package::{self, module};
use crate::process;
use crate::test::report::{self, Outcome};
use crate::workspace::Workspace;

const COMPILE_LIMIT: Duration = Duration::from_secs(120);
const RUN_LIMIT: Duration = Duration::from_secs(600);
/// For one file of tests, of which some start dozens of processes. One that hangs under Wine must not take the others
/// along.
const PESTER_LIMIT: Duration = Duration::from_secs(20 * 60);

/// The major versions of Pester that the tests pass under.
const PESTERS: [&str; 2] = ["5", "6"];

/// Callers that every platform can run; the others want fork or signals.
const EVERYWHERE: [&str; 6] = [
    "exports.c",
    "bad_input.c",
    "handles.c",
    "jobs.c",
    "faults.c",
    "threads.c",
];

const STRICT: [&str; 6] = [
    "-std=c11",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-pedantic",
    "-O1",
];

/// Runs what can run, adds what it found, and says in words what ran.
pub fn callers(
    workspace: &Workspace,
    built: &Built,
    artifacts: &Artifacts,
    outcome: &mut Outcome,
) -> Result<String> {
    let (compiler, words) = match built.platform.runner {
        Runner::Native => ("gcc", "C callers"),
        Runner::Musl => ("musl-gcc", "C callers under musl"),
        Runner::Qemu => ("aarch64-linux-gnu-gcc", "C callers under QEMU"),
        Runner::Wine => ("x86_64-w64-mingw32-gcc", "C callers under Wine"),
        Runner::Nothing => {
            outcome.skipped += 1;
            return Ok("nothing here runs it".to_owned());
        }
    };
    if process::find(compiler).is_none() {
        return Ok(format!("not run: {compiler} is not installed"));
    }
    let folder = workspace.scratch(built.platform.rid)?;
    let _ = std::fs::copy(built.library(), folder.join(built.platform.library));
    for name in names(workspace, built)? {
        let program = compile(workspace, built, compiler, &name, &folder)?;
        let emulator = Emulator::start(workspace, artifacts, &["--rate-limit", "off"])?;
        let mut command = command(workspace, built, &program)?;
        command.env("HOME", workspace.scratch("home")?);
        let finished = process::run(emulator.settle(&mut command), RUN_LIMIT)?;
        let mut one = report::counts(&finished.output).unwrap_or_default();
        if !finished.status.success() || one.passed == 0 {
            one.failed = one.failed.max(1);
            one.output = format!("{name} ended with {}\n{}", finished.status, finished.output);
        }
        outcome.add(one);
    }
    if built.platform.runner == Runner::Wine {
        return Ok(format!("{words}, {}", pester(workspace, built, outcome)?));
    }
    Ok(words.to_owned())
}

/// The callers for a platform; a musl or glibc system has fork and signals, too.
fn names(workspace: &Workspace, built: &Built) -> Result<Vec<String>> {
    let mut names: Vec<String> = EVERYWHERE.iter().map(|name| (*name).to_owned()).collect();
    match built.platform.runner {
        Runner::Native | Runner::Musl => names.push("process.c".to_owned()),
        Runner::Wine => names.push("windows/unload.c".to_owned()),
        Runner::Qemu | Runner::Nothing => {}
    }
    for name in &names {
        if !sources(workspace).join(name).is_file() {
            bail!("tests/c/{name} is missing");
        }
    }
    Ok(names)
}

fn sources(workspace: &Workspace) -> PathBuf {
    workspace.root.join("tests").join("c")
}

fn compile(
    workspace: &Workspace,
    built: &Built,
    compiler: &str,
    name: &str,
    folder: &Path,
) -> Result<PathBuf> {
    let source = sources(workspace).join(name);
    let stem = source.file_stem().context("a source has a name")?;
    let program = folder
        .join(stem)
        .with_extension(if built.platform.is_windows() {
            "exe"
        } else {
            "bin"
        });
    let mut command = workspace.command(compiler);
    command.args(STRICT);
    if built.platform.is_windows() {
        // POSIX names over Winsock; and printf as C11 says it, which the compiler's own check does not know.
        command.arg("-I").arg(sources(workspace).join("windows"));
        command.args(["-D__USE_MINGW_ANSI_STDIO=1", "-Wno-format"]);
    }
    command
        .arg("-I")
        .arg(workspace.root.join("include"))
        .arg(&source);
    if built.platform.is_windows() {
        command.arg(built.folder.join("libsailpat.dll.a"));
        command.args(["-lws2_32", "-lpsapi", "-static"]);
    } else {
        command.arg(built.library());
    }
    command.arg("-pthread").arg("-o").arg(&program);
    process::check(&mut command, COMPILE_LIMIT)?;
    Ok(program)
}

fn command(workspace: &Workspace, built: &Built, program: &Path) -> Result<Command> {
    let folder = program.parent().context("a program is in a folder")?;
    Ok(match built.platform.runner {
        Runner::Wine => {
            shim(workspace, folder)?;
            let mut command = wine(workspace)?;
            command
                .arg(program)
                .current_dir(folder)
                .env("CALLERS_SLOW_TOOL", "1");
            command
        }
        Runner::Qemu => {
            let mut command = workspace.command("qemu-aarch64");
            let path = format!("LD_LIBRARY_PATH={}", built.folder.display());
            command.args(["-L", "/usr/aarch64-linux-gnu", "-E", &path]);
            command.arg(program).env("CALLERS_SLOW_TOOL", "1");
            command
        }
        _ => {
            let mut command = workspace.command(program);
            command.env("LD_LIBRARY_PATH", &built.folder);
            command
        }
    })
}

/// Wine with a prefix of its own, which presents itself as Windows 10.
fn wine(workspace: &Workspace) -> Result<Command> {
    let wine = process::find("wine64").unwrap_or_else(|| PathBuf::from("/usr/lib/wine/wine64"));
    let prefix = workspace.scratch("wine")?;
    let fresh = !prefix.join("system.reg").is_file();
    let make = || {
        let mut command = workspace.command(&wine);
        command.env("WINEPREFIX", &prefix).env("WINEDEBUG", "-all");
        command
    };
    if fresh {
        let mut settle = make();
        settle.args([
            "reg",
            "add",
            r"HKCU\Software\Wine",
            "/v",
            "Version",
            "/d",
            "win10",
            "/f",
        ]);
        process::check(&mut settle, RUN_LIMIT)?;
    }
    Ok(make())
}

/// Puts what Wine lacks beside a program of the tests.
fn shim(workspace: &Workspace, folder: &Path) -> Result<PathBuf> {
    let library = folder.join("bcryptprimitives.dll");
    if !library.is_file() {
        let mut command = workspace.command("x86_64-w64-mingw32-gcc");
        command.args(STRICT).arg("-shared");
        command.arg(
            sources(workspace)
                .join("windows")
                .join("bcryptprimitives.c"),
        );
        process::check(command.arg("-o").arg(&library), COMPILE_LIMIT)?;
    }
    Ok(library)
}

/// Every PowerShell test under each Pester, by the PowerShell for Windows that $SAILPAT_PWSH_WIN names, with the module
/// as its package installs it.
fn pester(workspace: &Workspace, built: &Built, outcome: &mut Outcome) -> Result<String> {
    let Some(host) = std::env::var_os("SAILPAT_PWSH_WIN").filter(|host| !host.is_empty()) else {
        outcome.skipped += 1;
        return Ok("no PowerShell tests: SAILPAT_PWSH_WIN is not set".to_owned());
    };
    let module = installed(workspace, built)?;
    let files = test_files(workspace)?;
    let mut words = Vec::new();
    for version in PESTERS {
        let mut passed = 0;
        for file in &files {
            let mut command = workspace.command(Path::new(&host));
            command.args(["-NoProfile", "-NonInteractive", "-File"]);
            command.arg(seen_from_windows(
                &workspace.root.join("xtask").join("pester.ps1"),
            ));
            command.args(["-Pester", version]);
            command.arg(seen_from_windows(file));
            let found = one_file(workspace, built, &module, file, command)?;
            passed += found.passed;
            outcome.add(found);
        }
        words.push(format!("{passed} PowerShell tests under Pester {version}"));
    }
    Ok(words.join(" and "))
}

/// The module for Windows as people have it, with what Wine lacks. Returns the path of its manifest.
fn installed(workspace: &Workspace, built: &Built) -> Result<PathBuf> {
    let folder = workspace.scratch("windows-package")?;
    package::make(workspace, &[built.native()], &folder)?;
    let modules = workspace.scratch("windows-modules")?;
    let _ = std::fs::remove_dir_all(&modules);
    let module = module::install(&folder.join(module::file_name()), &modules)?;
    let native = module
        .with_file_name("runtimes")
        .join(built.platform.rid)
        .join("native");
    shim(workspace, &native)?;
    shim(workspace, &built.folder)?;
    Ok(module)
}

fn test_files(workspace: &Workspace) -> Result<Vec<PathBuf>> {
    let folder = workspace.root.join("tests").join("powershell");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&folder)? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(".Tests.ps1") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Runs one file of tests. A file in which nothing can run on Windows has only skipped tests.
fn one_file(
    workspace: &Workspace,
    built: &Built,
    module: &Path,
    file: &Path,
    mut command: Command,
) -> Result<Outcome> {
    command
        .env("SAILPAT_MODULE", seen_from_windows(module))
        .env(
            "SAILPAT_EMULATOR",
            seen_from_windows(&built.folder.join("sailpat-emulator.exe")),
        )
        .env("WINEPREFIX", workspace.scratch("wine")?)
        .env("WINEDEBUG", "-all")
        .current_dir(workspace.scratch("pester")?);
    if let Some(modules) = std::env::var_os("SAILPAT_MODULES").filter(|path| !path.is_empty()) {
        command.env("SAILPAT_MODULES", seen_from_windows(Path::new(&modules)));
    }
    let finished = process::run(&mut command, PESTER_LIMIT);
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let finished = match finished {
        Ok(finished) => finished,
        Err(error) => return Ok(Outcome::failed(format!("{name}: {error:#}\n"))),
    };
    let mut found = report::counts(&finished.output).unwrap_or_default();
    if !finished.status.success() || found.passed + found.skipped == 0 {
        found.failed = found.failed.max(1);
        found.output = format!("{name}\n{}", finished.output);
    }
    Ok(found)
}

/// Wine shows this machine's files as drive Z:.
fn seen_from_windows(path: &Path) -> String {
    format!("Z:{}", path.display()).replace('/', r"\")
}
