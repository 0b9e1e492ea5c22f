//! macOS Keychain: generic passwords of a service and an account, encoded as the official command line
//! keeps them.

use security_framework::base::Error;
use security_framework::passwords::{
    delete_generic_password, get_generic_password, set_generic_password,
};
use zeroize::Zeroizing;

use super::{Attempt, KeyringError, Keys, encoding};

/// The codes of Security framework's results.
const NOT_FOUND: i32 = -25300;
const INTERACTION_NOT_ALLOWED: i32 = -25308;
const NO_DEFAULT_KEYCHAIN: i32 = -25307;
const NOT_AVAILABLE: i32 = -25291;

pub struct Keychain;

impl Keys for Keychain {
    fn get(&mut self, service: &str, account: &str) -> Attempt<Option<Zeroizing<String>>> {
        match get_generic_password(service, account) {
            Ok(bytes) => {
                let text = super::text(&Zeroizing::new(bytes))?;
                encoding::decode(&text).map(Some)
            }
            Err(error) if error.code() == NOT_FOUND => Ok(None),
            Err(error) => Err(fault(error)),
        }
    }

    fn set(&mut self, service: &str, account: &str, value: &str) -> Attempt<()> {
        let encoded = encoding::encode(value);
        set_generic_password(service, account, encoded.as_bytes()).map_err(fault)
    }

    fn remove(&mut self, service: &str, account: &str) -> Attempt<()> {
        match delete_generic_password(service, account) {
            Err(error) if error.code() != NOT_FOUND => Err(fault(error)),
            _ => Ok(()),
        }
    }
}

fn fault(error: Error) -> KeyringError {
    match error.code() {
        INTERACTION_NOT_ALLOWED => KeyringError::Locked,
        NO_DEFAULT_KEYCHAIN | NOT_AVAILABLE => KeyringError::Absent(error.to_string()),
        _ => KeyringError::Other(error.to_string()),
    }
}
