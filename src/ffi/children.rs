//! Programs that the library starts: what a child gets of this process before its program begins.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Lets a child have an open file that no other child gets, and its own children's ends: a host that ignores
/// SIGCHLD would otherwise pass that on, and a shell could not see whether its commands failed.
pub fn prepare(program: &mut Command, passed_on: Option<&File>) {
    let passed_on = passed_on.map(AsRawFd::as_raw_fd);
    // SAFETY: between fork and exec the closure makes two calls that POSIX allows there, and allocates nothing.
    unsafe { program.pre_exec(move || begin(passed_on)) };
}

fn begin(passed_on: Option<i32>) -> io::Result<()> {
    // SAFETY: a plain signal number and the default action.
    if unsafe { libc::signal(libc::SIGCHLD, libc::SIG_DFL) } == libc::SIG_ERR {
        return Err(io::Error::last_os_error());
    }
    let Some(file) = passed_on else { return Ok(()) };
    // SAFETY: an open descriptor, or else an error.
    match unsafe { libc::fcntl(file, libc::F_SETFD, 0) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}
