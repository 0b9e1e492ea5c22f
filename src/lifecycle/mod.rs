//! What the service does not do by itself: rotation that cannot lose a secret, the change log, the doctor,
//! profiles.
//!
//! It is built on `client` and `store`; `ops` calls it.

pub mod changes;
pub mod doctor;
pub mod profiles;
pub mod rotation;
