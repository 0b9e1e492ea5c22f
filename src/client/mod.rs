//! How we speak to the service: settings, credentials, connections, the retry law, and [`Client`] with
//! one method per operation.
//!
//! Async and typed; it calls `api`, and knows nothing of C, JSON envelopes or PowerShell.

pub mod address;
mod answer;
pub mod attempts;
mod begun;
pub mod blocking;
pub mod call;
pub mod cancel;
pub mod chance;
pub mod charset;
pub mod config;
pub mod credential;
pub mod encoding;
mod entry;
pub mod failure;
mod find;
pub mod flights;
mod following;
mod identity;
pub mod log;
pub mod lost;
pub mod monitor;
pub mod pacing;
pub mod places;
pub mod pool;
pub mod proxy;
pub mod redact;
pub mod reply;
pub mod resolve;
pub mod retry;
pub mod send;
pub mod settings;
pub mod signin;
pub mod source_cache;
pub mod surroundings;
pub mod tls;
pub mod transport;
pub mod turn;
mod work;

pub use answer::Answer;
pub use begun::{Begun, Context, InForce, Options};
pub use entry::Client;
pub use identity::Identity;
