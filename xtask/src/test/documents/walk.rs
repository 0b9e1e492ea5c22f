//! docs/how-a-call-goes.md: what it says is sent is what the call sends, and what it names is there.

use anyhow::{Context as _, Result, ensure};

use super::readme::{NO_HOST, Room};
use super::{blocks, page};
use crate::emulator::Emulator;
use crate::test::report::Outcome;

const PAGE: &str = "docs/how-a-call-goes.md";

/// The requests that the emulator has seen, as the page writes them.
const SEEN: &str = r#"Invoke-RestMethod "${env:SAILPAT_EMULATOR_CONTROL}requests" |
    ForEach-Object { $_ } | ForEach-Object { "$($_.method) $($_.target)" }"#;

/// Makes the call of the page.
pub fn run(room: &Room<'_>) -> Result<Outcome> {
    let workspace = &room.context.workspace;
    let text = page(&workspace.root, PAGE)?;
    let blocks = blocks::of(&text)?;
    let block = |language| {
        let found = blocks.iter().find(|block| block.language == language);
        found.with_context(|| format!("{PAGE} has no block in {language}"))
    };
    let emulator = Emulator::start(workspace, room.context.artifacts()?, &[])?;
    let script = format!(
        "$null = {} 3>$null\n{SEEN}",
        block("powershell")?.text.trim_end()
    );
    let Some(seen) = room.powershell(&emulator, &script)? else {
        return Ok(Outcome::skipped(NO_HOST.to_owned()));
    };
    let told = block("http")?.text;
    let lines =
        |text: &str| -> Vec<String> { text.lines().map(|line| line.trim().into()).collect() };
    ensure!(
        lines(told) == lines(&seen),
        "{PAGE} tells of these requests:\n{told}and these were sent:\n{seen}"
    );
    Ok(Outcome::passed())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::{blocks, links, page};
    use super::PAGE;

    fn root() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
    }

    fn read(name: &str) -> String {
        page(root(), name).unwrap()
    }

    /// The texts of a picture in one class, in the order of the file.
    fn texts(picture: &str, class: &str) -> Vec<String> {
        let mut found = Vec::new();
        for line in picture.lines().filter(|line| line.contains("<text ")) {
            let (head, rest) = line.split_once('>').unwrap();
            if head.contains(&format!("class=\"{class}\"")) {
                let text = rest.split_once("</text>").unwrap().0;
                found.push(
                    text.replace("&gt;", ">")
                        .replace("&lt;", "<")
                        .replace("&amp;", "&"),
                );
            }
        }
        found
    }

    #[test]
    fn the_floors_in_the_picture_are_those_of_lib_rs_in_its_order() {
        let map = read("src/lib.rs");
        let rows = map.lines().filter_map(|line| line.strip_prefix("//! | [`"));
        let (floors, words): (Vec<_>, Vec<_>) = rows
            .map(|row| {
                let mut cells = row.split(" | ");
                let floor = cells.next().unwrap().trim_end_matches("`]");
                let words = cells.next().unwrap().trim_end_matches(" |");
                (floor.to_owned(), words.replace('`', ""))
            })
            .unzip();
        assert!(floors.len() > 5, "src/lib.rs has no table of floors");
        let picture = read("docs/pictures/floors.svg");
        assert_eq!(texts(&picture, "floor"), floors);
        assert_eq!(texts(&picture, "words"), words);
    }

    /// Names in code that lead to a source, and that source.
    fn names(text: &str) -> Vec<(String, String)> {
        let prose = blocks::prose(text).unwrap();
        let links = links::of(&prose).into_iter();
        links
            .filter_map(|link| {
                let name = link.text.strip_prefix('`')?.strip_suffix('`')?;
                Some((name.to_owned(), link.target.to_owned()))
            })
            .collect()
    }

    #[test]
    fn every_name_is_declared_in_the_file_that_it_leads_to() {
        let names = names(&read(PAGE));
        assert!(names.len() > 20, "{names:?}");
        for (name, target) in names {
            let path = target.trim_start_matches("../");
            assert!(declares(path, &read(path), &name), "{path} has no {name}");
        }
    }

    fn declares(path: &str, source: &str, name: &str) -> bool {
        let file = Path::new(path);
        match file.extension().and_then(|extension| extension.to_str()) {
            Some("rs") => match name.rsplit_once("::") {
                Some((owner, function)) => {
                    owns(file, source, owner) && is_function(source, function)
                }
                None => is_function(source, name),
            },
            Some("ps1") => match name.split_once("]::") {
                Some((class, method)) => {
                    source.contains(&format!("class {} ", &class[1..]))
                        && source.contains(&format!("] {method}("))
                }
                None => ["(", " "]
                    .iter()
                    .any(|end| source.contains(&format!("function {name}{end}"))),
            },
            _ => source.contains(&format!(" *{name}(")),
        }
    }

    fn is_function(source: &str, name: &str) -> bool {
        ["(", "<"]
            .iter()
            .any(|end| source.contains(&format!("fn {name}{end}")))
    }

    /// A type with methods there, or the file's own module.
    fn owns(file: &Path, source: &str, owner: &str) -> bool {
        let of_type = ["impl", "for"].iter().any(|word| {
            [" ", "<"]
                .iter()
                .any(|end| source.contains(&format!("{word} {owner}{end}")))
        });
        let stem = |path: &Path| path.file_stem().is_some_and(|stem| stem == owner);
        of_type || stem(file) || (file.ends_with("mod.rs") && file.parent().is_some_and(stem))
    }

    #[test]
    fn a_name_counts_only_where_it_is_declared() {
        let rust = "impl Client {\n    pub async fn begin(&self) {}\n}\nfn send<T>() {}\n";
        for name in ["Client::begin", "send", "client::send"] {
            assert!(declares("src/client/mod.rs", rust, name), "{name}");
        }
        for name in ["Client::beg", "Other::begin", "end", "retry::send"] {
            assert!(!declares("src/client/mod.rs", rust, name), "{name}");
        }
        let script = "function Get-It($A) {\n}\nclass Text {\n    static [string] Of() { }\n}\n";
        for (name, there) in [
            ("Get-It", true),
            ("[Text]::Of", true),
            ("Get-I", false),
            ("[Text]::O", false),
            ("[Te]::Of", false),
        ] {
            assert_eq!(declares("a.ps1", script, name), there, "{name}");
        }
    }

    #[test]
    fn what_the_picture_of_the_call_names_is_on_the_page() {
        let names = names(&read(PAGE));
        let shown = texts(&read("docs/pictures/call.svg"), "code");
        assert!(shown.len() > 5, "{shown:?}");
        for name in shown {
            assert!(
                names.iter().any(|(known, _)| *known == name),
                "the page does not tell of {name}"
            );
        }
    }

    /// Letters are no wider than this part of their height, in the fonts that the pictures ask for.
    const WIDEST: f64 = 0.61;

    #[test]
    fn no_text_of_a_picture_is_wider_than_its_room() {
        for name in ["floors", "call"] {
            let picture = read(&format!("docs/pictures/{name}.svg"));
            for line in picture.lines().filter(|line| line.contains("<text ")) {
                let (head, rest) = line.split_once('>').unwrap();
                let text = rest.split_once("</text>").unwrap().0.replace("&gt;", ">");
                let number = |attribute: &str| -> f64 {
                    let (_, after) = head.split_once(&format!(" {attribute}=\"")).expect(line);
                    after.split_once('"').unwrap().0.parse().expect(line)
                };
                let width = text.chars().count() as f64 * number("font-size") * WIDEST;
                assert!(
                    width <= number("data-room"),
                    "{name}.svg: {text} takes {width:.0}"
                );
            }
        }
    }
}
