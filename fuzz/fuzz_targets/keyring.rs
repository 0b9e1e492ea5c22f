//! What a session bus and its Secret Service say: the D-Bus messages of a conversation in which a pair is looked for.
//! The bus says all of them at once and hangs up, so that nothing waits.

#![no_main]

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::sync::OnceLock;
use std::sync::mpsc::{Sender, channel};
use std::thread;

use libfuzzer_sys::fuzz_target;
use sailpat::store::keyring::Account;
use sailpat::store::keyring::session::Session;

struct Bus {
    address: String,
    /// What the next connection is told.
    says: Sender<Vec<u8>>,
}

/// The bus of this process; a conversation is over before the next one begins.
fn bus() -> &'static Bus {
    static BUS: OnceLock<Bus> = OnceLock::new();
    BUS.get_or_init(|| {
        let name = format!("sailpat-fuzz-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(&name).expect("the name is short");
        let listener = UnixListener::bind_addr(&address).expect("the name is free");
        let (says, told) = channel::<Vec<u8>>();
        thread::spawn(move || {
            for (stream, text) in listener.incoming().zip(told) {
                let mut stream = stream.expect("a connection");
                let mut whole = b"DATA\r\nOK 0\r\n".to_vec();
                whole.extend_from_slice(&text);
                // A client that has heard enough hangs up first.
                let _ = stream.write_all(&whole);
                let _ = stream.shutdown(Shutdown::Write);
                let _ = stream.read_to_end(&mut Vec::new());
            }
        });
        Bus { address: format!("unix:abstract={name}"), says }
    })
}

fuzz_target!(|messages: &[u8]| {
    let bus = bus();
    bus.says.send(messages.to_vec()).expect("the bus is there");
    let session = Session::Given {
        bus: Some(bus.address.clone()),
        runtime: None,
    };
    let account = Account::new("fuzz").expect("a name");
    match session.over(|| account.get()) {
        Ok(Some(pair)) => drop(pair),
        Ok(None) => {}
        Err(problem) => assert!(!problem.to_string().is_empty()),
    }
});
