//! The C ABI, and nothing else: every `unsafe` of the library is here.
//!
//! [`exports`] has the functions, each a few lines inside [`guard`]; strings, handles, jobs, clients and
//! the runtime have a file each. No operation is known here by name but the ones that have a function of their own.

#![allow(unsafe_code)]

pub mod codes;
pub mod exports;

mod calls;
#[cfg(unix)]
pub(crate) mod children;
mod clients;
mod environment;
mod guard;
mod handles;
mod jobs;
mod lanes;
mod panic;
mod process;
mod runtime;
mod sigpipe;
mod text;
#[cfg(windows)]
mod windows_acl;
mod wiping;
