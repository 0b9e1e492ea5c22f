//! The library's memory: what is freed is wiped first, so that no copy of a secret outlives its use, whoever made it:
//! a text that grew, a parser's scratch, the buffers of the HTTP and TLS libraries. Types that wipe themselves know
//! of none of those.
//!
//! It is the library's own; a host's malloc is untouched.

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;

#[global_allocator]
static MEMORY: Wiping = Wiping;

/// From this size on malloc of Linux makes a mapping for each block: it grows by moving pages, without a copy, and
/// what is freed goes back to the kernel.
const OWN_MAPPING: usize = if cfg!(target_os = "linux") {
    32 << 20
} else {
    usize::MAX
};

/// The system's allocator, but for the wiping.
struct Wiping;

// SAFETY: every block comes from `System` with the layout that was asked for, and goes back to it with that.
unsafe impl GlobalAlloc for Wiping {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        unsafe { System.alloc_zeroed(layout) }
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if layout.size() < OWN_MAPPING {
            // SAFETY: the caller gives up a block of this size.
            unsafe { block.write_bytes(0, layout.size()) };
            // Else the compiler, which knows that nobody reads what is freed, would leave the wiping out.
            black_box(block);
        }
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(block, layout) }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if layout.size() >= OWN_MAPPING {
            // SAFETY: the caller's promise.
            return unsafe { System.realloc(block, layout, size) };
        }
        // SAFETY: the caller promises that the size is right for this alignment.
        let new = unsafe { System.alloc(Layout::from_size_align_unchecked(size, layout.align())) };
        if !new.is_null() {
            // SAFETY: two blocks, each at least that long; the old one is given up.
            unsafe {
                new.copy_from_nonoverlapping(block, layout.size().min(size));
                self.dealloc(block, layout);
            }
        }
        new
    }
}
