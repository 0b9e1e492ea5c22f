//! A SailPoint tenant on loopback, for trying things, for demos and for tests.
//!
//! It answers sign-in and the four personal access token operations of every API version as the
//! service does, keeps its state in memory, and misbehaves on demand. Start one in a test with
//! [`Emulator::start`], or run the binary; `README.md` is the manual.
//!
//! The modules, from the wire inwards:
//!
//! | module | what it is for |
//! |---|---|
//! | `server` | listeners, connections, start and stop |
//! | `service` | one request from arrival to reply: record, fault, answer |
//! | `gate`, `administrator` | holding requests, and changing tokens, from inside the same program |
//! | `control` | the path `/_emulator/` that tests steer with |
//! | `misbehave` | carrying a fault out |
//! | `request` | executing one request, and the headers of every reply |
//! | `bodies` | bodies whole, cut, slow and oversized |
//! | `signin`, `list`, `create`, `patch`, `delete` | one operation each |
//! | `shared` | what all requests share; what a port and a connection are |
//! | `generate`, `seed` | who and what is there at the start |
//! | `journal`, `faults`, `settings`, `options` | what happened, what is to go wrong, what can be set |
//! | `tenant` | the state: identities, tokens, bearers, kept lists |
//! | `token_body`, `tokens`, `views` | a token and the set of them, how they look, lists as bytes |
//! | `rules`, `rights`, `filter`, `limit` | the service's rules, without state of the tenant |
//! | `replies` | replies and refusals, word for word |
//! | `fault`, `tls` | what can go wrong; the certificate |
//! | `route`, `version` | which path means which operation, and what each version allows |
//!
//! A module calls those below or beside it in this table, never one above.

mod administrator;
mod bodies;
mod control;
mod create;
mod delete;
mod encoding;
mod fault;
mod faults;
mod filter;
mod gate;
mod generate;
mod journal;
mod limit;
mod list;
mod misbehave;
mod options;
mod patch;
mod replies;
mod request;
mod rights;
mod route;
mod rules;
mod seed;
mod server;
mod service;
mod settings;
mod shared;
mod signin;
mod tenant;
mod tls;
mod token_body;
mod tokens;
mod version;
mod views;

pub use gate::{Gate, Held};
pub use limit::RateLimit;
pub use options::{Options, Seed};
pub use server::Emulator;
