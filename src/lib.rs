//! sailpat: SailPoint personal access tokens from C and PowerShell.
//!
//! The map: the floors of the house, the highest first. Calls go down only: a floor names those below it and no
//! other, and within a floor no two modules need each other. A test reads this table and holds it.
//!
//! | module | what it is |
//! |---|---|
//! | [`ffi`] | the C ABI: guard, strings, clients, jobs, exports |
//! | [`ops`] | the operations by name, in one table; the JSON envelope |
//! | [`lifecycle`] | what the service does not do: rotation, change log, doctor, profiles |
//! | [`client`] | how we speak: settings, bearer, transport, retry, pacing |
//! | [`store`] | where a pair of client id and secret is kept on this machine |
//! | [`api`] | what the service says: versions, requests, models, filters, error bodies; no I/O |
//! | [`threads`] | threads of the library's own, each with a name |
//! | [`secret`] | texts that are wiped and never shown |
//! | [`visible`] | texts for people that show what they hold |
//! | [`error`] | the one error type and the closed list of codes |

#![deny(unsafe_code)]

#[cfg(not(panic = "unwind"))]
compile_error!("a panic must reach the C door as a value: build with panic = \"unwind\"");

pub mod api;
pub mod client;
pub mod error;
pub mod ffi;
pub mod lifecycle;
pub mod ops;
pub mod secret;
pub mod store;
pub mod threads;
pub mod visible;
