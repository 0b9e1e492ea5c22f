//! Writes .zip and .tar.gz archives whose bytes depend on their content alone.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use flate2::{Compression, GzBuilder};
use zip::write::SimpleFileOptions;

/// One thing in an archive.
pub struct Entry {
    pub path: String,
    pub content: Content,
}

pub enum Content {
    Bytes(Vec<u8>),
    /// A symbolic link; only in a .tar.gz.
    Link(String),
}

impl Entry {
    pub fn file(path: String, from: &Path) -> Result<Self> {
        let bytes =
            std::fs::read(from).with_context(|| format!("cannot read {}", from.display()))?;
        Ok(Self {
            path,
            content: Content::Bytes(bytes),
        })
    }

    pub fn text(path: String, text: &str) -> Self {
        Self {
            path,
            content: Content::Bytes(text.as_bytes().to_vec()),
        }
    }

    pub fn link(path: String, to: &str) -> Self {
        Self {
            path,
            content: Content::Link(to.to_owned()),
        }
    }
}

fn sorted(mut entries: Vec<Entry>) -> Vec<Entry> {
    entries.sort_by(|one, other| one.path.cmp(&other.path));
    entries
}

pub fn zip(file: &Path, entries: Vec<Entry>) -> Result<PathBuf> {
    let mut archive = zip::ZipWriter::new(create(file)?);
    let options = SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default())
        .unix_permissions(0o644);
    for entry in sorted(entries) {
        archive.start_file(&entry.path, options)?;
        match entry.content {
            Content::Bytes(bytes) => archive.write_all(&bytes)?,
            Content::Link(to) => anyhow::bail!("{}: no link to {to} in a .zip", entry.path),
        }
    }
    archive.finish()?;
    Ok(file.to_owned())
}

pub fn tar_gz(file: &Path, entries: Vec<Entry>) -> Result<PathBuf> {
    let gzip = GzBuilder::new()
        .mtime(0)
        .write(create(file)?, Compression::best());
    let mut archive = tar::Builder::new(gzip);
    for entry in sorted(entries) {
        let mut header = tar::Header::new_gnu();
        header.set_mtime(0);
        match entry.content {
            Content::Bytes(bytes) => {
                header.set_size(bytes.len() as u64);
                header.set_mode(0o644);
                archive.append_data(&mut header, &entry.path, bytes.as_slice())?;
            }
            Content::Link(to) => {
                header.set_size(0);
                header.set_mode(0o777);
                header.set_entry_type(tar::EntryType::Symlink);
                archive.append_link(&mut header, &entry.path, &to)?;
            }
        }
    }
    archive.into_inner()?.finish()?;
    Ok(file.to_owned())
}

fn create(file: &Path) -> Result<File> {
    File::create(file).with_context(|| format!("cannot make {}", file.display()))
}

/// Unpacks a .zip, as an installation does.
pub fn unzip(file: &Path, folder: &Path) -> Result<()> {
    let opened = File::open(file).with_context(|| format!("cannot open {}", file.display()))?;
    zip::ZipArchive::new(opened)?.extract(folder)?;
    Ok(())
}
