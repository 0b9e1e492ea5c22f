//! Chance, for waits that are not to end all at once. Nobody has to be unable to guess it.

use std::hash::{BuildHasher, RandomState};
use std::time::Instant;

/// A number from 0 to 1.
pub fn share() -> f64 {
    let random = RandomState::new().hash_one(Instant::now());
    random as f64 / u64::MAX as f64
}
