//! Whose session a keyring is looked for in: the process's, or the one of a caller that handed over its environment.
//! It surrounds an operation, on whichever threads that works, and is no part of a store: an account is the same
//! account in each session.

use std::path::Path;

tokio::task_local! {
    static CURRENT: Session;
}

/// Where the session's bus is. Only Linux asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Session {
    /// As the process's own variables say.
    #[default]
    OfProcess,
    Given {
        /// DBUS_SESSION_BUS_ADDRESS.
        bus: Option<String>,
        /// XDG_RUNTIME_DIR.
        runtime: Option<String>,
    },
}

impl Session {
    /// The one that surrounds this.
    pub fn current() -> Self {
        CURRENT.try_with(Clone::clone).unwrap_or_default()
    }

    /// Surrounds an operation.
    pub async fn around<T>(self, work: impl Future<Output = T>) -> T {
        CURRENT.scope(self, work).await
    }

    /// Surrounds work on another thread.
    pub fn over<T>(self, work: impl FnOnce() -> T) -> T {
        CURRENT.sync_scope(self, work)
    }

    /// The bus that the session names, else the one that systemd keeps for the user.
    pub fn bus_address(&self) -> Option<String> {
        let set = |name| std::env::var(name).ok();
        let (bus, runtime) = match self {
            Session::OfProcess => (set("DBUS_SESSION_BUS_ADDRESS"), set("XDG_RUNTIME_DIR")),
            Session::Given { bus, runtime } => (bus.clone(), runtime.clone()),
        };
        let named = |value: Option<String>| value.filter(|value| !value.is_empty());
        named(bus).or_else(|| {
            let socket = format!("{}/bus", named(runtime)?);
            Path::new(&socket)
                .exists()
                .then(|| format!("unix:path={socket}"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(bus: Option<&str>, runtime: Option<&str>) -> Session {
        Session::Given {
            bus: bus.map(str::to_owned),
            runtime: runtime.map(str::to_owned),
        }
    }

    #[test]
    fn what_a_caller_gives_is_all_that_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let runtime = folder.path().to_str();
        assert_eq!(given(None, None).bus_address(), None);
        assert_eq!(given(Some(""), runtime).bus_address(), None);
        std::fs::write(folder.path().join("bus"), "").unwrap();
        let expected = format!("unix:path={}/bus", folder.path().display());
        assert_eq!(given(None, runtime).bus_address(), Some(expected));
        let both = given(Some("unix:path=/b"), runtime);
        assert_eq!(both.bus_address().as_deref(), Some("unix:path=/b"));
    }
}
