//! The process around the library: a fork leaves its threads behind, and an unload would pull their
//! code away.

#[cfg(windows)]
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::error::{Code, Error, Result};

/// The process that first used the library; 0 before that.
static OWNER: AtomicU32 = AtomicU32::new(0);

/// Fails in a process that was forked after the first use: the library's threads are not there, and its
/// locks may be held by nobody.
pub fn check() -> Result<()> {
    let current = std::process::id();
    match OWNER.load(Ordering::Relaxed) {
        0 => {
            // First, for whoever finds the owner set goes on at once.
            crate::threads::begin_with(crate::ffi::runtime::own_thread);
            #[cfg(unix)]
            crate::store::command::prepare_with(crate::ffi::children::prepare);
            OWNER.store(current, Ordering::Relaxed);
            stay_loaded();
            Ok(())
        }
        owner if owner == current => Ok(()),
        _ => Err(Error::new(
            Code::Forked,
            "this process was forked after the library's first use; its threads are not here",
        )
        .with_remedy("call the library after fork only, or exec a new program")),
    }
}

/// On Linux the linker flag `-z nodelete` does it, see build.rs.
#[cfg(not(windows))]
fn stay_loaded() {}

/// Pins the module: FreeLibrary would unmap code that the library's threads run.
#[cfg(windows)]
fn stay_loaded() {
    use windows_sys::Win32::System::LibraryLoader::{
        GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, GET_MODULE_HANDLE_EX_FLAG_PIN, GetModuleHandleExW,
    };
    static PIN: Once = Once::new();
    PIN.call_once(|| {
        crate::store::private::protect_with(crate::ffi::windows_acl::owner_only);
        let mut module = std::ptr::null_mut();
        let inside: *const u16 = (check as fn() -> Result<()> as *const ()).cast();
        // SAFETY: the address is inside this module and the out pointer is valid; a failure leaves
        // things as they were.
        unsafe {
            GetModuleHandleExW(
                GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
                inside,
                &mut module,
            )
        };
    });
}
