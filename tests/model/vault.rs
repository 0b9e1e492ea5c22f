//! A place behind an external command: the command is this program again, and what it is asked waits here until
//! the model lets it be done.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt};
use tokio::sync::mpsc;

/// A pair: client id and secret.
pub type Pair = (String, String);

#[derive(Clone, Default)]
pub struct Kept(Arc<Mutex<Holds>>);

#[derive(Default)]
struct Holds {
    pair: Option<Pair>,
    /// What reads get instead.
    lie: Option<Pair>,
    is_garbage: bool,
}

/// A store that was asked for and is not done yet.
pub struct Ask {
    pub pair: Pair,
    stream: tokio::net::TcpStream,
}

pub struct Vault {
    pub kept: Kept,
    pub port: u16,
    asked: mpsc::UnboundedReceiver<Ask>,
}

impl Vault {
    pub async fn open() -> Vault {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let port = listener.local_addr().expect("a port").port();
        let kept = Kept::default();
        let (sender, asked) = mpsc::unbounded_channel();
        let of_task = kept.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, of_task.clone(), sender.clone()));
            }
        });
        Vault { kept, port, asked }
    }

    /// The next store that is asked for.
    pub async fn next(&mut self) -> Ask {
        match self.asked.recv().await {
            Some(ask) => ask,
            None => std::future::pending().await,
        }
    }
}

async fn converse(stream: tokio::net::TcpStream, kept: Kept, asked: mpsc::UnboundedSender<Ask>) {
    let mut stream = tokio::io::BufReader::new(stream);
    let mut line = String::new();
    if stream.read_line(&mut line).await.is_err() {
        return;
    }
    let request: Value = serde_json::from_str(&line).unwrap_or_default();
    let text = |field: &str| request[field].as_str().unwrap_or_default().to_owned();
    let mut stream = stream.into_inner();
    if request["action"] == "store" {
        let pair = (text("clientId"), text("clientSecret"));
        let _ = asked.send(Ask { pair, stream });
        return;
    }
    let answer = match (request["action"] == "read", kept.shown()) {
        (true, Ok(Some((id, secret)))) => json!({"clientId": id, "clientSecret": secret}),
        (true, Err(())) => json!({"error": "the vault is locked"}),
        _ => json!({}),
    };
    let _ = stream.write_all(format!("{answer}\n").as_bytes()).await;
}

impl Ask {
    /// Says that it is done.
    pub async fn answer(mut self) {
        let _ = self.stream.write_all(b"{}\n").await;
        let _ = self.stream.shutdown().await;
    }
}

impl Kept {
    fn holds<T>(&self, with: impl FnOnce(&mut Holds) -> T) -> T {
        with(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn pair(&self) -> Option<Pair> {
        self.holds(|holds| holds.pair.clone())
    }

    fn shown(&self) -> Result<Option<Pair>, ()> {
        self.holds(|holds| match &holds.lie {
            _ if holds.is_garbage => Err(()),
            Some(lie) => Ok(Some(lie.clone())),
            None => Ok(holds.pair.clone()),
        })
    }

    pub fn set(&self, pair: Option<Pair>) {
        self.holds(|holds| {
            holds.pair = pair;
            holds.is_garbage = false;
        });
    }

    pub fn lock(&self) {
        self.holds(|holds| holds.is_garbage = true);
    }

    pub fn lie(&self, lie: Option<Pair>) {
        self.holds(|holds| holds.lie = lie);
    }

    /// It answers, and truly.
    pub fn mend(&self) {
        self.holds(|holds| {
            holds.lie = None;
            holds.is_garbage = false;
        });
    }
}

/// The command itself: hands its line on and prints the answer.
pub fn command(port: &str) -> ExitCode {
    match ask(port) {
        Ok(answer) if !answer.is_empty() => {
            print!("{answer}");
            ExitCode::SUCCESS
        }
        _ => ExitCode::FAILURE,
    }
}

fn ask(port: &str) -> std::io::Result<String> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    let mut stream = TcpStream::connect(format!("127.0.0.1:{port}"))?;
    stream.write_all(line.as_bytes())?;
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer)?;
    Ok(answer)
}
