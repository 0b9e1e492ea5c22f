//! What of a secret is left in a process after a call, once reply and client are freed: a process of C runs each
//! operation through the library, and this one reads all of its memory. The table that it prints is held against
//! the one of SECURITY.md.
//!
//! `cargo test --test memory`, after `cargo build --release`; `-- NAME` runs only scenarios with that in their name
//! and says where each copy lies. Linux only.

#[cfg(target_os = "linux")]
mod costs;
#[cfg(target_os = "linux")]
mod documented;
#[cfg(target_os = "linux")]
mod house;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
mod scenarios;
#[cfg(target_os = "linux")]
mod search;

use std::process::ExitCode;

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    linux::main()
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    println!("test result: ok. 0 passed; 0 failed; 1 ignored; a process's memory is read on Linux");
    ExitCode::SUCCESS
}
