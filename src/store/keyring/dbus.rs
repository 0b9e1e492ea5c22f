//! As much of D-Bus as one conversation with the Secret Service needs: method calls over a Unix socket,
//! one after the other, each within the conversation's deadline. What goes over the wire is wiped.
//!
//! The rules are those of the D-Bus specification: alignment counts from the start of the message, an
//! array's length leaves out the padding before its first element.

use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, socket_with};
use zeroize::Zeroizing;

use super::{Attempt, KeyringError};

/// What the service gives back is short; a message past this is a mistake.
const LARGEST_MESSAGE: usize = 1024 * 1024;
/// Large enough that a message with a secret never moves while it grows.
const MESSAGE_CAPACITY: usize = 8 * 1024;
/// How long until a bus that takes nobody in right now is tried again.
const BUSY: Duration = Duration::from_millis(20);
const CALL: u8 = 1;
const RETURN: u8 = 2;
const ERROR: u8 = 3;

/// A conversation over the user's bus.
pub struct Bus {
    stream: UnixStream,
    deadline: Instant,
    serial: u32,
}

/// Where a call goes.
pub struct BusObject<'a> {
    pub service: &'a str,
    pub path: &'a str,
    pub interface: &'a str,
}

/// An error reply's name; its words are the other side's own and may be anything.
pub struct ErrorReply {
    pub name: String,
}

impl Bus {
    /// Connects to the first of the addresses that answers.
    pub fn connect(addresses: &str, deadline: Instant) -> Attempt<Self> {
        let stream = addresses
            .split(';')
            .filter_map(address)
            .find_map(|address| connected(&address, deadline).transpose())
            .transpose()?
            .ok_or_else(|| {
                KeyringError::Absent(
                    "no session bus answers at DBUS_SESSION_BUS_ADDRESS".to_owned(),
                )
            })?;
        let mut bus = Bus {
            stream,
            deadline,
            serial: 0,
        };
        bus.sign_in()?;
        let hello = BusObject {
            service: "org.freedesktop.DBus",
            path: "/org/freedesktop/DBus",
            interface: "org.freedesktop.DBus",
        };
        bus.call(&hello, "Hello", "", &Writer::default())?
            .map(|_| bus)
            .map_err(|refusal| {
                KeyringError::Other(format!("the session bus refuses: {}", refusal.name))
            })
    }

    /// The bus takes the identity that the kernel vouches for, so nothing is said about it here.
    fn sign_in(&mut self) -> Attempt<()> {
        self.send(b"\0AUTH EXTERNAL\r\nDATA\r\n")?;
        self.expect_line("DATA")?;
        self.expect_line("OK")?;
        self.send(b"BEGIN\r\n")
    }

    fn expect_line(&mut self, word: &str) -> Attempt<()> {
        let mut line = Vec::new();
        while !line.ends_with(b"\r\n") {
            if line.len() == 512 {
                return Err(nonsense());
            }
            let mut byte = [0];
            self.receive(&mut byte)?;
            line.push(byte[0]);
        }
        if line.starts_with(word.as_bytes()) {
            return Ok(());
        }
        Err(KeyringError::Other(
            "the session bus does not accept this user".to_owned(),
        ))
    }

    /// Calls a method and waits for its reply.
    pub fn call(
        &mut self,
        target: &BusObject<'_>,
        method: &str,
        signature: &str,
        body: &Writer,
    ) -> Attempt<std::result::Result<Reply, ErrorReply>> {
        self.serial += 1;
        let message = message(self.serial, target, method, signature, body);
        self.send(&message)?;
        loop {
            let message = self.message()?;
            if message.answers == Some(self.serial) {
                return match message.kind {
                    RETURN => Ok(Ok(message.body)),
                    _ => Ok(Err(ErrorReply {
                        name: message.error.unwrap_or_default(),
                    })),
                };
            }
        }
    }

    fn send(&mut self, bytes: &[u8]) -> Attempt<()> {
        let left = self.left()?;
        self.stream.set_write_timeout(Some(left)).map_err(broken)?;
        self.stream.write_all(bytes).map_err(broken)
    }

    /// The deadline counts for the whole of what is awaited, not anew for each byte.
    fn receive(&mut self, bytes: &mut [u8]) -> Attempt<()> {
        let mut filled = 0;
        while filled < bytes.len() {
            let left = self.left()?;
            self.stream.set_read_timeout(Some(left)).map_err(broken)?;
            match self.stream.read(&mut bytes[filled..]) {
                Ok(0) => return Err(broken(ErrorKind::UnexpectedEof.into())),
                Ok(read) => filled += read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(broken(error)),
            }
        }
        Ok(())
    }

