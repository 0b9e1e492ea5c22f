//! Runs other programs: silently, with a time limit, stdout and stderr kept in the order they were written.

use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// How long a child that has ended may keep its pipe open through children of its own.
const PIPE_GRACE: Duration = Duration::from_secs(2);

/// What a program left behind.
pub struct Finished {
    pub status: ExitStatus,
    pub output: String,
}

/// Runs `command` to its end and keeps what it prints. A program that outlives `limit` is killed and reported.
pub fn run(command: &mut Command, limit: Duration) -> Result<Finished> {
    let shown = shown(command);
    let (mut reader, writer) = std::io::pipe()?;
    command
        .stdin(Stdio::null())
        .stdout(writer.try_clone()?)
        .stderr(writer);
    let spawned = command
        .spawn()
        .with_context(|| format!("cannot start {shown}"));
    // The command owns writing ends of the pipe: without this the reader would never see its end.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = spawned?;

    let bytes = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&bytes);
    let collector = thread::spawn(move || {
        let mut chunk = [0; 8192];
        while let Ok(count @ 1..) = reader.read(&mut chunk) {
            kept.lock().unwrap().extend_from_slice(&chunk[..count]);
        }
    });

    let status = wait(&mut child, limit)?;
    let ended = Instant::now();
    while !collector.is_finished() && ended.elapsed() < PIPE_GRACE {
        thread::sleep(Duration::from_millis(2));
    }
    let output = String::from_utf8_lossy(&bytes.lock().unwrap()).into_owned();
    match status {
        Some(status) => Ok(Finished { status, output }),
        None => bail!(
            "{shown}\nwas stopped after {} s; it had printed:\n{output}",
            limit.as_secs()
        ),
    }
}

/// As `run`, for a program whose failure is the caller's failure.
pub fn check(command: &mut Command, limit: Duration) -> Result<String> {
    let finished = run(command, limit)?;
    if !finished.status.success() {
        bail!(
            "{}\nended with {}\n{}",
            shown(command),
            finished.status,
            finished.output
        );
    }
    Ok(finished.output)
}

/// Waits for `child`; None means that the limit passed and the child was killed.
fn wait(child: &mut Child, limit: Duration) -> Result<Option<ExitStatus>> {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if begun.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// The command as a person would type it.
fn shown(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(
        command
            .get_args()
            .map(|word| word.to_string_lossy().into_owned()),
    );
    words.join(" ")
}

/// The full path of `program` when a folder of PATH has it.
pub fn find(program: &str) -> Option<std::path::PathBuf> {
    let name = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|folder| folder.join(&name))
        .find(|path| path.is_file())
}
