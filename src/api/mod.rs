//! What the service says: versions, requests and their rules, models, filters, error bodies.
//!
//! Pure: no I/O, no clock, no settings. `client` calls it; it calls nothing but `error`.

pub mod address;
pub mod create;
pub mod depth;
pub mod error_body;

pub mod fields;
pub mod filter;
pub mod id;
pub mod lenient;
pub mod list;
pub mod patch;
pub mod request;
pub mod token;
pub mod value;
pub mod version;
