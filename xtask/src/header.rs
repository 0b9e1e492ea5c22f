//! include/sailpat.h: made by cbindgen at build time, committed, and never allowed to drift.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::artifacts;
use crate::process;
use crate::workspace::Workspace;

pub fn committed(workspace: &Workspace) -> PathBuf {
    workspace.root.join("include").join("sailpat.h")
}

/// `cargo xtask header`: the fresh header becomes the committed one.
pub fn copy(workspace: &Workspace) -> Result<()> {
    let fresh = artifacts::fresh_header(workspace)?;
    std::fs::copy(&fresh, committed(workspace))
        .with_context(|| format!("cannot copy {}", fresh.display()))?;
    println!("include/sailpat.h is up to date");
    Ok(())
}

/// Fails when the committed header is not the one that the code makes.
pub fn compare(workspace: &Workspace, fresh: &Path) -> Result<()> {
    if read(&committed(workspace))? != read(fresh)? {
        bail!(
            "include/sailpat.h is not what the code says: run `cargo xtask header` and commit it"
        );
    }
    Ok(())
}

/// Fails when the header declares what the library lacks, or the library exports what the header hides: cbindgen
/// does not see a function made by a macro, and says nothing about it.
pub fn compare_exports(workspace: &Workspace, library: &Path) -> Result<()> {
    let declared = declared(workspace)?;
    let mut nm = workspace.command("nm");
    nm.args(["-D", "--defined-only", "--format=posix"])
        .arg(library);
    let listing = process::check(&mut nm, Duration::from_secs(60))?;
    let exported: BTreeSet<String> = listing
        .lines()
        .filter_map(|line| line.split(' ').next())
        .map(str::to_owned)
        .collect();
    if declared != exported {
        let lacks: Vec<_> = declared.difference(&exported).collect();
        let hides: Vec<_> = exported.difference(&declared).collect();
        bail!("declared but not exported: {lacks:?}\nexported but not declared: {hides:?}");
    }
    Ok(())
}

/// The functions that the committed header declares.
pub fn declared(workspace: &Workspace) -> Result<BTreeSet<String>> {
    Ok(declared_functions(&read(&committed(workspace))?))
}

/// The names before an opening parenthesis in the header's declarations; comments do not count.
fn declared_functions(header: &str) -> BTreeSet<String> {
    let code = without_comments(header);
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    code.match_indices('(')
        .filter_map(|(at, _)| {
            let before = code[..at].trim_end();
            let start = before
                .rfind(|letter| !is_part(letter))
                .map_or(0, |end| end + 1);
            before[start..]
                .starts_with("pat_")
                .then(|| before[start..].to_owned())
        })
        .collect()
}

/// The header without its comments.
pub fn without_comments(header: &str) -> String {
    let mut code = String::new();
    let mut rest = header;
    while let Some(start) = rest.find("/*") {
        code.push_str(&rest[..start]);
        rest = rest[start..]
            .find("*/")
            .map_or("", |end| &rest[start + end + 2..]);
    }
    code.push_str(rest);
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    code.lines()
        .filter(is_code)
        .flat_map(|line| [line, "\n"])
        .collect()
}

/// The example of the header's first page: the lines between ```c and ``` in its comment.
pub fn example(workspace: &Workspace) -> Result<String> {
    let header = read(&committed(workspace))?;
    let uncommented = |line: &str| {
        let line = line.trim_start();
        let text = line
            .strip_prefix("* ")
            .or(line.strip_prefix("// "))
            .or(line.strip_prefix('*'));
        text.unwrap_or(line).to_owned()
    };
    let lines = header
        .lines()
        .map(uncommented)
        .skip_while(|line| line.trim() != "```c")
        .skip(1);
    let example: Vec<String> = lines.take_while(|line| line.trim() != "```").collect();
    if example.is_empty() {
        bail!("include/sailpat.h has no example between ```c and ```");
    }
    Ok(example.join("\n") + "\n")
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::declared_functions;

    #[test]
    fn only_declarations_count_as_declared() {
        let header = "/* pat_old(x) */\n// pat_note(y)\nuint32_t pat_abi_version(void);\nchar *pat_list\n    (const char *json);\nint main(void);";
        let names: Vec<_> = declared_functions(header).into_iter().collect();
        assert_eq!(names, ["pat_abi_version", "pat_list"]);
    }
}
