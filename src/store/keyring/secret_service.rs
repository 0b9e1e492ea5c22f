//! The Secret Service of a Linux desktop (GNOME Keyring, KWallet, KeePassXC): items of the attributes
//! `service` and `username` in the collection `login`, else in the default one, as the official command
//! line keeps them.
//!
//! Nothing here ever lets the service show a prompt: what is locked is an error.

use std::time::Instant;

use zeroize::Zeroizing;

use super::dbus::{Bus, BusObject, ErrorReply, Reply, Writer};
use super::session::Session;
use super::{Attempt, KeyringError, Keys};

const BUS_NAME: &str = "org.freedesktop.secrets";
const SECRET_SERVICE: BusObject<'_> = BusObject {
    service: BUS_NAME,
    path: "/org/freedesktop/secrets",
    interface: "org.freedesktop.Secret.Service",
};
const LOGIN: &str = "/org/freedesktop/secrets/collection/login";
/// An object path that stands for none.
const NO_OBJECT: &str = "/";
/// What the bus says when nobody offers the service.
const ABSENT: &[&str] = &[
    "org.freedesktop.DBus.Error.ServiceUnknown",
    "org.freedesktop.DBus.Error.NameHasNoOwner",
    "org.freedesktop.DBus.Error.Disconnected",
];

/// A conversation with the user's Secret Service.
pub struct SecretService {
    bus: Bus,
    session: String,
    /// Where items are; none where there is no collection at all.
    collection: Option<String>,
}

impl SecretService {
    pub fn open(deadline: Instant) -> Attempt<Self> {
        let mut bus = Bus::connect(&bus_address()?, deadline)?;
        let mut body = Writer::default();
        body.text("plain");
        body.signature("s");
        body.text("");
        let mut reply = call(&mut bus, &SECRET_SERVICE, "OpenSession", "sv", &body)?;
        if reply.signature()? != "s" {
            return Err(KeyringError::Other("offers no plain session".to_owned()));
        }
        reply.text()?;
        let session = reply.text()?.to_string();
        let collection = collection(&mut bus)?;
        Ok(SecretService {
            bus,
            session,
            collection,
        })
    }

    fn search(&mut self, service: &str, account: &str) -> Attempt<Vec<String>> {
        let Some(collection) = &self.collection else {
            return Ok(Vec::new());
        };
        let mut body = Writer::default();
        attributes(&mut body, service, account);
        let target = at(collection, "org.freedesktop.Secret.Collection");
        call(&mut self.bus, &target, "SearchItems", "a{ss}", &body)?.texts()
    }

    /// A secret as the service takes it: session, no parameters, the text, its type.
    fn secret(&self, body: &mut Writer, value: &str) {
        body.align(8);
        body.text(&self.session);
        body.bytes(b"");
        body.bytes(value.as_bytes());
        body.text("text/plain; charset=utf8");
    }

    fn create(&mut self, service: &str, account: &str, value: &str) -> Attempt<()> {
        let collection = self.collection.clone().ok_or_else(|| {
            KeyringError::Absent("it has no collection to keep anything in".to_owned())
        })?;
        let mut body = Writer::default();
        body.array(8, |properties| {
            properties.align(8);
            properties.text("org.freedesktop.Secret.Item.Label");
            properties.signature("s");
            properties.text(&format!("{account} ({service})"));
            properties.align(8);
            properties.text("org.freedesktop.Secret.Item.Attributes");
            properties.signature("a{ss}");
            attributes(properties, service, account);
        });
        self.secret(&mut body, value);
        body.boolean(true);
        let target = at(&collection, "org.freedesktop.Secret.Collection");
        let mut reply = call(
            &mut self.bus,
            &target,
            "CreateItem",
            "a{sv}(oayays)b",
            &body,
        )?;
        reply.text()?;
        unprompted(&mut reply)
    }
}

