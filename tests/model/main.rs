//! A model of rotation and its world. The library itself is driven, in process, through cases made at random; after
//! every step the laws of rotation are judged by somebody who knows everything; a case that breaks one is made
//! smaller and printed as Rust.
//!
//! # What there is
//!
//! One emulated tenant with one owner or two; two hosts, with one state folder (and so one lock) or one each, and one
//! file, one external command, or a file each where the pair is kept; a further file that may hold another token's
//! pair or name another tenant. A host runs one operation at a time: rotate, create and store, create, resume, undo,
//! confirm. It is the library's own future, polled only in this host's turn, until its next request has arrived at
//! the emulator's gate or its external command is about to store. In between anything else happens:
//!
//! - the other host's turn;
//! - a kill: the future is dropped, its locks with it; what it had sent is carried out, or never, or much later;
//! - a reply that is lost or false, a list without a token, a request that somebody on the way sends twice;
//! - an administrator who removes a token, renames it (into another's mark, too), takes away its scope;
//! - somebody who removes, damages or replaces what a place holds; a vault that answers reads with what it held once;
//! - a service whose clock is 25 hours ahead or behind; a journal in the state folder that others may write.
//!
//! A process's bearers are its own: the URL to sign in at, `…/oauth/token;process=7`, tells processes apart for the
//! library, so a fresh process has none and the same one may have a stale one. The library's sleeps follow a clock
//! that stands still and goes on at once when somebody sleeps (`clock.rs`); its deadlines do not, so an operation
//! that goes on asking is ended by its user after some eighty requests. At the end of a case nothing goes wrong any
//! more: what was late is delivered, each host looks after its rotations (resume, then with a pair that works, then
//! undo) and rotates once more.
//!
//! | file | what |
//! |---|---|
//! | `steps.rs`, `made.rs` | the setting and the steps of a case; how they are made at random |
//! | `world.rs`, `beginning.rs` | the world, and what is there at the beginning |
//! | `turns.rs`, `quiet.rs` | whose turn it is; the end of a case |
//! | `host.rs`, `vault.rs`, `clock.rs` | an operation, an external command, time |
//! | `laws.rs`, `oracle/`, `snapshot.rs` | the laws; who judges them, by which excuses; what is seen |
//! | `regressions.rs` | cases that broke a law, by name |
//! | `run.rs` | running and shrinking |
//!
//! # What the model cannot see
//!
//! Kills inside a write (the crash matrix has them), two writes of one file at the same time, files' modes and
//! owners but for one planted journal, dotenv and YAML files, keyrings, the module; a host whose own clock is wrong
//! in the middle of an overlap (all have one clock here); a caller's process that is killed while it has the pair
//! (its lock is kept for this process).
//!
//! # Running it
//!
//! - `cargo test --test model`: every found case, and 300 at random, the same each time; under a minute.
//! - `SAILPAT_MODEL_SECONDS=3600 cargo test --test model`: an hour. `SAILPAT_MODEL_SEED=n` begins elsewhere, and with
//!   `SAILPAT_MODEL_CASES=1` repeats one case. `SAILPAT_MODEL_ALL=1` goes on after a break, past those of its sort.
//! - `SAILPAT_MODEL_ONLY=Removal,Proof` judges these laws alone, `SAILPAT_MODEL_WITHOUT=Overwrite` all others;
//!   `SAILPAT_MODEL_WITHOUT_STEPS=Place,Plant` leaves steps out.
//! - `cargo test --test model -- slow_store`: the found cases with that in their names, each with its story.
//!
//! # A break
//!
//! What is printed is the law, the story, and the smallest case. Put it into `regressions.rs` with a name that says what
//! happened, and the law. An excuse belongs into `oracle/`, beside the law, and is as narrow as the reason why no
//! host could have known better.

mod beginning;
mod clock;
mod host;
mod laws;
mod made;
mod oracle;
mod quiet;
mod regressions;
mod run;
mod snapshot;
mod steps;
mod turns;
mod vault;
mod world;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [word, port] = &arguments[..]
        && word == "vault"
    {
        return vault::command(port);
    }
    if !cfg!(unix) {
        println!(
            "test result: ok. 0 passed; 0 failed; 1 ignored; the hosts have the files of Unix"
        );
        return ExitCode::SUCCESS;
    }
    run::main(&arguments)
}
