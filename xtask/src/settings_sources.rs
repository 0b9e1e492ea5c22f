//! The sources that settings come from where none are given, each made in a folder of its own: for what measures or
//! watches a call with them.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Result;
use serde_json::json;

use crate::emulator::Emulator;

#[derive(Clone, Copy)]
pub enum SettingsSource {
    Variables,
    ConfigJson,
    DefaultProfile,
    NamedProfile,
    CommandLine,
    /// An environment of the official command line, named as a profile.
    NamedEnvironment,
}

const PROFILE: &str = "prod";

impl SettingsSource {
    pub const ALL: [SettingsSource; 6] = [
        SettingsSource::Variables,
        SettingsSource::ConfigJson,
        SettingsSource::DefaultProfile,
        SettingsSource::NamedProfile,
        SettingsSource::CommandLine,
        SettingsSource::NamedEnvironment,
    ];

    pub const fn words(self) -> &'static str {
        match self {
            SettingsSource::Variables => "variables",
            SettingsSource::ConfigJson => "config.json",
            SettingsSource::DefaultProfile => "the default profile",
            SettingsSource::NamedProfile => "a named profile",
            SettingsSource::CommandLine => "config.yaml",
            SettingsSource::NamedEnvironment => "a named environment of config.yaml",
        }
    }

    /// The files that the pair and its tenant are in, below the folder.
    pub const fn files(self) -> &'static [&'static str] {
        match self {
            SettingsSource::Variables => &[],
            SettingsSource::ConfigJson => &["config.json"],
            SettingsSource::DefaultProfile | SettingsSource::NamedProfile => &[
                "home/.sailpat/profiles.json",
                "home/.sailpat/profiles/prod.json",
            ],
            SettingsSource::CommandLine | SettingsSource::NamedEnvironment => {
                &["home/.sailpoint/config.yaml"]
            }
        }
    }

    /// What a client is given all the same.
    pub const fn settings(self) -> &'static str {
        match self {
            SettingsSource::NamedProfile | SettingsSource::NamedEnvironment => {
                r#"{"rateLimit":null,"profile":"prod"}"#
            }
            _ => r#"{"rateLimit":null}"#,
        }
    }

    /// Makes the source below `folder`, and lets `command` find its tenant there and nowhere else.
    pub fn settle<'a>(
        self,
        command: &'a mut Command,
        folder: &Path,
        emulator: &Emulator,
    ) -> Result<&'a mut Command> {
        match fs::remove_dir_all(folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => fs::create_dir_all(folder.join("home"))?,
        }
        for file in self.files() {
            let path = folder.join(file);
            make_private(&path, &self.text(file, emulator))?;
        }
        command
            .current_dir(folder)
            .env("HOME", folder.join("home"))
            .env_remove("SAILPAT_HOME");
        match self {
            SettingsSource::Variables => {
                emulator.settle(command);
            }
            _ => {
                for name in ["SAIL_BASE_URL", "SAIL_CLIENT_ID", "SAIL_CLIENT_SECRET"] {
                    command.env_remove(name);
                }
            }
        }
        Ok(command)
    }

    fn text(self, file: &str, emulator: &Emulator) -> String {
        let (url, id, secret) = (&emulator.url, &emulator.client_id, &emulator.client_secret);
        let is_default = matches!(self, SettingsSource::DefaultProfile);
        if file.ends_with(".yaml") {
            return format!(
                "activeenvironment: {PROFILE}\nenvironments:\n  {PROFILE}:\n    baseurl: {url}\n    pat:\n      clientid: {id}\n      clientsecret: {secret}\n"
            );
        }
        let text = if file.ends_with("profiles.json") {
            json!({"default": is_default.then_some(PROFILE), "profiles": {PROFILE: {"baseUrl": url}}})
        } else {
            json!({"BaseURL": url, "ClientId": id, "ClientSecret": secret})
        };
        text.to_string()
    }
}

/// As the library makes it: what others may read is told of.
fn make_private(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
        limit(folder, 0o700)?;
    }
    fs::write(path, text)?;
    limit(path, 0o600)
}

#[cfg(unix)]
fn limit(path: &Path, mode: u32) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    Ok(fs::set_permissions(path, fs::Permissions::from_mode(mode))?)
}

#[cfg(not(unix))]
fn limit(_path: &Path, _mode: u32) -> Result<()> {
    Ok(())
}
