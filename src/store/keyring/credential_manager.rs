//! Windows Credential Manager: generic credentials of this machine's user with the target
//! `service:account` and the text as UTF-8, as the official command line keeps them.

use std::collections::HashMap;
use std::sync::Arc;

use keyring_core::api::CredentialStoreApi;
use keyring_core::{Entry, Error};
use windows_native_keyring_store::Store;
use zeroize::Zeroizing;

use super::{Attempt, KeyringError, Keys};

pub struct CredentialManager(Arc<Store>);

impl CredentialManager {
    pub fn open() -> Attempt<Self> {
        Store::new().map(CredentialManager).map_err(fault)
    }

    fn entry(&self, service: &str, account: &str) -> Attempt<Entry> {
        let target = format!("{service}:{account}");
        let modifiers = HashMap::from([("target", target.as_str()), ("persistence", "Local")]);
        self.0
            .build(service, account, Some(&modifiers))
            .map_err(fault)
    }
}

impl Keys for CredentialManager {
    fn get(&mut self, service: &str, account: &str) -> Attempt<Option<Zeroizing<String>>> {
        match self.entry(service, account)?.get_secret() {
            Ok(bytes) => super::text(&Zeroizing::new(bytes)).map(Some),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(fault(error)),
        }
    }

    fn set(&mut self, service: &str, account: &str, value: &str) -> Attempt<()> {
        let entry = self.entry(service, account)?;
        entry.set_secret(value.as_bytes()).map_err(fault)?;
        let attributes = entry.get_attributes().map_err(fault)?;
        if attributes
            .get("username")
            .is_some_and(|name| name == account)
        {
            return Ok(());
        }
        let named = HashMap::from([("username", account)]);
        entry.update_attributes(&named).map_err(fault)
    }

    fn remove(&mut self, service: &str, account: &str) -> Attempt<()> {
        match self.entry(service, account)?.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(fault(error)),
        }
    }
}

/// The words of an error, never what an entry holds: some kinds of it carry that along.
fn fault(error: Error) -> KeyringError {
    match error {
        Error::NoStorageAccess(why) => KeyringError::Absent(why.to_string()),
        Error::PlatformFailure(why) => KeyringError::Other(why.to_string()),
        Error::TooLong(what, limit) => {
            KeyringError::Other(format!("{what} is longer than the {limit} it can keep"))
        }
        _ => KeyringError::Other("an entry cannot be read or written".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: &str = "sailpat test of its own";

    #[test]
    fn an_entry_is_kept_as_the_official_command_line_keeps_it() {
        let mut manager = CredentialManager::open().unwrap();
        let service = "environments.pat.clientsecret";
        for value in ["first", "sécret"] {
            manager.set(service, ACCOUNT, value).unwrap();
            let read = manager.get(service, ACCOUNT).unwrap().unwrap();
            assert_eq!(read.as_str(), value);
        }
        let entry = manager.entry(service, ACCOUNT).unwrap();
        assert_eq!(entry.get_secret().unwrap(), "sécret".as_bytes());
        let attributes = entry.get_attributes().unwrap();
        assert_eq!(attributes["username"], ACCOUNT);
        assert_eq!(attributes["target_name"], format!("{service}:{ACCOUNT}"));
        manager.remove(service, ACCOUNT).unwrap();
        manager.remove(service, ACCOUNT).unwrap();
        assert_eq!(manager.get(service, ACCOUNT).unwrap(), None);
    }
}