impl Keys for SecretService {
    fn get(&mut self, service: &str, account: &str) -> Attempt<Option<Zeroizing<String>>> {
        let Some(item) = self.search(service, account)?.into_iter().next() else {
            return Ok(None);
        };
        let mut body = Writer::default();
        body.text(&self.session);
        let target = at(&item, "org.freedesktop.Secret.Item");
        let mut reply = call(&mut self.bus, &target, "GetSecret", "o", &body)?;
        reply.align(8)?;
        reply.text()?;
        reply.bytes()?;
        super::text(&reply.bytes()?).map(Some)
    }

    /// Every item of these attributes is changed, so that it does not matter which one a reader finds.
    fn set(&mut self, service: &str, account: &str, value: &str) -> Attempt<()> {
        let items = self.search(service, account)?;
        if items.is_empty() {
            return self.create(service, account, value);
        }
        for item in items {
            let mut body = Writer::default();
            self.secret(&mut body, value);
            let target = at(&item, "org.freedesktop.Secret.Item");
            call(&mut self.bus, &target, "SetSecret", "(oayays)", &body)?;
        }
        Ok(())
    }

    fn remove(&mut self, service: &str, account: &str) -> Attempt<()> {
        for item in self.search(service, account)? {
            let target = at(&item, "org.freedesktop.Secret.Item");
            unprompted(&mut call(
                &mut self.bus,
                &target,
                "Delete",
                "",
                &Writer::default(),
            )?)?;
        }
        Ok(())
    }
}

fn bus_address() -> Attempt<String> {
    Session::current().bus_address().ok_or_else(|| {
        KeyringError::Absent(
            "this session has no bus (DBUS_SESSION_BUS_ADDRESS is not set)".to_owned(),
        )
    })
}

fn collection(bus: &mut Bus) -> Attempt<Option<String>> {
    let properties = BusObject {
        interface: "org.freedesktop.DBus.Properties",
        ..SECRET_SERVICE
    };
    let mut body = Writer::default();
    body.text(SECRET_SERVICE.interface);
    body.text("Collections");
    let mut reply = call(bus, &properties, "Get", "ss", &body)?;
    if reply.signature()? == "ao" && reply.texts()?.iter().any(|path| path == LOGIN) {
        return Ok(Some(LOGIN.to_owned()));
    }
    let mut body = Writer::default();
    body.text("default");
    let path = call(bus, &SECRET_SERVICE, "ReadAlias", "s", &body)?.text()?;
    Ok(Some(path.to_string()).filter(|path| path != NO_OBJECT))
}

fn at<'a>(path: &'a str, interface: &'a str) -> BusObject<'a> {
    BusObject {
        service: BUS_NAME,
        path,
        interface,
    }
}

fn attributes(body: &mut Writer, service: &str, account: &str) {
    body.array(8, |pairs| {
        for (key, value) in [("username", account), ("service", service)] {
            pairs.align(8);
            pairs.text(key);
            pairs.text(value);
        }
    });
}

/// A prompt that nobody is shown means that nothing was done.
fn unprompted(reply: &mut Reply) -> Attempt<()> {
    if reply.text()?.as_str() == NO_OBJECT {
        return Ok(());
    }
    Err(KeyringError::Locked)
}

fn call(
    bus: &mut Bus,
    target: &BusObject<'_>,
    method: &str,
    signature: &str,
    body: &Writer,
) -> Attempt<Reply> {
    bus.call(target, method, signature, body)?
        .map_err(|ErrorReply { name }| {
            let absent = ABSENT.contains(&name.as_str())
                || name.starts_with("org.freedesktop.DBus.Error.Spawn.");
            if absent {
                KeyringError::Absent(format!("nobody offers the Secret Service ({name})"))
            } else if name == "org.freedesktop.Secret.Error.IsLocked" {
                KeyringError::Locked
            } else {
                KeyringError::Other(format!("refuses {method}: {name}"))
            }
        })
}
