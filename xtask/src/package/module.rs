//! SailPat.<version>.nupkg: the module with the libraries of all platforms, as a folder repository of
//! Install-Module, Save-Module and Install-PSResource takes it. It is a .zip, so Expand-Archive works, too.

use std::path::Path;

use anyhow::{Context, Result};

use super::archive::Entry;
use super::{VERSION, nuspec};
use crate::libraries::Native;
use crate::powershell;
use crate::workspace::Workspace;

pub fn file_name() -> String {
    format!("SailPat.{VERSION}.nupkg")
}

pub fn entries(workspace: &Workspace, natives: &[Native], licences: &str) -> Result<Vec<Entry>> {
    let joined = workspace.scratch("joined")?.join("SailPat");
    powershell::join(workspace, &joined)?;
    let mut entries = Vec::new();
    add_folder(&joined, "", &mut entries)?;
    for native in natives {
        let path = format!("runtimes/{}/native/{}", native.rid, native.library);
        entries.push(Entry::file(path, &native.path())?);
    }
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        entries.push(Entry::file(
            licence.to_owned(),
            &workspace.root.join(licence),
        )?);
    }
    entries.push(Entry::text("THIRD-PARTY-LICENSES.txt".to_owned(), licences));
    entries.push(Entry::text(
        "SailPat.nuspec".to_owned(),
        &nuspec::text(workspace, &joined)?,
    ));
    entries.push(Entry::text("_rels/.rels".to_owned(), RELATIONS));
    let types = content_types(&entries);
    entries.push(Entry::text("[Content_Types].xml".to_owned(), &types));
    Ok(entries)
}

fn add_folder(folder: &Path, below: &str, entries: &mut Vec<Entry>) -> Result<()> {
    for entry in
        std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?
    {
        let entry = entry?;
        let path = format!("{below}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            add_folder(&entry.path(), &format!("{path}/"), entries)?;
        } else {
            entries.push(Entry::file(path, &entry.path())?);
        }
    }
    Ok(())
}

const RELATIONS: &str = concat!(
    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n",
    "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">",
    "<Relationship Type=\"http://schemas.microsoft.com/packaging/2010/07/manifest\" ",
    "Target=\"/SailPat.nuspec\" Id=\"R1\" /></Relationships>\n"
);

/// Names a type for every file: by extension, or by name where there is none.
fn content_types(entries: &[Entry]) -> String {
    let mut extensions = std::collections::BTreeSet::from(["rels".to_owned()]);
    let mut bare = Vec::new();
    for entry in entries {
        let name = entry.path.rsplit('/').next().unwrap_or_default();
        match name.rsplit_once('.') {
            Some((_, extension)) => {
                extensions.insert(extension.to_lowercase());
            }
            None => bare.push(&entry.path),
        }
    }
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
         <Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\n",
    );
    for extension in extensions {
        let kind = if extension == "rels" {
            "application/vnd.openxmlformats-package.relationships+xml"
        } else {
            "application/octet"
        };
        text.push_str(&format!(
            "  <Default Extension=\"{extension}\" ContentType=\"{kind}\" />\n"
        ));
    }
    for path in bare {
        text.push_str(&format!(
            "  <Override PartName=\"/{path}\" ContentType=\"application/octet\" />\n"
        ));
    }
    text + "</Types>\n"
}

/// Unpacks the package as an installation lays it out, and gives back the path of SailPat.psd1.
pub fn install(package: &Path, modules: &Path) -> Result<std::path::PathBuf> {
    let folder = modules.join("SailPat").join(VERSION);
    super::archive::unzip(package, &folder)?;
    Ok(folder.join("SailPat.psd1"))
}
