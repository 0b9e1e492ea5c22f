//! The emulator keeps the rules of the service: each module is named after what it shows, each
//! test after the promise.

mod client;
mod control;
mod create;
mod delete;
mod faults;
mod gate;
mod limit;
mod list;
mod patch;
mod seeds;
mod signin;
mod start;
mod tls;
