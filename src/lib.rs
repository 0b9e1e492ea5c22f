//! sailpat: SailPoint personal access tokens from C and PowerShell.
//!
//! The map. Each module says in its first lines who may call it; calls go down only.
//!
//! | module | what it is |
//! |---|---|
//! | [`ffi`] | the C ABI: guard, strings, clients, jobs, exports |
//! | [`ops`] | one table: operation name -> what runs it; the JSON envelope |
//! | [`client`] | how we speak: settings, bearer, transport, retry, pacing |
//! | [`api`] | what the service says: versions, requests, models, filters, error bodies; no I/O |
//! | [`error`] | the one error type and the closed list of codes |

#![deny(unsafe_code)]

#[cfg(not(panic = "unwind"))]
compile_error!("a panic must reach the C door as a value: build with panic = \"unwind\"");

pub mod api;
pub mod client;
pub mod error;
pub mod ffi;
pub mod ops;
