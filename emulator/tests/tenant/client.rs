//! A tenant under test and a small HTTP client: one connection for each request.

use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderMap};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use sailpat_emulator::{Emulator, Options, Seed};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

/// Nothing here takes as long, unless it hangs.
pub const LONG: Duration = Duration::from_secs(20);

/// The collection's path in each version.
pub const COLLECTIONS: [&str; 6] = [
    "/v3/personal-access-tokens",
    "/beta/personal-access-tokens",
    "/v2024/personal-access-tokens",
    "/v2025/personal-access-tokens",
    "/v2026/personal-access-tokens",
    "/personal-access-tokens/v1",
];
pub const V2024: &str = "/v2024/personal-access-tokens";
pub const V2025: &str = "/v2025/personal-access-tokens";

/// Versions where `userAwareTokenNeverExpires` exists.
pub fn never_expires(collection: &str) -> bool {
    collection.ends_with("/v1")
        || collection.starts_with("/v2025")
        || collection.starts_with("/v2026")
}

#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The JSON of a reply that must be a 200.
    pub fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        self.json()
    }

    /// The text of a refusal that must be a 400 of the service's form.
    pub fn refused(self) -> String {
        assert_eq!(self.status, 400, "{}", self.body);
        let body = self.json();
        assert_eq!(body["detailCode"], "400.1 Bad Request Content");
        assert_eq!(body["messages"][0]["locale"], "en-US");
        assert_eq!(body["messages"][0]["localeOrigin"], "DEFAULT");
        body["messages"][0]["text"].as_str().unwrap().to_owned()
    }
}

pub struct Tenant {
    pub emulator: Emulator,
}

impl Tenant {
    /// Without a rate limit; otherwise as by default.
    pub fn start() -> Tenant {
        Tenant::with(Options {
            rate_limit: None,
            ..Options::default()
        })
    }

    pub fn with(options: Options) -> Tenant {
        let emulator = Emulator::start(options).unwrap();
        Tenant { emulator }
    }

    pub fn seeded(seed: Value) -> Tenant {
        Tenant::with(Options {
            rate_limit: None,
            seed: Seed::Json(seed),
            ..Options::default()
        })
    }

    pub fn set(&self, settings: Value) {
        self.emulator.control("POST", "settings", settings).unwrap();
    }

    pub fn fault(&self, rule: Value) {
        self.emulator.control("POST", "faults", rule).unwrap();
    }

    pub fn look(&self, path: &str) -> Value {
        self.emulator.control("GET", path, Value::Null).unwrap()
    }

    /// Signed in with the emulator's own credential.
    pub async fn me(&self) -> Caller<'_> {
        self.caller(self.emulator.client_id(), self.emulator.client_secret())
            .await
    }

    pub async fn caller(&self, id: &str, secret: &str) -> Caller<'_> {
        let bearer = self.sign_in(id, secret).await.ok()["access_token"].clone();
        Caller {
            tenant: self,
            bearer: bearer.as_str().unwrap().to_owned(),
        }
    }

    pub async fn sign_in(&self, id: &str, secret: &str) -> Reply {
        let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
        self.form(&form).await
    }

    pub async fn form(&self, form: &str) -> Reply {
        let request = Request::post("/oauth/token")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form.to_owned())
            .unwrap();
        self.send(request).await.unwrap()
    }

    /// A request as it is; an error where no whole reply comes.
    pub async fn send(&self, request: Request<String>) -> Result<Reply, hyper::Error> {
        send_to(self.emulator.url(), request).await
    }

    pub async fn get(&self, path: &str) -> Reply {
        let request = Request::get(path).body(String::new()).unwrap();
        self.send(request).await.unwrap()
    }
}

pub struct Caller<'a> {
    pub tenant: &'a Tenant,
    pub bearer: String,
}

impl Caller<'_> {
    pub fn request(&self, method: Method, path: &str, body: Option<&Value>) -> Request<String> {
        let content_type = match method {
            Method::PATCH => "application/json-patch+json",
            _ => "application/json",
        };
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(AUTHORIZATION, format!("Bearer {}", self.bearer));
        if body.is_some() {
            request = request.header(CONTENT_TYPE, content_type);
        }
        let body = body.map(Value::to_string).unwrap_or_default();
        request.body(body).unwrap()
    }

    pub async fn try_get(&self, path: &str) -> Result<Reply, hyper::Error> {
        let request = self.request(Method::GET, path, None);
        self.tenant.send(request).await
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.try_get(path).await.unwrap()
    }

    pub async fn post(&self, path: &str, body: Value) -> Reply {
        let request = self.request(Method::POST, path, Some(&body));
        self.tenant.send(request).await.unwrap()
    }

    pub async fn patch(&self, path: &str, body: Value) -> Reply {
        let request = self.request(Method::PATCH, path, Some(&body));
        self.tenant.send(request).await.unwrap()
    }

    pub async fn delete(&self, path: &str) -> Reply {
        let request = self.request(Method::DELETE, path, None);
        self.tenant.send(request).await.unwrap()
    }

    /// A new token by name; the create reply.
    pub async fn make(&self, name: &str) -> Value {
        self.post(V2024, json!({"name": name})).await.ok()
    }

    /// The names in a list of this query.
    pub async fn names(&self, query: &str) -> Vec<String> {
        let list = self.get(&format!("{V2024}{query}")).await.ok();
        let names = list.as_array().unwrap().iter();
        names
            .map(|token| token["name"].as_str().unwrap().to_owned())
            .collect()
    }
}

/// Sends to a base URL over http.
pub async fn send_to(base: &str, request: Request<String>) -> Result<Reply, hyper::Error> {
    let address = base.strip_prefix("http://").unwrap();
    let stream = TcpStream::connect(address).await.unwrap();
    converse(stream, request).await
}

/// One request on a connection of its own.
pub async fn converse<S>(stream: S, mut request: Request<String>) -> Result<Reply, hyper::Error>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let headers = request.headers_mut();
    headers.entry(HOST).or_insert("localhost".parse().unwrap());
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let driver = tokio::spawn(connection);
    let request = request.map(|body| Full::new(Bytes::from(body)));
    let reply = async {
        let (head, body) = sender.send_request(request).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        Ok(Reply {
            status: head.status,
            headers: head.headers,
            body: String::from_utf8(body.into()).unwrap(),
        })
    };
    let reply = tokio::time::timeout(LONG, reply).await;
    driver.abort();
    reply.expect("no reply in time")
}

/// Waits until something holds.
pub async fn until(what: &str, holds: impl Fn() -> bool) {
    let waited = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    let waited = tokio::time::timeout(LONG, waited).await;
    waited.unwrap_or_else(|_| panic!("waited in vain for: {what}"));
}
