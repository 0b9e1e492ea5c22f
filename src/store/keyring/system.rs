//! The keyring of the system that this runs on, open until the deadline.

use std::time::Instant;

use super::{Attempt, Keys};

#[cfg(all(feature = "keyring", target_os = "linux"))]
pub fn open(deadline: Instant) -> Attempt<impl Keys> {
    super::secret_service::SecretService::open(deadline)
}

#[cfg(all(feature = "keyring", windows))]
pub fn open(_deadline: Instant) -> Attempt<impl Keys> {
    super::credential_manager::CredentialManager::open()
}

#[cfg(all(feature = "keyring", target_os = "macos"))]
pub fn open(_deadline: Instant) -> Attempt<impl Keys> {
    Ok(super::keychain::Keychain)
}

#[cfg(not(all(
    feature = "keyring",
    any(target_os = "linux", windows, target_os = "macos")
)))]
pub fn open(_deadline: Instant) -> Attempt<std::convert::Infallible> {
    Err(super::KeyringError::Absent(
        "this build of the library knows none".to_owned(),
    ))
}

#[cfg(not(all(
    feature = "keyring",
    any(target_os = "linux", windows, target_os = "macos")
)))]
impl Keys for std::convert::Infallible {
    fn get(&mut self, _: &str, _: &str) -> Attempt<Option<zeroize::Zeroizing<String>>> {
        match *self {}
    }

    fn set(&mut self, _: &str, _: &str, _: &str) -> Attempt<()> {
        match *self {}
    }

    fn remove(&mut self, _: &str, _: &str) -> Attempt<()> {
        match *self {}
    }
}
