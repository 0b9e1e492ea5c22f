//! A command at work: how it is started, watched, and stopped.

use std::fs::File;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::{Child, Command as Process, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use once_cell::sync::OnceCell;
use zeroize::Zeroizing;

use crate::store::command::Command;
use crate::store::command::talk::{LARGEST_ANSWER, Talk};
use crate::store::lock;

/// How long between two looks at a command.
const SHORTEST_INTERVAL: Duration = Duration::from_millis(1);
const LONGEST_INTERVAL: Duration = Duration::from_millis(20);
/// How long a killed command, and what it started, may take to be gone.
const DYING: Duration = Duration::from_secs(1);
/// Whoever looks whether a lock is held holds it for a moment.
const LOOKED_AT: Duration = Duration::from_millis(500);

/// What a child gets before its program begins: an open file, and the default for its own children's ends. Only
/// `ffi` may call the system for that.
type Prepare = fn(&mut Process, Option<&File>);
static PREPARE: OnceCell<Prepare> = OnceCell::new();

/// Says how a child is prepared. Without it nothing can be passed on, so that no store is guarded.
pub fn prepare_with(prepare: Prepare) {
    let _ = PREPARE.set(prepare);
}

/// Why a command did not do what it was asked for.
#[derive(Debug)]
pub struct CommandFailure {
    pub words: String,
    /// It was stopped, and what it began may still come about.
    pub may_go_on: bool,
}

impl CommandFailure {
    pub fn of(words: impl Into<String>) -> Self {
        CommandFailure {
            words: words.into(),
            may_go_on: false,
        }
    }
}

/// How a command ended.
pub struct Exit {
    /// None where the host does not let it be seen.
    pub status: Option<ExitStatus>,
    pub output: Zeroizing<Vec<u8>>,
    pub errors: Zeroizing<Vec<u8>>,
}

impl Command {
    pub fn run(
        &self,
        input: Zeroizing<String>,
        guard: Option<&Path>,
    ) -> std::result::Result<Exit, CommandFailure> {
        let deadline = Instant::now() + self.limit;
        let guard = guard.filter(|_| cfg!(windows) || PREPARE.get().is_some());
        let held = guard.map(guarded).transpose()?;
        let mut child = self.started(held.as_deref())?;
        // The child has it now. A host that forks meanwhile must not keep it.
        let held_here = held.filter(|_| cfg!(windows));
        let late = |child: Child, what: &str| {
            let limit = self.limit.as_secs_f64();
            let then = match stopped(child, guard) {
                true => "was stopped",
                false => "was told to stop; whether all of it has ended cannot be seen",
            };
            Err(CommandFailure {
                words: format!("{what} within {limit:.1} s and {then}"),
                may_go_on: true,
            })
        };
        let mut talk = match Talk::begin(&mut child, input) {
            Ok(talk) => talk,
            Err(error) => {
                stopped(child, guard);
                return Err(CommandFailure::of(format!("cannot be spoken to: {error}")));
            }
        };
        let has_ended = talked(&mut talk, &mut child, deadline);
        if !has_ended {
            return late(child, "did not end");
        }
        if !talk.output_is_over() {
            return late(child, "ended, and what it started did not end its output");
        }
        drop(held_here);
        let (output, errors) = talk.into_said();
        Ok(Exit {
            errors,
            status: child.wait().ok(),
            output,
        })
    }

    fn started(&self, passed_on: Option<&File>) -> std::result::Result<Child, CommandFailure> {
        let mut program = Process::new(self.program());
        program
            .args(&self.words[1..])
            // Whoever sees a program's variables is not meant to see this one.
            .env_remove("SAIL_CLIENT_SECRET")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        // What it starts in turn is stopped with it.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut program, 0);
        if let Some(prepare) = PREPARE.get() {
            prepare(&mut program, passed_on);
        }
        // The standard library insists on seeing how a child ended that found no program; a host that ignores
        // SIGCHLD has that forgotten.
        let spawned = catch_unwind(AssertUnwindSafe(|| program.spawn()))
            .unwrap_or_else(|_| Err(io::Error::other("the program cannot be run")));
        spawned.map_err(|error| CommandFailure::of(format!("cannot be started: {error}")))
    }
}

/// The locked file that a storing command is started with.
fn guarded(path: &Path) -> std::result::Result<lock::Passed, CommandFailure> {
    match lock::to_pass_on(path, LOOKED_AT) {
        Ok(Some(held)) => Ok(held),
        Ok(None) => Err(CommandFailure {
            words: "was started before and is still storing".to_owned(),
            may_go_on: true,
        }),
        Err(error) => Err(CommandFailure::of(format!(
            "cannot be guarded by {}: {error}",
            path.display()
        ))),
    }
}

/// Talks with a command until it has ended and said all, or its time is over. Whether it has ended.
fn talked(talk: &mut Talk, child: &mut Child, deadline: Instant) -> bool {
    let mut ended = false;
    let mut pause = SHORTEST_INTERVAL;
    loop {
        let moved = talk.turn();
        ended = ended || has_ended(child);
        let is_over = ended && talk.output_is_over() && talk.errors_are_over();
        if is_over || Instant::now() >= deadline {
            return ended;
        }
        pause = if moved { SHORTEST_INTERVAL } else { pause * 2 };
        pause = pause.min(LONGEST_INTERVAL);
        thread::sleep(pause);
    }
}

/// Whether there may be more than was read.
pub fn is_cut(read: &[u8]) -> bool {
    read.len() >= LARGEST_ANSWER
}

/// Looks again and again, ever less often, until something is so or its time is over.
fn comes_true(deadline: Instant, mut so: impl FnMut() -> bool) -> bool {
    let mut pause = SHORTEST_INTERVAL;
    loop {
        if so() {
            return true;
        }
        if Instant::now() >= deadline {
            return false;
        }
        thread::sleep(pause);
        pause = (pause * 2).min(LONGEST_INTERVAL);
    }
}

/// Waits for the end.
fn ends(child: &mut Child, deadline: Instant) -> bool {
    comes_true(deadline, || has_ended(child))
}

/// Stops a command and what it started. Whether all of it is gone, as far as that can be seen.
fn stopped(mut child: Child, guard: Option<&Path>) -> bool {
    let _ = kill(&mut child);
    let deadline = Instant::now() + DYING;
    if !ends(&mut child, deadline) {
        return false;
    }
    let id = child.id();
    // From here on its number may go to another process.
    let _ = child.wait();
    comes_true(deadline, || group_is_gone(id))
        && guard
            .is_none_or(|guard| comes_true(deadline, || matches!(lock::is_held(guard), Ok(false))))
}

#[cfg(unix)]
mod group {
    use std::process::Child;

    use rustix::io::{Errno, Result};
    use rustix::process::{
        Pid, Signal, WaitId, WaitIdOptions, kill_process_group, test_kill_process_group, waitid,
    };

    fn number(id: u32) -> Result<Pid> {
        let number = i32::try_from(id).ok().and_then(Pid::from_raw);
        number.ok_or(Errno::INVAL)
    }

    /// Whether a command has ended. It stays waited for, so that its number, and its group's, are nobody else's. A
    /// host that ignores SIGCHLD, or waits for every child, leaves nothing to wait for.
    pub fn has_ended(child: &mut Child) -> bool {
        let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        match number(child.id()).and_then(|id| waitid(WaitId::Pid(id), look)) {
            Ok(ended) => ended.is_some(),
            Err(problem) => problem != Errno::INTR,
        }
    }

    pub fn kill(child: &mut Child) -> Result<()> {
        kill_process_group(number(child.id())?, Signal::KILL)
    }

    pub fn group_is_gone(id: u32) -> bool {
        number(id).and_then(test_kill_process_group) == Err(Errno::SRCH)
    }
}

#[cfg(not(unix))]
mod group {
    use std::process::Child;

    pub fn has_ended(child: &mut Child) -> bool {
        matches!(child.try_wait(), Ok(Some(_)))
    }

    pub fn kill(child: &mut Child) -> std::io::Result<()> {
        child.kill()
    }

    /// There are no such groups.
    pub fn group_is_gone(_id: u32) -> bool {
        true
    }
}

use group::{group_is_gone, has_ended, kill};

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::store::Pair;

    fn shell(script: &str, limit_ms: f64) -> Command {
        let words = ["/bin/sh", "-c", script].map(str::to_owned).to_vec();
        Command::new(words, Some(limit_ms)).unwrap()
    }

    fn pair() -> Pair {
        Pair::new("id", Zeroizing::new("planted".to_owned()))
    }

    #[test]
    fn a_storing_command_and_what_it_starts_hold_the_guard() {
        prepare_with(crate::ffi::children::prepare);
        let folder = tempfile::tempdir().unwrap();
        let guard = folder.path().join("guard");
        let goes_on = folder.path().join("go");
        // The shell answers; what it left behind ends when the file is there.
        let script = format!(
            "(until [ -e {0} ]; do sleep 0.02; done) >/dev/null 2>&1 & echo '{{}}'",
            goes_on.display()
        );
        let command = shell(&script, 5_000.0);
        command.write(&pair(), "https://t", Some(&guard)).unwrap();
        assert!(lock::is_held(&guard).unwrap());
        let error = command
            .write(&pair(), "https://t", Some(&guard))
            .unwrap_err();
        assert!(error.to_string().contains("is still storing"), "{error}");
        assert!(error.detail().retryable);
        // No other child of this process got it.
        let mut other = shell("sleep 30", 60_000.0).started(None).unwrap();
        std::fs::write(&goes_on, "").unwrap();
        let freed = comes_true(Instant::now() + Duration::from_secs(10), || {
            !lock::is_held(&guard).unwrap()
        });
        other.kill().unwrap();
        other.wait().unwrap();
        assert!(freed);
    }

    #[test]
    fn a_command_that_is_late_is_gone_when_that_is_said() {
        prepare_with(crate::ffi::children::prepare);
        let folder = tempfile::tempdir().unwrap();
        let guard = folder.path().join("guard");
        let error = shell("sleep 30 & sleep 30", 150.0)
            .write(&pair(), "https://t", Some(&guard))
            .unwrap_err();
        assert!(error.detail().retryable);
        assert!(
            error.to_string().contains("within 0.1 s and was"),
            "{error}"
        );
        // Neither the shell nor what it started is there to hold it.
        assert!(!lock::is_held(&guard).unwrap(), "{error}");
    }
}