    fn left(&self) -> Attempt<std::time::Duration> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(KeyringError::Slow);
        }
        Ok(left)
    }

    fn message(&mut self) -> Attempt<BusMessage> {
        let mut head = [0; 16];
        self.receive(&mut head)?;
        let number =
            |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        if head[0] != b'l' {
            return Err(nonsense());
        }
        let fields = number(12) as usize;
        let body = number(4) as usize;
        let all = fields.saturating_add(body);
        if all > LARGEST_MESSAGE {
            return Err(nonsense());
        }
        let mut rest = Zeroizing::new(vec![0; fields.next_multiple_of(8) + body]);
        self.receive(&mut rest)?;
        let mut message = BusMessage {
            kind: head[1],
            ..BusMessage::default()
        };
        message.read_fields(&rest[..fields])?;
        message.body = Reply {
            bytes: Zeroizing::new(rest[fields.next_multiple_of(8)..].to_vec()),
            at: 0,
        };
        Ok(message)
    }
}

/// A stream to this address; none where nobody listens. One that listens and takes nobody in would hold up a plain
/// `connect` for ever.
fn connected(address: &SocketAddrUnix, deadline: Instant) -> Attempt<Option<UnixStream>> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)
        .map_err(|error| broken(error.into()))?;
    loop {
        match connect(&socket, address) {
            Ok(()) => break,
            Err(Errno::AGAIN | Errno::INTR) if Instant::now() < deadline => {
                std::thread::sleep(BUSY);
            }
            Err(Errno::AGAIN | Errno::INTR) => return Err(KeyringError::Slow),
            Err(_) => return Ok(None),
        }
    }
    let stream = UnixStream::from(socket);
    stream.set_nonblocking(false).map_err(broken)?;
    Ok(Some(stream))
}

/// One entry of the variable, such as `unix:path=/run/user/1000/bus,guid=…`.
fn address(entry: &str) -> Option<SocketAddrUnix> {
    let values = entry.trim().strip_prefix("unix:")?;
    values.split(',').find_map(|value| {
        let (key, value) = value.split_once('=')?;
        let value = percent_encoding::percent_decode_str(value);
        let bytes: Vec<u8> = value.collect();
        match key {
            "path" => SocketAddrUnix::new(bytes).ok(),
            "abstract" => SocketAddrUnix::new_abstract_name(&bytes).ok(),
            _ => None,
        }
    })
}

fn broken(error: std::io::Error) -> KeyringError {
    match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::TimedOut => KeyringError::Slow,
        _ => KeyringError::Other(format!("the session bus hangs up: {error}")),
    }
}

fn nonsense() -> KeyringError {
    KeyringError::Other("answers what is no D-Bus message of its kind".to_owned())
}

#[derive(Default)]
struct BusMessage {
    kind: u8,
    answers: Option<u32>,
    error: Option<String>,
    body: Reply,
}

impl BusMessage {
    fn read_fields(&mut self, bytes: &[u8]) -> Attempt<()> {
        let mut fields = Reply {
            bytes: Zeroizing::new(bytes.to_vec()),
            at: 0,
        };
        // The fields start at byte 16 of the message, so that alignment counts as from their own start.
        while fields.at < fields.bytes.len() {
            fields.align(8)?;
            let code = fields.byte()?;
            match (code, fields.signature()?.as_str()) {
                (5, "u") => self.answers = Some(fields.number()?),
                (4, "s") => self.error = Some(fields.text()?.to_string()),
                (_, "s" | "o") => drop(fields.text()?),
                (_, "g") => drop(fields.signature()?),
                (_, "u") => drop(fields.number()?),
                _ => return Err(nonsense()),
            }
        }
        if !matches!(self.kind, RETURN | ERROR) {
            self.answers = None;
        }
        Ok(())
    }
}

fn message(
    serial: u32,
    target: &BusObject<'_>,
    method: &str,
    signature: &str,
    body: &Writer,
) -> Zeroizing<Vec<u8>> {
    let mut fields = Writer::default();
    let texts = [
        (1, "o", target.path),
        (2, "s", target.interface),
        (3, "s", method),
        (6, "s", target.service),
    ];
    for (code, kind, value) in texts {
        fields.align(8);
        fields.byte(code);
        fields.signature(kind);
        fields.text(value);
    }
    if !signature.is_empty() {
        fields.align(8);
        fields.byte(8);
        fields.signature("g");
        fields.signature(signature);
    }
    let mut whole = Writer::default();
    for byte in [b'l', CALL, 0, 1] {
        whole.byte(byte);
    }
    whole.number(body.0.len() as u32);
    whole.number(serial);
    whole.number(fields.0.len() as u32);
    whole.0.extend_from_slice(&fields.0);
    whole.align(8);
    whole.0.extend_from_slice(&body.0);
    whole.0
}

