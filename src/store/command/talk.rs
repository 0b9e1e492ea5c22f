//! What a command is told and what it says, moved bit by bit by the thread that watches it.

use std::io;
use std::process::Child;

use zeroize::Zeroizing;

/// An answer is two short texts.
pub const LARGEST_ANSWER: usize = 64 * 1024;

/// What came so far.
struct Heard {
    /// Set aside at once: a vector that grows would leave copies of a secret behind.
    bytes: Zeroizing<Vec<u8>>,
    filled: usize,
    is_over: bool,
}

impl Heard {
    fn new() -> Self {
        Heard {
            bytes: Zeroizing::new(vec![0; LARGEST_ANSWER]),
            filled: 0,
            is_over: false,
        }
    }

    /// Reads once. True when something came of it.
    fn hear(&mut self, pipe: &mut impl io::Read) -> bool {
        match pipe.read(&mut self.bytes[self.filled..]) {
            Ok(read) if read > 0 => self.filled += read,
            Err(error) if is_not_yet(&error) => return false,
            // Its end, a fault, or more than there is room for.
            Ok(_) | Err(_) => self.is_over = true,
        }
        self.is_over |= self.filled == self.bytes.len();
        true
    }

    fn into_text(mut self) -> Zeroizing<Vec<u8>> {
        self.bytes.truncate(self.filled);
        self.bytes
    }
}

fn is_not_yet(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
    )
}

pub use system::Talk;

impl Talk {
    /// Nothing more can come on standard output.
    pub fn output_is_over(&self) -> bool {
        self.output().is_over
    }

    pub fn errors_are_over(&self) -> bool {
        self.errors().is_over
    }

    /// Standard output, and standard error as far as it came to its end.
    pub fn into_said(self) -> (Zeroizing<Vec<u8>>, Zeroizing<Vec<u8>>) {
        let (output, errors) = self.into_heard();
        let errors = match errors.is_over {
            true => errors.into_text(),
            false => Zeroizing::default(),
        };
        (output.into_text(), errors)
    }
}

/// Pipes that never hold up who reads or writes them: one thread does for all of them.
#[cfg(unix)]
mod system {
    use std::io::Write;
    use std::process::{ChildStderr, ChildStdin, ChildStdout};

    use super::*;

    pub struct Talk {
        stdin: Option<ChildStdin>,
        input: Zeroizing<String>,
        told: usize,
        stdout: Option<ChildStdout>,
        stderr: Option<ChildStderr>,
        output: Heard,
        errors: Heard,
    }

    impl Talk {
        pub fn begin(child: &mut Child, input: Zeroizing<String>) -> io::Result<Self> {
            let talk = Talk {
                stdin: child.stdin.take(),
                input,
                told: 0,
                stdout: child.stdout.take(),
                stderr: child.stderr.take(),
                output: Heard::new(),
                errors: Heard::new(),
            };
            talk.stdin.as_ref().map_or(Ok(()), at_once)?;
            talk.stdout.as_ref().map_or(Ok(()), at_once)?;
            talk.stderr.as_ref().map_or(Ok(()), at_once)?;
            Ok(talk)
        }

        /// Moves what can be moved now. True when something was.
        pub fn turn(&mut self) -> bool {
            let mut moved = self.tell();
            if let Some(stdout) = &mut self.stdout {
                moved |= self.output.hear(stdout);
            }
            if let Some(stderr) = &mut self.stderr {
                moved |= self.errors.hear(stderr);
            }
            // What is not read to its end is closed: the command is not to wait for ever.
            self.stdout.take_if(|_| self.output.is_over);
            self.stderr.take_if(|_| self.errors.is_over);
            moved
        }

        /// A command need not read what it is told.
        fn tell(&mut self) -> bool {
            let Some(stdin) = &mut self.stdin else {
                return false;
            };
            match stdin.write(&self.input.as_bytes()[self.told..]) {
                Err(error) if is_not_yet(&error) => return false,
                Ok(told) if told > 0 => self.told += told,
                Ok(_) | Err(_) => self.told = self.input.len(),
            }
            if self.told == self.input.len() {
                self.stdin = None;
            }
            true
        }

        pub(super) fn output(&self) -> &Heard {
            &self.output
        }

        pub(super) fn errors(&self) -> &Heard {
            &self.errors
        }

        pub(super) fn into_heard(self) -> (Heard, Heard) {
            (self.output, self.errors)
        }
    }

    fn at_once(pipe: &impl std::os::fd::AsFd) -> io::Result<()> {
        Ok(rustix::io::ioctl_fionbio(pipe, true)?)
    }
}

/// Pipes that can only be waited for: a thread for each.
#[cfg(not(unix))]
mod system {
    use std::io::{Read, Write};
    use std::sync::mpsc::{self, Receiver, TryRecvError};

    use super::*;
    use crate::threads;

    pub struct Talk {
        output: Pipe,
        errors: Pipe,
    }

    struct Pipe {
        heard: Heard,
        comes: Option<Receiver<Heard>>,
    }

    impl Pipe {
        fn of(pipe: Option<impl Read + Send + 'static>) -> io::Result<Self> {
            let (send, comes) = mpsc::channel();
            if let Some(mut pipe) = pipe {
                threads::start("sailpat-pipe", move || {
                    let mut heard = Heard::new();
                    while !heard.is_over {
                        heard.hear(&mut pipe);
                    }
                    let _ = send.send(heard);
                })?;
            }
            Ok(Pipe {
                heard: Heard::new(),
                comes: Some(comes),
            })
        }

        fn turn(&mut self) -> bool {
            let Some(comes) = &self.comes else {
                return false;
            };
            match comes.try_recv() {
                Ok(heard) => self.heard = heard,
                Err(TryRecvError::Empty) => return false,
                Err(TryRecvError::Disconnected) => self.heard.is_over = true,
            }
            self.comes = None;
            true
        }
    }

    impl Talk {
        pub fn begin(child: &mut Child, input: Zeroizing<String>) -> io::Result<Self> {
            if let Some(mut stdin) = child.stdin.take() {
                // A command may never read. One that does not need to is fine.
                threads::start("sailpat-pipe", move || stdin.write_all(input.as_bytes()))?;
            }
            Ok(Talk {
                output: Pipe::of(child.stdout.take())?,
                errors: Pipe::of(child.stderr.take())?,
            })
        }

        pub fn turn(&mut self) -> bool {
            self.output.turn() | self.errors.turn()
        }

        pub(super) fn output(&self) -> &Heard {
            &self.output.heard
        }

        pub(super) fn errors(&self) -> &Heard {
            &self.errors.heard
        }

        pub(super) fn into_heard(self) -> (Heard, Heard) {
            (self.output.heard, self.errors.heard)
        }
    }
}
