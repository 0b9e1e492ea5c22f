//! The fenced blocks of a page.

use anyhow::{Result, bail};

#[derive(Debug, PartialEq)]
pub struct Block<'a> {
    pub language: &'a str,
    pub text: &'a str,
}

/// Every fenced block, in the order of the page.
pub fn of(page: &str) -> Result<Vec<Block<'_>>> {
    let mut blocks = Vec::new();
    let mut rest = page;
    while let Some((language, after)) = opening(rest) {
        let Some(end) = closing(after) else {
            bail!("a block in '{language}' has no end")
        };
        blocks.push(Block {
            language,
            text: &after[..end],
        });
        rest = &after[end + FENCE.len()..];
    }
    Ok(blocks)
}

/// A page without its fenced blocks and without code in its lines: what stands there is no link.
#[cfg(test)]
pub fn prose(page: &str) -> Result<String> {
    let mut prose = String::new();
    let mut rest = page;
    while let Some((language, after)) = opening(rest) {
        prose.push_str(&rest[..rest.len() - after.len() - language.len() - FENCE.len() - 1]);
        let Some(end) = closing(after) else {
            bail!("a block in '{language}' has no end")
        };
        rest = &after[end + FENCE.len()..];
    }
    prose.push_str(rest);
    Ok(prose)
}

const FENCE: &str = "```";

/// The language of the next block, and what comes after its first line.
fn opening(text: &str) -> Option<(&str, &str)> {
    let begin = match text.strip_prefix(FENCE) {
        Some(_) => 0,
        None => text.find("\n```")? + 1,
    };
    text[begin + FENCE.len()..].split_once('\n')
}

fn closing(text: &str) -> Option<usize> {
    match text.starts_with(FENCE) {
        true => Some(0),
        false => text.find("\n```").map(|line_end| line_end + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::{Block, of, prose};

    const PAGE: &str = "```c\nint main;\n```\ntext ```no``` [a](b)\n```powershell\n'a'\n'b'\n```\n";

    #[test]
    fn every_fenced_block_is_found_with_its_language() {
        let block = |language, text| Block { language, text };
        assert_eq!(
            of(PAGE).unwrap(),
            [block("c", "int main;\n"), block("powershell", "'a'\n'b'\n")]
        );
        assert!(of("text\n```sh\nnever closed\n").is_err());
    }

    #[test]
    fn what_is_no_block_is_prose() {
        assert_eq!(prose(PAGE).unwrap(), "\ntext ```no``` [a](b)\n\n");
    }
}
