//! Links of the pages, and the map of docs/.

/// A link or a picture of a page.
pub struct Link<'p> {
    pub text: &'p str,
    pub target: &'p str,
}

/// The links in prose, in its order.
pub fn of(prose: &str) -> Vec<Link<'_>> {
    let mut links = Vec::new();
    let mut rest = prose;
    while let Some(middle) = rest.find("](") {
        let (before, after) = (&rest[..middle], &rest[middle + 2..]);
        if let (Some(begin), Some(end)) = (opening(before), after.find(')')) {
            links.push(Link {
                text: &before[begin + 1..],
                target: &after[..end],
            });
        }
        rest = after;
    }
    links
}

/// Where the bracket stands that is open at the end of a text.
fn opening(text: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, letter) in text.char_indices().rev() {
        match letter {
            ']' => depth += 1,
            '[' if depth == 0 => return Some(at),
            '[' => depth -= 1,
            _ => {}
        }
    }
    None
}

mod tests {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    use super::super::{blocks, page};
    use super::of;

    fn root() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
    }

    /// The pages in a folder and those below it, from the top of the checkout.
    fn pages_in(folder: &str) -> Vec<String> {
        let mut pages = Vec::new();
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let entry = entry.unwrap();
            let name = format!("{folder}/{}", entry.file_name().to_str().unwrap());
            if entry.file_type().unwrap().is_dir() {
                pages.extend(pages_in(&name));
            } else if name.ends_with(".md") {
                pages.push(name);
            }
        }
        pages
    }

    /// The path that a link leads to, from the top of the checkout, and its anchor.
    fn resolved(from: &str, target: &str) -> (String, Option<String>) {
        let (path, anchor) = match target.split_once('#') {
            Some((path, anchor)) => (path, Some(anchor.to_owned())),
            None => (target, None),
        };
        if path.is_empty() {
            return (from.to_owned(), anchor);
        }
        let mut whole = PathBuf::from(from);
        whole.pop();
        for part in path.trim_end_matches('/').split('/') {
            match part {
                ".." => assert!(whole.pop(), "{from}: {target} leads out of the checkout"),
                part => whole.push(part),
            }
        }
        (whole.to_str().unwrap().replace('\\', "/"), anchor)
    }

    fn links_of(name: &str) -> Vec<(String, Option<String>)> {
        let text = page(root(), name).unwrap();
        let prose = blocks::prose(&text).unwrap();
        let links = of(&prose).into_iter();
        links
            .filter(|link| !link.target.starts_with("https://"))
            .map(|link| resolved(name, link.target))
            .collect()
    }

    /// The anchors of a page's headings, as GitHub makes them.
    fn anchors(prose: &str) -> BTreeSet<String> {
        let headings = prose.lines().filter(|line| line.starts_with('#'));
        headings
            .map(|line| {
                let heading = line.trim_start_matches('#').trim().to_lowercase();
                let kept = |letter: &char| letter.is_alphanumeric() || " -_".contains(*letter);
                heading
                    .chars()
                    .filter(kept)
                    .collect::<String>()
                    .replace(' ', "-")
            })
            .collect()
    }

    #[test]
    fn every_link_leads_to_a_file_and_a_heading() {
        let mut pages = pages_in("docs");
        pages.extend(
            [
                "README.md",
                "CONTRIBUTING.md",
                "SECURITY.md",
                "CHANGELOG.md",
                "emulator/README.md",
            ]
            .map(String::from),
        );
        let mut astray = Vec::new();
        let mut count = 0;
        for name in &pages {
            for (path, anchor) in links_of(name) {
                count += 1;
                let there = match &anchor {
                    None => root().join(&path).exists(),
                    Some(anchor) => page(root(), &path)
                        .is_ok_and(|text| anchors(&blocks::prose(&text).unwrap()).contains(anchor)),
                };
                if !there {
                    astray.push(format!("{name}: {path}#{}", anchor.unwrap_or_default()));
                }
            }
        }
        assert!(count > 100, "only {count} links were found");
        assert!(astray.is_empty(), "{astray:#?}");
    }

    /// In docs/README.md, or in the README.md of its own folder that is named there.
    #[test]
    fn every_page_of_docs_is_on_its_map() {
        let named = |map: &str| -> BTreeSet<String> {
            links_of(map).into_iter().map(|link| link.0).collect()
        };
        let map = named("docs/README.md");
        for name in pages_in("docs") {
            if name == "docs/README.md" || map.contains(&name) {
                continue;
            }
            let (folder, _) = name.rsplit_once('/').unwrap();
            let index = format!("{folder}/README.md");
            assert!(
                map.contains(&index) && named(&index).contains(&name),
                "docs/README.md does not name {name}"
            );
        }
    }

    #[test]
    fn links_and_anchors_are_read_as_a_browser_does() {
        let found = of("a [b](c.md#d) and ![e [f]](g.svg), [`[T]::m`](h.rs)");
        let found: Vec<_> = found.iter().map(|link| (link.text, link.target)).collect();
        assert_eq!(
            found,
            [("b", "c.md#d"), ("e [f]", "g.svg"), ("`[T]::m`", "h.rs")]
        );
        assert_eq!(
            resolved("docs/a.md", "../b.md#c"),
            ("b.md".to_owned(), Some("c".to_owned()))
        );
        assert!(anchors("## ABI 2, not released yet\n").contains("abi-2-not-released-yet"));
    }
}
