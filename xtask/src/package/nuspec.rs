//! SailPat.nuspec: what a repository shows of the package. All of it stands in SailPat.psd1, which PowerShell reads.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::VERSION;
use crate::powershell::PowerShell;
use crate::process;
use crate::workspace::Workspace;

const LIMIT: Duration = Duration::from_secs(120);

pub fn text(workspace: &Workspace, module: &Path) -> Result<String> {
    written(&manifest(workspace, &module.join("SailPat.psd1"))?)
}

/// A module's manifest as JSON.
pub fn manifest(workspace: &Workspace, file: &Path) -> Result<Value> {
    let mut command = PowerShell::find(workspace)?.command(workspace);
    let script =
        "Import-PowerShellDataFile $env:SAILPAT_MANIFEST | ConvertTo-Json -Depth 8 -Compress";
    command
        .args(["-Command", script])
        .env("SAILPAT_MANIFEST", file);
    let said = process::check(&mut command, LIMIT)?;
    serde_json::from_str(said.trim()).with_context(|| format!("cannot read {}", file.display()))
}

fn written(manifest: &Value) -> Result<String> {
    let shown = &manifest["PrivateData"]["PSData"];
    let needed = |key: &str| {
        let value = text_of(&manifest[key]);
        value.with_context(|| format!("SailPat.psd1 has no {key}"))
    };
    let version = needed("ModuleVersion")?;
    ensure!(
        version == VERSION,
        "SailPat.psd1 is version {version}, and the library is {VERSION}"
    );
    let mut lines = vec![
        element("id", "SailPat"),
        element("version", &version),
        element("authors", &needed("Author")?),
        element("requireLicenseAcceptance", "false"),
        // One or the other: a repository refuses both.
        text_of(&shown["LicenseUri"]).map_or_else(
            || "<license type=\"expression\">MIT OR Apache-2.0</license>".to_owned(),
            |address| element("licenseUrl", &address),
        ),
        element("description", &needed("Description")?),
    ];
    // The name in the manifest, and here.
    let told = [
        ("ProjectUri", "projectUrl"),
        ("IconUri", "iconUrl"),
        ("ReleaseNotes", "releaseNotes"),
    ];
    for (key, name) in told {
        lines.extend(text_of(&shown[key]).map(|value| element(name, &value)));
    }
    lines.extend(text_of(&manifest["Copyright"]).map(|value| element("copyright", &value)));
    lines.push(element("tags", &tags(manifest, shown)));
    Ok(format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
         <package xmlns=\"http://schemas.microsoft.com/packaging/2011/08/nuspec.xsd\">\n  <metadata>\n    {}\n  \
         </metadata>\n</package>\n",
        lines.join("\n    ")
    ))
}

/// The manifest's tags, and those by which Find-Command and Find-PSResource find a module's commands.
fn tags(manifest: &Value, shown: &Value) -> String {
    let texts = |value: &Value| -> Vec<String> {
        let list = value.as_array().map_or(&[][..], Vec::as_slice);
        list.iter().filter_map(text_of).collect()
    };
    let mut tags = texts(&shown["Tags"]);
    tags.push("PSModule".to_owned());
    let commands = texts(&manifest["FunctionsToExport"]);
    if !commands.is_empty() {
        tags.push("PSIncludes_Function".to_owned());
        tags.extend(commands.iter().map(|name| format!("PSFunction_{name}")));
        tags.extend(commands.iter().map(|name| format!("PSCommand_{name}")));
    }
    tags.join(" ")
}

fn text_of(value: &Value) -> Option<String> {
    let text = value.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn element(name: &str, value: &str) -> String {
    let mut escaped = String::new();
    for letter in value.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            other => escaped.push(other),
        }
    }
    format!("<{name}>{escaped}</{name}>")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{VERSION, written};

    #[test]
    fn what_the_manifest_says_is_shown() {
        let manifest = json!({
            "ModuleVersion": VERSION, "Author": "a", "Description": "tokens & more",
            "FunctionsToExport": ["Get-One", "Get-Two"],
            "PrivateData": {"PSData": {
                "Tags": ["PAT", "Linux"], "ProjectUri": "https://example.com/p?a=1&b=2", "LicenseUri": "https://example.com/l", "IconUri": "https://example.com/i.png",
                "ReleaseNotes": "1 < 2\nlast line"
            }}
        });
        let text = written(&manifest).unwrap();
        for line in [
            &format!("<version>{VERSION}</version>"),
            "<description>tokens &amp; more</description>",
            "<projectUrl>https://example.com/p?a=1&amp;b=2</projectUrl>",
            "<licenseUrl>https://example.com/l</licenseUrl>",
            "<iconUrl>https://example.com/i.png</iconUrl>",
            "<releaseNotes>1 &lt; 2\nlast line</releaseNotes>",
            "<tags>PAT Linux PSModule PSIncludes_Function PSFunction_Get-One PSFunction_Get-Two PSCommand_Get-One PSCommand_Get-Two</tags>",
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
    }

    #[test]
    fn another_version_than_the_library_s_is_refused() {
        let manifest = json!({"ModuleVersion": "9.9.9", "Author": "a", "Description": "d"});
        let error = written(&manifest).unwrap_err().to_string();
        assert!(error.contains("9.9.9"), "{error}");
    }
}
