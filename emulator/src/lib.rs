//! A SailPoint tenant on loopback, for trying things, for demos and for tests.
//!
//! It answers sign-in and the four personal access token operations of every API version as the
//! service does, keeps its state in memory, and misbehaves on demand. Start one in a test with
//! [`Emulator::start`], or run the binary; `README.md` is the manual.
//!
//! The modules, from the wire inwards:
//!
//! | module | what it is for | may call |
//! |---|---|---|
//! | `server` | listeners, connections, start and stop | `service`, `tls` |
//! | `service` | one request from arrival to reply: record, fault, execute | everything below |
//! | `control` | the path `/_emulator/` that tests steer with | `faults`, `journal`, `seed`, `settings` |
//! | `faults`, `fault` | which request goes wrong, and what can go wrong | nothing |
//! | `misbehave`, `bodies` | carrying a fault out on the wire | `service`, `replies` |
//! | `journal` | counters and the last requests | nothing |
//! | `route`, `version` | which path means which operation, and what each version allows | nothing |
//! | `signin`, `list`, `create`, `patch`, `delete` | one operation each | `tenant` and its parts |
//! | `tenant` | the state: identities, tokens, bearers, cached lists | `tokens` |
//! | `tokens`, `shown` | a token, the set of them, and how a token looks in a reply | nothing |
//! | `rights`, `rules`, `filter`, `limit` | the service's rules, without state of the tenant | nothing |
//! | `replies` | replies and refusals, word for word | nothing |
//! | `seed`, `generate`, `options`, `settings`, `tls` | how it begins and what can be set | `tenant` |

mod bodies;
mod control;
mod create;
mod delete;
mod fault;
mod faults;
mod filter;
mod generate;
mod journal;
mod limit;
mod list;
mod misbehave;
mod options;
mod patch;
mod replies;
mod rights;
mod route;
mod rules;
mod seed;
mod server;
mod service;
mod settings;
mod shown;
mod signin;
mod tenant;
mod tls;
mod tokens;
mod version;

pub use limit::RateLimit;
pub use options::{Options, Seed};
pub use server::Emulator;
