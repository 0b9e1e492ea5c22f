//! What the service does not do by itself: rotation that cannot lose a secret, the change log, the doctor,
//! profiles.

pub mod changes;
pub mod doctor;
pub mod profiles;
pub mod rotation;
