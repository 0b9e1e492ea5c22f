//! Examples that users copy, run as printed: the header's, and those of README.md that stand under `<!-- run -->`.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use super::Context;
use super::report::Outcome;
use crate::compiler::{self, Program};
use crate::emulator::Emulator;
use crate::header;
use crate::powershell::{self, PowerShell};
use crate::process;

const LIMIT: Duration = Duration::from_secs(60);

pub fn examples(context: &Context) -> Result<Outcome> {
    let workspace = &context.workspace;
    let mut outcome = Outcome::default();
    outcome.add(run_c(
        context,
        "header-example",
        &header::example(workspace)?,
    )?);
    let readme = workspace.root.join("README.md");
    let readme = std::fs::read_to_string(&readme).context("cannot read README.md")?;
    for (number, example) in marked_examples(&readme)?.into_iter().enumerate() {
        let name = format!("readme-example-{}", number + 1);
        outcome.add(match example.language {
            "c" => run_c(context, &name, &example.text)?,
            "powershell" => run_powershell(context, &name, &example.text)?,
            other => {
                bail!("README.md marks an example in {other}, and only c and powershell can be run")
            }
        });
    }
    Ok(outcome)
}

/// As C11 and as C++17, with every warning an error.
fn run_c(context: &Context, name: &str, text: &str) -> Result<Outcome> {
    let Some(compiler) = compiler::first() else {
        return Ok(Outcome::skipped("no C compiler".to_owned()));
    };
    let workspace = &context.workspace;
    let artifacts = context.artifacts()?;
    let folder = workspace.scratch("examples")?;
    let source = folder.join(format!("{name}.c"));
    std::fs::write(&source, text)?;
    let program = Program {
        source: &source,
        include: &workspace.root.join("include"),
        library: &artifacts.library,
        options: &[],
        folder: &folder,
    };
    let mut outcome = Outcome::default();
    for plus_plus in [false, true] {
        let program = program.compile(workspace, &compiler, plus_plus)?;
        let emulator = Emulator::start(workspace, artifacts, &[])?;
        let mut command = compiler::command(workspace, &artifacts.library, &program);
        process::check(emulator.settle(&mut command), LIMIT)?;
        outcome.add(Outcome::passed());
    }
    Ok(outcome)
}

/// With the module where PowerShell finds it by name, as after an installation.
fn run_powershell(context: &Context, name: &str, text: &str) -> Result<Outcome> {
    let workspace = &context.workspace;
    let Ok(host) = PowerShell::find(workspace) else {
        return Ok(Outcome::skipped("no PowerShell".to_owned()));
    };
    let artifacts = context.artifacts()?;
    let module = powershell::lay_out_module(workspace, artifacts)?;
    let script = workspace.scratch("examples")?.join(format!("{name}.ps1"));
    std::fs::write(&script, format!("$ErrorActionPreference = 'Stop'\n{text}"))?;
    let emulator = Emulator::start(workspace, artifacts, &[])?;
    let mut command = host.script(workspace, &script);
    command.env(
        "PSModulePath",
        module.ancestors().nth(2).unwrap_or(Path::new(".")),
    );
    process::check(emulator.settle(&mut command), LIMIT)?;
    Ok(Outcome::passed())
}

struct Example<'a> {
    language: &'a str,
    text: String,
}

/// The fenced blocks whose fence stands right under a line `<!-- run -->`.
fn marked_examples(document: &str) -> Result<Vec<Example<'_>>> {
    let mut examples = Vec::new();
    let mut lines = document.lines();
    while lines.by_ref().any(|line| line.trim() == "<!-- run -->") {
        let fence = lines.next().unwrap_or_default();
        let language = fence
            .strip_prefix("```")
            .context("<!-- run --> stands above no fenced block")?
            .trim();
        let text: String = lines
            .by_ref()
            .take_while(|line| *line != "```")
            .flat_map(|line| [line, "\n"])
            .collect();
        examples.push(Example { language, text });
    }
    Ok(examples)
}

#[cfg(test)]
mod tests {
    use super::marked_examples;

    #[test]
    fn only_marked_blocks_are_examples() {
        let document = "```c\nno\n```\n<!-- run -->\n```c\nint main;\n```\ntext\n<!-- run -->\n```powershell\n'a'\n'b'\n```\n";
        let examples = marked_examples(document).unwrap();
        let found: Vec<_> = examples
            .iter()
            .map(|example| (example.language, example.text.as_str()))
            .collect();
        assert_eq!(found, [("c", "int main;\n"), ("powershell", "'a'\n'b'\n")]);
    }

    #[test]
    fn a_mark_without_a_block_is_an_error() {
        assert!(marked_examples("<!-- run -->\ntext\n").is_err());
    }
}
