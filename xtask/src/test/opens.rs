//! A warm call opens each file at most once, wherever its settings come from: a program's system calls tell. What is
//! opened twice can be another file the second time, and half of a pair from each.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::Context;
use super::report::Outcome;
use crate::compiler::{self, Program};
use crate::emulator::Emulator;
use crate::process;
use crate::settings_sources::SettingsSource;

const LIMIT: Duration = Duration::from_secs(60);
/// The folder of the marks that the program tries to open before and after each call.
const MARK: &str = "/sailpat-mark/";

pub fn run(context: &Context) -> Result<Outcome> {
    let Some(compiler) = compiler::first() else {
        return Ok(Outcome::skipped("no C compiler".to_owned()));
    };
    if process::find("strace").is_none() {
        return Ok(Outcome::skipped("strace is not installed".to_owned()));
    }
    let workspace = &context.workspace;
    let folder = workspace.scratch("opens")?;
    let artifacts = context.artifacts()?;
    let program = Program {
        source: &workspace.root.join("tests/c/traced/list.c"),
        include: &workspace.root.join("include"),
        library: &artifacts.library,
        options: &[],
        folder: &folder,
    };
    let program = program.compile(workspace, &compiler, false)?;
    let emulator = Emulator::start(workspace, artifacts, &["--rate-limit", "off"])?;

    let mut outcome = Outcome::default();
    for (number, source) in SettingsSource::ALL.into_iter().enumerate() {
        let source_folder = folder.join(format!("source-{number}"));
        let log = folder.join(format!("source-{number}.log"));
        let mut strace = compiler::command(workspace, &artifacts.library, Path::new("strace"));
        strace
            .args(["-f", "-y", "-s", "4096", "-e", "trace=open,openat,openat2"])
            .arg("-o")
            .arg(&log)
            .arg(&program)
            .arg(source.settings());
        let finished = process::run(
            source.settle(&mut strace, &source_folder, &emulator)?,
            LIMIT,
        )?;
        let trace = std::fs::read_to_string(&log).context("strace left no trace")?;
        let problems = if finished.status.success() {
            problems(source, &source_folder, &trace)
        } else {
            vec![format!(
                "ended with {}: {}",
                finished.status, finished.output
            )]
        };
        outcome.add(judged(source, &problems));
    }
    Ok(outcome)
}

fn judged(source: SettingsSource, problems: &[String]) -> Outcome {
    if problems.is_empty() {
        return Outcome::passed();
    }
    let lines = problems
        .iter()
        .map(|problem| format!("settings from {}: {problem}\n", source.words()));
    Outcome::failed(lines.collect())
}

/// What speaks against the promise in a trace.
fn problems(source: SettingsSource, folder: &Path, trace: &str) -> Vec<String> {
    let (calls, before) = calls(trace);
    let mut problems = Vec::new();
    if calls.len() != 3 {
        problems.push(format!("{} calls and not 3 are in the trace", calls.len()));
    }
    // A trace that does not show the first look at a source would not show a second one either.
    for file in source.files() {
        if !before.contains_key(&folder.join(file)) {
            problems.push(format!("the trace never shows {file}"));
        }
    }
    for (number, opened) in calls.iter().enumerate() {
        let often = opened.iter().filter(|(_, times)| **times > 1);
        problems.extend(often.map(|(path, times)| {
            format!(
                "warm call {} opens {} {times} times",
                number + 1,
                path.display()
            )
        }));
    }
    problems
}

type Opened = BTreeMap<PathBuf, u32>;

/// What each call between marks opened, and what was opened before the first one.
fn calls(trace: &str) -> (Vec<Opened>, Opened) {
    let (mut calls, mut before, mut open) = (Vec::new(), Opened::new(), None::<Opened>);
    for path in trace.lines().filter_map(opened_path) {
        let mark = path.to_str().and_then(|path| path.strip_prefix(MARK));
        match (mark, &mut open) {
            (Some("begin"), _) => open = Some(Opened::new()),
            (Some(_), _) => calls.extend(open.take()),
            (None, Some(opened)) => *opened.entry(path).or_default() += 1,
            (None, None) if calls.is_empty() => *before.entry(path).or_default() += 1,
            (None, None) => {}
        }
    }
    (calls, before)
}

/// The path in a line such as `7 openat(AT_FDCWD</here>, "config.json", O_RDONLY) = 3`; a call that another thread
/// broke into has it in its first line only.
fn opened_path(line: &str) -> Option<PathBuf> {
    let call = &line[line.find(" open")?..];
    let (head, rest) = call.split_once('"')?;
    let (path, _) = rest.split_once('"')?;
    let folder = head
        .split_once('<')
        .and_then(|(_, folder)| Some(folder.rsplit_once('>')?.0));
    Some(Path::new(folder.unwrap_or_default()).join(path))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::calls;

    #[test]
    fn a_trace_is_read_call_by_call() {
        let trace = r#"7 openat(AT_FDCWD</here>, "config.json", O_RDONLY|O_CLOEXEC) = 3</here/config.json>
7 openat(AT_FDCWD</here>, "/sailpat-mark/begin", O_RDONLY) = -1 ENOENT (No such file or directory)
8 openat(AT_FDCWD</here>, "config.json", O_RDONLY|O_CLOEXEC <unfinished ...>
7 openat(4</there>, "more.json", O_RDONLY) = 5</there/more.json>
8 <... openat resumed>)                   = 3</here/config.json>
8 open("/here/config.json", O_RDONLY)     = 3</here/config.json>
7 openat(AT_FDCWD</here>, "/sailpat-mark/end", O_RDONLY) = -1 ENOENT (No such file or directory)
7 openat(AT_FDCWD</here>, "later", O_RDONLY) = 3</here/later>
7 +++ exited with 0 +++"#;
        let (calls, before) = calls(trace);
        assert_eq!(
            before.into_iter().collect::<Vec<_>>(),
            [(Path::new("/here/config.json").into(), 1)]
        );
        assert_eq!(calls.len(), 1);
        let found: Vec<_> = calls[0]
            .iter()
            .map(|(path, times)| (path.as_path(), *times))
            .collect();
        assert_eq!(
            found,
            [
                (Path::new("/here/config.json"), 2),
                (Path::new("/there/more.json"), 1)
            ]
        );
    }
}
