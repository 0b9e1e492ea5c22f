//! The tenant of a benchmark: an emulator without rate limit, a bearer for the sides that do not sign in themselves,
//! and a second credential.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::artifacts::Artifacts;
use crate::emulator::Emulator;
use crate::workspace::Workspace;

pub struct Tenant {
    pub emulator: Emulator,
    ca_file: std::path::PathBuf,
    bearer: String,
    second: (String, String),
}

impl Tenant {
    pub fn start(workspace: &Workspace, artifacts: &Artifacts, tokens: u32) -> Result<Self> {
        let ca_file = workspace.scratch("bench")?.join(format!("ca-{tokens}.pem"));
        let ca_option = path_text(&ca_file)?;
        let tokens = tokens.to_string();
        let options = [
            "--rate-limit",
            "off",
            "--tls",
            "--ca-file",
            ca_option,
            "--tokens",
            &tokens,
        ];
        let emulator = Emulator::start(workspace, artifacts, &options)?;
        let bearer = sign_in(&emulator)?;
        let second = second_credential(&emulator, &bearer)?;
        Ok(Self {
            emulator,
            ca_file,
            bearer,
            second,
        })
    }

    /// Gives a side what it has to know to ask over http, or over TLS.
    pub fn settle<'a>(&self, command: &'a mut Command, tls: bool) -> &'a mut Command {
        self.emulator.settle(command);
        let url = self
            .emulator
            .tls_url
            .as_ref()
            .filter(|_| tls)
            .unwrap_or(&self.emulator.url);
        command
            .env("BENCH_URL", url)
            .env("BENCH_BEARER", &self.bearer);
        command
            .env("BENCH_SECOND_ID", &self.second.0)
            .env("BENCH_SECOND_SECRET", &self.second.1);
        if tls {
            command.env("BENCH_CA_FILE", &self.ca_file);
        }
        command
    }
}

fn path_text(path: &Path) -> Result<&str> {
    path.to_str()
        .context("the path of the target folder is not UTF-8")
}

fn sign_in(emulator: &Emulator) -> Result<String> {
    let (id, secret) = (&emulator.client_id, &emulator.client_secret);
    let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
    let headers = "Content-Type: application/x-www-form-urlencoded\r\n";
    text(
        &post(emulator, "/oauth/token", headers, &form)?,
        "access_token",
    )
}

fn second_credential(emulator: &Emulator, bearer: &str) -> Result<(String, String)> {
    let headers = format!("Content-Type: application/json\r\nAuthorization: Bearer {bearer}\r\n");
    let path = "/v2024/personal-access-tokens";
    let created = post(emulator, path, &headers, r#"{"name":"second credential"}"#)?;
    Ok((text(&created, "id")?, text(&created, "secret")?))
}

fn text(reply: &Value, field: &str) -> Result<String> {
    Ok(reply[field]
        .as_str()
        .with_context(|| format!("the emulator's reply has no {field}: {reply}"))?
        .to_owned())
}

/// One POST to the emulator over plain http.
fn post(emulator: &Emulator, path: &str, headers: &str, body: &str) -> Result<Value> {
    let host = emulator
        .url
        .strip_prefix("http://")
        .context("the emulator's URL is not http")?;
    let mut connection = TcpStream::connect(host).context("the emulator does not answer")?;
    let length = body.len();
    write!(
        connection,
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    )?;
    let mut reply = String::new();
    connection.read_to_string(&mut reply)?;
    let (_, content) = reply
        .split_once("\r\n\r\n")
        .context("the emulator's reply has no body")?;
    serde_json::from_str(content)
        .with_context(|| format!("the emulator's reply is not JSON: {content}"))
}
