//! Panics inside the library are caught and must not print: the default hook writes to stderr, and the
//! host may have a hook of its own, which keeps working for the host's panics.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use crate::error::{Code, Error};

thread_local! {
    /// Whether this thread is inside the library.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
    /// Where the last panic inside happened.
    static PLACE: Cell<Option<String>> = const { Cell::new(None) };
}

/// Puts a hook in front of the current one that keeps the library's own panics to itself.
fn install() {
    static INSTALL: Once = Once::new();
    INSTALL.call_once(|| {
        let outer = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if INSIDE.try_with(Cell::get).unwrap_or(false) {
                let place = info
                    .location()
                    .map(|place| format!("{}:{}", short(place.file()), place.line()));
                let _ = PLACE.try_with(|last| last.set(place));
            } else {
                outer(info);
            }
        }));
    });
}

/// A source file without the folders of the machine that built it.
fn short(file: &str) -> &str {
    let from = file
        .rmatch_indices(['/', '\\'])
        .nth(1)
        .map_or(0, |(index, _)| index + 1);
    &file[from..]
}

/// Whether this thread is past its end: its thread-local values are gone, as in a handler of atexit.
pub fn thread_has_ended() -> bool {
    PLACE.try_with(|_| ()).is_err()
}

/// Marks a thread that belongs to the library.
pub fn own_thread() {
    install();
    let _ = INSIDE.try_with(|inside| inside.set(true));
}

/// Runs `work`; a panic in it becomes an error.
pub fn catch<T>(work: impl FnOnce() -> T) -> Result<T, Error> {
    install();
    let before = INSIDE
        .try_with(|inside| inside.replace(true))
        .unwrap_or(false);
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    let _ = INSIDE.try_with(|inside| inside.set(before));
    result.map_err(|_| fault())
}

/// The error that a caught panic becomes. It tells the place, not the words, which could quote data.
pub fn fault() -> Error {
    let place = PLACE.try_with(Cell::take).ok().flatten();
    let place = place.unwrap_or_else(|| "an unknown place".to_owned());
    Error::new(
        Code::Internal,
        format!("a fault in the library was caught (panic at {place})"),
    )
    .with_remedy("please report it, with this message and the library's version")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_that_tells_the_place() {
        let error = catch(|| panic!("planted")).unwrap_err();
        assert_eq!(error.code(), Code::Internal);
        assert!(error.to_string().contains("panic.rs:"), "{error}");
        assert!(!error.to_string().contains("planted"));
    }
}
