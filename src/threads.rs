//! Threads of the library's own. Each has a name by which whoever looks at the process knows whose it is, and begins
//! as `ffi` says. Nobody has to wait for one: what hangs in it holds up nobody else.

use std::io;
use std::thread::{Builder, JoinHandle};

use once_cell::sync::OnceCell;

static BEGIN: OnceCell<fn()> = OnceCell::new();

/// Says what each thread begins with.
pub fn begin_with(begin: fn()) {
    let _ = BEGIN.set(begin);
}

/// Starts a thread. Linux shows at most 15 bytes of its name.
pub fn start<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<JoinHandle<T>> {
    Builder::new().name(name.to_owned()).spawn(move || {
        if let Some(begin) = BEGIN.get() {
            begin();
        }
        work()
    })
}