/// Values in the order that a signature names them.
pub struct Writer(Zeroizing<Vec<u8>>);

impl Default for Writer {
    fn default() -> Self {
        Writer(Zeroizing::new(Vec::with_capacity(MESSAGE_CAPACITY)))
    }
}

impl Writer {
    pub fn align(&mut self, to: usize) {
        let len = self.0.len().next_multiple_of(to);
        self.0.resize(len, 0);
    }

    pub fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    pub fn boolean(&mut self, value: bool) {
        self.number(value.into());
    }

    pub fn number(&mut self, number: u32) {
        self.align(4);
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    /// A string or an object path.
    pub fn text(&mut self, text: &str) {
        self.number(text.len() as u32);
        self.0.extend_from_slice(text.as_bytes());
        self.byte(0);
    }

    pub fn signature(&mut self, signature: &str) {
        self.byte(signature.len() as u8);
        self.0.extend_from_slice(signature.as_bytes());
        self.byte(0);
    }

    pub fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u32);
        self.0.extend_from_slice(bytes);
    }

    /// An array whose elements are aligned as `to` says.
    pub fn array(&mut self, to: usize, elements: impl FnOnce(&mut Self)) {
        self.number(0);
        let length_at = self.0.len() - 4;
        self.align(to);
        let start = self.0.len();
        elements(self);
        let length = (self.0.len() - start) as u32;
        self.0[length_at..length_at + 4].copy_from_slice(&length.to_le_bytes());
    }
}

/// A reply's values, read in the order that its signature names them.
#[derive(Default)]
pub struct Reply {
    bytes: Zeroizing<Vec<u8>>,
    at: usize,
}

impl Reply {
    fn take(&mut self, count: usize) -> Attempt<&[u8]> {
        let end = self.at.checked_add(count).ok_or_else(nonsense)?;
        let taken = self.bytes.get(self.at..end).ok_or_else(nonsense)?;
        self.at = end;
        Ok(taken)
    }

    pub fn align(&mut self, to: usize) -> Attempt<()> {
        let padding = self.at.next_multiple_of(to) - self.at;
        self.take(padding).map(drop)
    }

    fn byte(&mut self) -> Attempt<u8> {
        Ok(self.take(1)?[0])
    }

