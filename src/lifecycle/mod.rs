//! What the service does not do by itself: rotation that cannot lose a secret, the change log, the doctor.
//!
//! It is built on `client` and `store`; `ops` calls it.

pub mod doctor;
pub mod rotation;
