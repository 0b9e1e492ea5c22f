//! Servers that are no tenant: each gives every request the same answer, or one by its path, and keeps what it saw.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A listener, and the requests that came: head and body.
pub struct Planted {
    pub url: String,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Planted {
    pub fn answering(answer: impl Into<String>) -> Self {
        let answer = answer.into();
        Self::by_request(move |_| answer.clone())
    }

    /// `answer` sees the request's first line.
    pub fn by_request(answer: impl Fn(&str) -> String + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let requests = seen.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let Some(request) = read(&stream) else {
                    continue;
                };
                let line = request.lines().next().unwrap_or_default().to_owned();
                requests.lock().unwrap().push(request);
                let _ = (&stream).write_all(answer(&line).as_bytes());
            }
        });
        Planted { url, seen }
    }

    pub fn host(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    pub fn requests(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    /// Everything that came, in one text.
    pub fn saw(&self) -> String {
        self.requests().join("\n")
    }

    /// How many requests began like this.
    pub fn count(&self, begin: &str) -> usize {
        let requests = self.requests();
        let found = requests.iter().filter(|text| text.starts_with(begin));
        found.count()
    }
}

fn read(stream: &TcpStream) -> Option<String> {
    let mut reader = BufReader::new(stream);
    let mut text = String::new();
    let mut length = 0;
    loop {
        let begin = text.len();
        if reader.read_line(&mut text).ok()? == 0 {
            return None;
        }
        let line = text[begin..].trim().to_ascii_lowercase();
        if let Some(number) = line.strip_prefix("content-length:") {
            length = number.trim().parse().ok()?;
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    text.push_str(&String::from_utf8_lossy(&body));
    Some(text)
}

/// A whole reply that ends its connection.
pub fn reply(status: &str, kind: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}