    fn number(&mut self) -> Attempt<u32> {
        self.align(4)?;
        let bytes = self.take(4)?;
        Ok(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    fn characters(&mut self, length: usize) -> Attempt<Zeroizing<String>> {
        let bytes = self.take(length)?.to_vec();
        let text = String::from_utf8(bytes).map_err(|_| nonsense())?;
        self.take(1)?;
        Ok(Zeroizing::new(text))
    }

    /// A string or an object path.
    pub fn text(&mut self) -> Attempt<Zeroizing<String>> {
        let length = self.number()? as usize;
        self.characters(length)
    }

    pub fn signature(&mut self) -> Attempt<String> {
        let length = self.byte()? as usize;
        self.characters(length).map(|text| text.to_string())
    }

    pub fn bytes(&mut self) -> Attempt<Zeroizing<Vec<u8>>> {
        let length = self.number()? as usize;
        Ok(Zeroizing::new(self.take(length)?.to_vec()))
    }

    /// An array of strings or object paths.
    pub fn texts(&mut self) -> Attempt<Vec<String>> {
        let length = self.number()? as usize;
        let end = self.at.checked_add(length).ok_or_else(nonsense)?;
        let mut texts = Vec::new();
        while self.at < end {
            texts.push(self.text()?.to_string());
        }
        Ok(texts)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;
    use std::thread;
    use std::time::Duration;

    use super::*;

    fn reply(bytes: &[u8]) -> Reply {
        Reply {
            bytes: Zeroizing::new(bytes.to_vec()),
            at: 0,
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let mut writer = Writer::default();
        writer.byte(7);
        writer.text("path");
        writer.signature("a{ss}");
        writer.bytes(b"secret");
        writer.array(4, |array| {
            array.text("a");
            array.text("bc");
        });
        writer.array(8, |_| {});
        writer.boolean(true);
        let mut reply = reply(&writer.0);
        assert_eq!(reply.byte().unwrap(), 7);
        assert_eq!(reply.text().unwrap().as_str(), "path");
        assert_eq!(reply.signature().unwrap(), "a{ss}");
        assert_eq!(reply.bytes().unwrap().as_slice(), b"secret");
        assert_eq!(reply.texts().unwrap(), ["a", "bc"]);
        assert!(reply.texts().unwrap().is_empty());
        reply.align(8).unwrap();
        assert_eq!(reply.number().unwrap(), 1);
        assert!(reply.byte().is_err());
    }

    #[test]
    fn cut_and_lying_messages_are_refused() {
        for bytes in [
            &[][..],
            &[255, 255, 255, 255],
            &[5, 0, 0, 0, b'a'],
            &[1, 0, 0, 0, 0xff, 0],
        ] {
            assert!(reply(bytes).text().is_err(), "{bytes:?}");
            assert!(
                reply(bytes).texts().is_err() || bytes.is_empty(),
                "{bytes:?}"
            );
        }
    }

    #[test]
    fn addresses_are_read_as_the_specification_has_them() {
        let path = |entry| {
            let found = address(entry)?;
            Some(found.path()?.to_str().ok()?.to_owned())
        };
        assert_eq!(
            path("unix:path=/run/user/1/bus,guid=0").as_deref(),
            Some("/run/user/1/bus")
        );
        assert_eq!(path("unix:guid=0,path=/a%20b").as_deref(), Some("/a b"));
        let found = address("unix:abstract=/tmp/x,guid=1").unwrap();
        assert_eq!(found.abstract_name(), Some(&b"/tmp/x"[..]));
        for other in ["", "tcp:host=h,port=1", "unix:", "unix:tmpdir=/tmp"] {
            assert!(address(other).is_none(), "{other}");
        }
    }

    fn against(limit: Duration, serve: impl FnOnce(UnixStream) + Send + 'static) -> KeyringError {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bus");
        let listener = UnixListener::bind(&path).unwrap();
        let server = thread::spawn(move || serve(listener.accept().unwrap().0));
        let address = format!("unix:path={}", path.display());
        let fault = Bus::connect(&address, Instant::now() + limit)
            .err()
            .unwrap();
        server.join().unwrap();
        fault
    }

    #[test]
    fn a_bus_that_says_nothing_is_given_up_in_time() {
        let begun = Instant::now();
        let fault = against(Duration::from_millis(200), |mut stream| {
            let mut all = Vec::new();
            let _ = stream.read_to_end(&mut all);
        });
        assert!(matches!(fault, KeyringError::Slow), "{fault:?}");
        assert!(begun.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn a_bus_that_takes_nobody_in_is_given_up_in_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bus");
        let listener = UnixListener::bind(&path).unwrap();
        rustix::net::listen(&listener, 0).unwrap();
        // As many as the system lets wait; the next one would.
        let waiting: Vec<_> = std::iter::from_fn(|| {
            let soon = Instant::now() + Duration::from_millis(1);
            connected(&SocketAddrUnix::new(&path).unwrap(), soon).ok()
        })
        .take(16)
        .collect();
        assert!(!waiting.is_empty() && waiting.len() < 16);
        let address = format!("unix:path={}", path.display());
        let begun = Instant::now();
        let fault = Bus::connect(&address, begun + Duration::from_millis(200))
            .err()
            .unwrap();
        assert!(matches!(fault, KeyringError::Slow), "{fault:?}");
        assert!(begun.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn a_bus_that_drips_is_given_up_in_time() {
        let begun = Instant::now();
        let fault = against(Duration::from_millis(300), |mut stream| {
            while stream.write_all(b"D").is_ok() {
                thread::sleep(Duration::from_millis(50));
            }
        });
        assert!(
            matches!(fault, KeyringError::Slow | KeyringError::Other(_)),
            "{fault:?}"
        );
        assert!(begun.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn a_bus_that_refuses_or_hangs_up_says_so() {
        let fault = against(Duration::from_secs(5), |mut stream| {
            stream.write_all(b"REJECTED EXTERNAL\r\n").unwrap();
            let mut all = Vec::new();
            let _ = stream.read_to_end(&mut all);
        });
        assert!(matches!(&fault, KeyringError::Other(words) if words.contains("does not accept")));
        let fault = against(Duration::from_secs(5), drop);
        assert!(
            matches!(&fault, KeyringError::Other(words) if words.contains("hangs up")),
            "{fault:?}"
        );
    }

    #[test]
    fn no_bus_is_no_keyring() {
        let deadline = Instant::now() + Duration::from_secs(5);
        for address in [
            "unix:path=/nonexistent/bus",
            "tcp:host=localhost,port=1",
            "",
        ] {
            let fault = Bus::connect(address, deadline).err().unwrap();
            assert!(
                matches!(fault, KeyringError::Absent(_)),
                "{address}: {fault:?}"
            );
        }
    }
}
