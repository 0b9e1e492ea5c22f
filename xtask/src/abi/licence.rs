//! When a change that breaks callers may be recorded.
//!
//! A caller must be able to read what it has to change. So a break needs a new major version, or a number of the
//! interface with a section of its own in docs/abi.md: a number that nobody has yet, because it has just grown or
//! because the section's heading still says that it is not released. When it is, those words go, and the next
//! break needs the next number.

use anyhow::{Context, Result, bail};

use super::{Changes, Surface};
use crate::workspace::Workspace;

const UNRELEASED: &str = "not released yet";

/// The headings of docs/abi.md that name a number of the interface.
pub struct Licence(Vec<String>);

impl Licence {
    pub fn of(workspace: &Workspace) -> Result<Self> {
        let file = workspace.root.join("docs").join("abi.md");
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("cannot read {}", file.display()))?;
        Ok(Self::in_text(&text))
    }

    fn in_text(text: &str) -> Self {
        let headings = text.lines().filter_map(|line| line.strip_prefix("## ABI "));
        Licence(headings.map(str::to_owned).collect())
    }

    /// Fails where something breaks and may not.
    pub fn refuse_breaks(&self, changes: &Changes, before: &Surface, now: &Surface) -> Result<()> {
        let nothing_breaks = changes.breaks.is_empty() || now.major > before.major;
        if nothing_breaks || self.allows(before.abi(), now.abi()) {
            return Ok(());
        }
        bail!(
            "programs that are built on ABI {} of version {} would break: neither has the major version moved, nor \
             is there a number that nobody has yet, with its section '## ABI N' in docs/abi.md:\n  {}",
            before.abi(),
            before.major,
            changes.breaks.join("\n  ")
        );
    }

    fn allows(&self, before: i64, now: i64) -> bool {
        let number = now.to_string();
        let heading = self.0.iter().find_map(|heading| {
            let rest = heading.strip_prefix(&number)?;
            (!rest.starts_with(|next: char| next.is_ascii_digit())).then_some(rest)
        });
        heading.is_some_and(|rest| now > before || (now == before && rest.contains(UNRELEASED)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Licence, Surface};

    const BEFORE: &str = "#define PAT_ABI_VERSION 1\nchar *pat_list(const char *json);\n";

    /// Whether a break may go from ABI 1 to the one of `number`, with this heading in docs/abi.md.
    fn may_break(number: &str, heading: &str) -> bool {
        let surface = |header: &str| Surface::new(header, BTreeMap::new()).unwrap();
        let (before, now) = (
            surface(BEFORE),
            surface(
                &BEFORE
                    .replace("VERSION 1", &format!("VERSION {number}"))
                    .replace("pat_list", "pat_show"),
            ),
        );
        let changes = now.since(&before);
        assert_eq!(changes.breaks[0], "function pat_list is gone");
        Licence::in_text(&format!("# The C interface\n\n{heading}\n\nText.\n"))
            .refuse_breaks(&changes, &before, &now)
            .is_ok()
    }

    #[test]
    fn a_break_needs_a_number_that_has_grown_and_a_section_of_its_own() {
        assert!(may_break("2", "## ABI 2"));
        assert!(may_break("2", "## ABI 2, not released yet"));
        for heading in [
            "",
            "## ABI 1",
            "## ABI 20",
            "ABI 2",
            "### ABI 2",
            "## Platforms",
        ] {
            assert!(!may_break("2", heading), "{heading}");
        }
    }

    #[test]
    fn a_number_that_is_released_breaks_nobody_any_more() {
        assert!(!may_break("1", "## ABI 1"));
        assert!(may_break("1", "## ABI 1, not released yet"));
        assert!(!may_break("1", "## ABI 2, not released yet"));
        assert!(!may_break("0", "## ABI 0, not released yet"));
    }

    #[test]
    fn what_breaks_nobody_needs_no_licence() {
        let surface = |header: &str| Surface::new(header, BTreeMap::new()).unwrap();
        let (before, now) = (
            surface(BEFORE),
            surface(&format!("{BEFORE}char *pat_more(void);\n")),
        );
        let none = Licence::in_text("");
        none.refuse_breaks(&now.since(&before), &before, &now)
            .unwrap();
    }
}
