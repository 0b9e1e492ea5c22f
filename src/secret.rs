//! Secrets that stay in memory: in a page of their own that is left out of core dumps where the
//! system knows how, wiped when dropped, and never shown by Debug.

use std::fmt;
use std::sync::Arc;

use memmap2::MmapMut;
use zeroize::{Zeroize, Zeroizing};

/// A secret text; clones share the one copy.
#[derive(Clone)]
pub struct Secret(Arc<Store>);

enum Store {
    Page(MmapMut, usize),
    /// Where no page could be had: wiped all the same.
    Heap(Zeroizing<String>),
}

impl Secret {
    pub fn new(text: Zeroizing<String>) -> Self {
        Secret(Arc::new(match page(text.as_bytes()) {
            Some(page) => Store::Page(page, text.len()),
            None => Store::Heap(text),
        }))
    }

    /// The text itself, for the one place that needs it.
    pub fn expose(&self) -> &str {
        match &*self.0 {
            Store::Page(page, len) => std::str::from_utf8(&page[..*len]).unwrap_or_default(),
            Store::Heap(text) => text,
        }
    }
}

fn page(bytes: &[u8]) -> Option<MmapMut> {
    let mut page = MmapMut::map_anon(bytes.len().max(1)).ok()?;
    #[cfg(target_os = "linux")]
    page.advise(memmap2::Advice::DontDump).ok()?;
    page[..bytes.len()].copy_from_slice(bytes);
    Some(page)
}

impl Drop for Store {
    fn drop(&mut self) {
        if let Store::Page(page, len) = self {
            page[..*len].zeroize();
        }
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.expose() == other.expose()
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_kept_and_not_shown() {
        let secret = Secret::new(Zeroizing::new("planted".to_owned()));
        assert_eq!(secret.clone().expose(), "planted");
        assert_eq!(format!("{secret:?}"), "[secret]");
        assert_eq!(Secret::new(Zeroizing::new(String::new())).expose(), "");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_secret_is_left_out_of_core_dumps() {
        let secret = Secret::new(Zeroizing::new("planted".to_owned()));
        let address = secret.expose().as_ptr() as usize;
        let maps = std::fs::read_to_string("/proc/self/smaps").unwrap();
        let mut inside = false;
        for line in maps.lines() {
            if let Some((range, _)) = line.split_once(' ')
                && let Some((start, end)) = range.split_once('-')
                && let (Ok(start), Ok(end)) = (
                    usize::from_str_radix(start, 16),
                    usize::from_str_radix(end, 16),
                )
            {
                inside = (start..end).contains(&address);
            } else if inside && let Some(flags) = line.strip_prefix("VmFlags:") {
                assert!(flags.split_whitespace().any(|flag| flag == "dd"), "{flags}");
                return;
            }
        }
        panic!("the page of the secret is not in smaps");
    }
}
