//! Where in another process's memory a secret lies.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use memchr::memmem::Finder;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// A memory allocator writes over the first bytes of what is freed: a copy is known by its other end.
const LOST_AT_FRONT: usize = 16;
/// Memory is read in steps of this size, so that this process does not grow with the other.
const STEP: usize = 1 << 22;

/// The forms in which a secret may lie around.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    Plain,
    Percent,
    Json,
    Base64,
    Utf16,
}

/// One secret and what it may look like.
pub struct Wanted(Vec<(Form, Vec<u8>)>);

impl Wanted {
    pub fn new(secret: &str) -> Self {
        Self::beside(&[], secret)
    }

    /// One that HTTP Basic would send behind these ids, too.
    pub fn beside(ids: &[&str], secret: &str) -> Self {
        assert!(secret.len() >= 2 * LOST_AT_FRONT, "too short to be found");
        let mut forms = vec![(Form::Plain, secret.as_bytes().to_vec())];
        let escaped = serde_json::Value::from(secret).to_string();
        for (form, text) in [
            (
                Form::Percent,
                utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string(),
            ),
            (Form::Json, escaped.trim_matches('"').to_owned()),
        ] {
            if text != secret {
                forms.push((form, text.into_bytes()));
            }
        }
        let pairs = ids.iter().map(|id| format!("{id}:{secret}"));
        for text in pairs.chain([secret.to_owned()]) {
            let plain = STANDARD_NO_PAD.encode(&text);
            let url_safe = URL_SAFE_NO_PAD.encode(&text);
            if url_safe != plain {
                forms.push((Form::Base64, url_safe.into_bytes()));
            }
            forms.push((Form::Base64, plain.into_bytes()));
        }
        let wide = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
        forms.push((Form::Utf16, wide));
        Wanted(forms)
    }
}

/// How many copies there are of each form, and in what kind of memory.
#[derive(Clone, Debug, Default)]
pub struct Found {
    pub forms: BTreeMap<Form, usize>,
    pub regions: BTreeMap<String, usize>,
}

impl Found {
    pub fn all(&self) -> usize {
        self.forms.values().sum()
    }
}

/// Looks through all memory of a process.
pub fn search(process: u32, wanted: &Wanted) -> io::Result<Found> {
    let tails: Vec<(Form, Finder<'_>)> = wanted
        .0
        .iter()
        .map(|(form, text)| (*form, Finder::new(&text[LOST_AT_FRONT..])))
        .collect();
    let longest = wanted
        .0
        .iter()
        .map(|(_, text)| text.len())
        .max()
        .unwrap_or(0);
    let memory = File::open(format!("/proc/{process}/mem"))?;
    let mut found = Found::default();
    for (start, end, name) in regions(process)? {
        let mut at = start;
        while at < end {
            let mut bytes = vec![0; (end - at).min((STEP + longest) as u64) as usize];
            // What the kernel keeps to itself cannot be read, and holds nothing of ours.
            let Ok(read) = memory.read_at(&mut bytes, at) else {
                break;
            };
            for (form, tail) in &tails {
                // One that begins behind the step belongs to the next.
                let here = tail
                    .find_iter(&bytes[..read])
                    .filter(|place| *place < STEP)
                    .count();
                if here > 0 {
                    *found.forms.entry(*form).or_default() += here;
                    *found.regions.entry(name.clone()).or_default() += here;
                }
            }
            if read < bytes.len() {
                break;
            }
            at += STEP as u64;
        }
    }
    Ok(found)
}

fn regions(process: u32) -> io::Result<Vec<(u64, u64, String)>> {
    let maps = std::fs::read_to_string(format!("/proc/{process}/maps"))?;
    let region = |line: &str| {
        let mut words = line.split_whitespace();
        let (start, end) = words.next()?.split_once('-')?;
        let readable = words.next()?.starts_with('r');
        let name = words.nth(3).unwrap_or("anonymous").to_owned();
        let number = |text: &str| u64::from_str_radix(text, 16).ok();
        readable.then_some((number(start)?, number(end)?, name))
    };
    Ok(maps.lines().filter_map(region).collect())
}
