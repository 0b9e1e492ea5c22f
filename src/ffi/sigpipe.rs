//! SIGPIPE: writing to a connection that the server closed raises it, and by default it ends the process.
//! A library must not do that to its host, nor change how the host treats the signal: it is blocked for
//! the library's own threads, and on a caller's thread for as long as the library works there.

#[cfg(all(unix, not(target_vendor = "apple")))]
mod unix {
    use std::mem::MaybeUninit;
    use std::ptr::null_mut;

    /// Holds SIGPIPE back on this thread until it is dropped.
    pub struct HeldBack {
        /// None where the host had blocked it itself.
        before: Option<libc::sigset_t>,
    }

    fn only_sigpipe() -> libc::sigset_t {
        let mut set = MaybeUninit::uninit();
        // SAFETY: sigemptyset initializes the set, sigaddset gets a valid signal.
        unsafe {
            libc::sigemptyset(set.as_mut_ptr());
            libc::sigaddset(set.as_mut_ptr(), libc::SIGPIPE);
            set.assume_init()
        }
    }

    /// Holds SIGPIPE back on this thread.
    pub fn hold_back() -> HeldBack {
        let set = only_sigpipe();
        let mut before = MaybeUninit::uninit();
        // SAFETY: both sets are valid for the call; on success the old one is initialized.
        unsafe {
            if libc::pthread_sigmask(libc::SIG_BLOCK, &set, before.as_mut_ptr()) != 0 {
                return HeldBack { before: None };
            }
            let before = before.assume_init();
            let blocked = libc::sigismember(&before, libc::SIGPIPE) == 1;
            HeldBack {
                before: (!blocked).then_some(before),
            }
        }
    }

    impl Drop for HeldBack {
        fn drop(&mut self) {
            let Some(before) = &self.before else { return };
            let set = only_sigpipe();
            let at_once = libc::timespec {
                tv_sec: 0,
                tv_nsec: 0,
            };
            // SAFETY: valid sets and time; a signal that came meanwhile is taken before it is let through.
            unsafe {
                libc::sigtimedwait(&set, null_mut(), &at_once);
                libc::pthread_sigmask(libc::SIG_SETMASK, before, null_mut());
            }
        }
    }
}

#[cfg(all(unix, not(target_vendor = "apple")))]
pub use unix::hold_back;

/// Apple's sockets are told not to raise it, and Windows knows no such signal.
#[cfg(not(all(unix, not(target_vendor = "apple"))))]
pub fn hold_back() {}

/// Holds SIGPIPE back on a thread of the library's own, for good.
pub fn hold_back_for_good() {
    std::mem::forget(hold_back());
}
