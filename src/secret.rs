//! Secrets that stay in memory: in pages of their own that are left out of core dumps where the
//! system knows how, wiped when dropped, and never shown by Debug.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use memmap2::MmapMut;
use zeroize::{Zeroize, Zeroizing};

/// A secret text; clones share the one copy.
#[derive(Clone)]
pub struct Secret {
    store: Arc<Memory>,
    place: Range<usize>,
}

enum Memory {
    Pages(MmapMut, usize),
    /// Where no page could be had: wiped all the same.
    Heap(Zeroizing<Vec<u8>>),
}

impl Secret {
    pub fn new(text: Zeroizing<String>) -> Self {
        Secret {
            place: 0..text.len(),
            store: Arc::new(Memory::of(&[text.as_bytes()])),
        }
    }

    /// Many texts, each with what it belongs to, that share their pages: a page each would cost a few hundred
    /// variables some megabytes, and the system has only so many mappings. The pages stay until the last one goes.
    pub fn together<K>(texts: Vec<(K, Zeroizing<String>)>) -> Vec<(K, Self)> {
        let bytes: Vec<&[u8]> = texts.iter().map(|(_, text)| text.as_bytes()).collect();
        let store = Arc::new(Memory::of(&bytes));
        let mut end = 0;
        let secret = |(key, text): (K, Zeroizing<String>)| {
            let start = end;
            end += text.len();
            let store = store.clone();
            let place = start..end;
            (key, Secret { store, place })
        };
        texts.into_iter().map(secret).collect()
    }

    /// The text itself, for the one place that needs it.
    pub fn expose(&self) -> &str {
        let bytes = match &*self.store {
            Memory::Pages(pages, _) => &pages[self.place.clone()],
            Memory::Heap(bytes) => &bytes[self.place.clone()],
        };
        std::str::from_utf8(bytes).unwrap_or_default()
    }
}

impl Memory {
    /// These texts, one behind the other.
    fn of(texts: &[&[u8]]) -> Self {
        let length = texts.iter().map(|text| text.len()).sum();
        match pages(length) {
            Some(mut pages) => {
                let mut rest = &mut pages[..];
                for text in texts {
                    let (here, behind) = rest.split_at_mut(text.len());
                    here.copy_from_slice(text);
                    rest = behind;
                }
                Memory::Pages(pages, length)
            }
            None => Memory::Heap(Zeroizing::new(texts.concat())),
        }
    }
}

fn pages(length: usize) -> Option<MmapMut> {
    let pages = MmapMut::map_anon(length.max(1)).ok()?;
    #[cfg(target_os = "linux")]
    pages.advise(memmap2::Advice::DontDump).ok()?;
    Some(pages)
}

impl Drop for Memory {
    fn drop(&mut self) {
        if let Memory::Pages(pages, length) = self {
            pages[..*length].zeroize();
        }
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        let is_same = Arc::ptr_eq(&self.store, &other.store) && self.place == other.place;
        is_same || self.expose() == other.expose()
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

    #[test]
    fn those_that_are_kept_together_share_their_pages_and_keep_apart() {
        let texts = |count: usize| {
            let text = |number: usize| (number, Zeroizing::new(format!("planted{number}é")));
            (0..count).map(text).collect::<Vec<_>>()
        };
        let secrets = Secret::together(texts(500));
        for (number, secret) in &secrets {
            assert_eq!(secret.expose(), format!("planted{number}é"));
            assert!(Arc::ptr_eq(&secret.store, &secrets[0].1.store));
        }
        assert_eq!(secrets[7].1, Secret::together(texts(8))[7].1);
        assert_ne!(secrets[7].1, secrets[8].1);
        let last = secrets.into_iter().last().unwrap().1;
        assert_eq!(last.expose(), "planted499é", "its pages stay for it alone");
        assert!(Secret::together::<()>(Vec::new()).is_empty());
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
