//! THIRD-PARTY-LICENSES.txt: who wrote what is linked in, under which terms, in their own files' words.

use std::collections::BTreeMap;

use anyhow::{Result, bail};

use super::dependencies::Crate;

const BEGINNINGS: [&str; 5] = ["LICENSE", "LICENCE", "COPYING", "NOTICE", "COPYRIGHT"];

/// Crates with the same words share one copy of them.
pub fn text(crates: &[Crate]) -> Result<String> {
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut overview = String::new();
    for one in crates {
        let name = format!("{} {}", one.name, one.version);
        if one.licence.is_empty() {
            bail!("{name} names no licence");
        }
        overview.push_str(&format!("{name}: {}\n", one.licence));
        for words in files(one)? {
            texts.entry(words).or_default().push(name.clone());
        }
    }
    let line = "-".repeat(80);
    let mut all = format!("The library sailpat contains these crates:\n\n{overview}");
    for (words, names) in texts {
        all.push_str(&format!(
            "\n{line}\n{}\n{line}\n\n{words}\n",
            names.join(", ")
        ));
    }
    Ok(all)
}

fn files(one: &Crate) -> Result<Vec<String>> {
    let mut paths: Vec<_> = std::fs::read_dir(&one.folder)?
        .flatten()
        .filter(|entry| {
            let name = entry.file_name().to_string_lossy().to_uppercase();
            BEGINNINGS
                .iter()
                .any(|beginning| name.starts_with(beginning))
        })
        .map(|entry| entry.path())
        .filter(|path| path.is_file())
        .collect();
    paths.sort();
    let mut texts = Vec::new();
    for path in paths {
        texts.push(
            String::from_utf8_lossy(&std::fs::read(path)?)
                .trim()
                .replace("\r\n", "\n"),
        );
    }
    Ok(texts)
}
