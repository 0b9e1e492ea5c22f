//! The one table of steps. A new check is one row here and one function.

use anyhow::Result;

use super::report::Outcome;
use super::{
    Context, analyzer, c, documents, install, opens, package, pester, programs, rust, strict,
    targets, unload,
};
use crate::abi;
use crate::artifacts::{self, Artifacts};
use crate::header;

/// Steps of one lane run in order; Debug and Release run side by side, Tests after both.
#[derive(Clone, Copy, PartialEq)]
pub enum Lane {
    Debug,
    Release,
    Tests,
}

pub struct Step {
    pub name: &'static str,
    pub about: &'static str,
    pub lane: Lane,
    /// Steps that must have succeeded before.
    pub needs: &'static [&'static str],
    pub run: fn(&Context) -> Result<Outcome>,
}

pub const STEPS: &[Step] = &[
    Step {
        name: "fmt",
        about: "the code is formatted as rustfmt does it",
        lane: Lane::Debug,
        needs: &[],
        run: rust::format,
    },
    Step {
        name: "clippy",
        about: "clippy has nothing to say about any target",
        lane: Lane::Debug,
        needs: &[],
        run: rust::clippy,
    },
    Step {
        name: "build-tests",
        about: "the Rust tests compile",
        lane: Lane::Debug,
        needs: &[],
        run: rust::build,
    },
    Step {
        name: "build",
        about: "release build of the library and the emulator",
        lane: Lane::Release,
        needs: &[],
        run: build,
    },
    Step {
        name: "build-panic",
        about: "release build of the library with an operation that panics",
        lane: Lane::Release,
        needs: &[],
        run: build_panic,
    },
    Step {
        name: "rust",
        about: "cargo test of the whole workspace",
        lane: Lane::Tests,
        needs: &["build-tests"],
        run: rust::test,
    },
    Step {
        name: "crash",
        about: "a process that rotates a token, killed at every boundary, loses nothing",
        lane: Lane::Tests,
        needs: &["build-tests"],
        run: targets::crash,
    },
    Step {
        name: "model",
        about: "two hosts, an administrator, lies and kills at random break no law of rotation",
        lane: Lane::Tests,
        needs: &["build-tests"],
        run: targets::model,
    },
    Step {
        name: "keyring",
        about: "a real keyring in a session of its own, locked, silent and missing",
        lane: Lane::Tests,
        needs: &["build-tests"],
        run: targets::keyring,
    },
    Step {
        name: "memory",
        about: "no secret is left in the memory of a process but what SECURITY.md names, and large things cost little",
        lane: Lane::Tests,
        needs: &["build-tests", "build"],
        run: targets::memory,
    },
    Step {
        name: "header",
        about: "include/sailpat.h is what the code says, and what the library exports",
        lane: Lane::Tests,
        needs: &["build"],
        run: header,
    },
    Step {
        name: "abi",
        about: "functions, numbers, types and JSON are those of docs/abi-snapshot.json, or more",
        lane: Lane::Tests,
        needs: &[],
        run: abi,
    },
    Step {
        name: "strict",
        about: "the headers alone under the strictest warnings of each compiler",
        lane: Lane::Tests,
        needs: &[],
        run: strict::run,
    },
    Step {
        name: "c",
        about: "the C and C++ callers in tests/c, with every compiler found",
        lane: Lane::Tests,
        needs: &["build"],
        run: c::callers,
    },
    Step {
        name: "benches",
        about: "the C side of the benchmarks compiles",
        lane: Lane::Tests,
        needs: &["build"],
        run: c::benches,
    },
    Step {
        name: "asan",
        about: "the C callers under AddressSanitizer and LeakSanitizer",
        lane: Lane::Tests,
        needs: &["build"],
        run: c::address_sanitizer,
    },
    Step {
        name: "valgrind",
        about: "the C callers under valgrind",
        lane: Lane::Tests,
        needs: &["build"],
        run: c::valgrind,
    },
    Step {
        name: "panic",
        about: "a panic in the release build comes back as an envelope",
        lane: Lane::Tests,
        needs: &["build", "build-panic"],
        run: c::panic,
    },
    Step {
        name: "examples",
        about: "the examples of the header, every block of README.md and the call of docs/how-a-call-goes.md run as printed",
        lane: Lane::Tests,
        needs: &["build"],
        run: documents::examples,
    },
    Step {
        name: "unload",
        about: "dlopen and dlclose a hundred times with jobs running",
        lane: Lane::Tests,
        needs: &["build"],
        run: unload::run,
    },
    Step {
        name: "opens",
        about: "a warm call opens each file at most once, wherever its settings come from",
        lane: Lane::Tests,
        needs: &["build"],
        run: opens::run,
    },
    Step {
        name: "programs",
        about: "the programs in examples/ compile and run",
        lane: Lane::Tests,
        needs: &["build"],
        run: programs::run,
    },
    Step {
        name: "install",
        about: "programs are built and run from an installed prefix, shared and static",
        lane: Lane::Tests,
        needs: &["build"],
        run: install::run,
    },
    Step {
        name: "analyzer",
        about: "PSScriptAnalyzer and our own rules have nothing to say about any script",
        lane: Lane::Tests,
        needs: &[],
        run: analyzer::run,
    },
    Step {
        name: "package",
        about: "the module is installed from its package, and the PowerShell tests pass with it",
        lane: Lane::Tests,
        needs: &["build"],
        run: package::run,
    },
    Step {
        name: "pester",
        about: "every *.Tests.ps1 in tests/powershell with the module's sources, and which of their lines ran",
        lane: Lane::Tests,
        needs: &["build"],
        run: pester::run,
    },
    Step {
        name: "cultures",
        about: "the PowerShell tests that a culture can break, in th-TH, tr-TR, ar-SA and without ICU",
        lane: Lane::Tests,
        needs: &["build"],
        run: pester::cultures,
    },
];

fn build(context: &Context) -> Result<Outcome> {
    let artifacts = Artifacts::build(&context.workspace)?;
    let _ = context.artifacts.set(artifacts);
    Ok(Outcome::passed())
}

fn build_panic(context: &Context) -> Result<Outcome> {
    let library = artifacts::panicking_library(&context.workspace)?;
    let _ = context.panicking_library.set(library);
    Ok(Outcome::passed())
}

fn header(context: &Context) -> Result<Outcome> {
    let artifacts = context.artifacts()?;
    header::compare(&context.workspace, &artifacts.header)?;
    header::compare_exports(&context.workspace, &artifacts.library)?;
    Ok(Outcome {
        passed: 2,
        ..Outcome::default()
    })
}

fn abi(context: &Context) -> Result<Outcome> {
    abi::compare(&context.workspace)?;
    Ok(Outcome::passed())
}

#[cfg(test)]
mod tests {
    use super::STEPS;

    #[test]
    fn every_need_is_a_step_that_comes_before() {
        for (number, step) in STEPS.iter().enumerate() {
            for need in step.needs {
                assert!(
                    STEPS[..number].iter().any(|other| other.name == *need),
                    "{} needs {need}",
                    step.name
                );
            }
        }
    }
}
