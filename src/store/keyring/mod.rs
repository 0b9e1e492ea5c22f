//! A pair in the keyring of the operating system, in the entries that the official command line uses.
//!
//! Client id and secret are two entries there, and no keyring changes two at once. So the whole new pair
//! goes into one entry of our own first, `sailpat.pending`; as long as that one exists it is the pair.
//! Whoever reads through here gets a whole pair at every moment, whatever crashes.
//!
//! Each access keeps to a time limit, shows no prompt and prints nothing. On Linux every step of it does so by
//! itself; elsewhere it runs on a thread of its own.

#[cfg(all(feature = "keyring", windows))]
mod credential_manager;
#[cfg(all(feature = "keyring", target_os = "linux"))]
mod dbus;
#[cfg(any(all(feature = "keyring", target_os = "macos"), test))]
mod encoding;
#[cfg(all(feature = "keyring", target_os = "macos"))]
mod keychain;
#[cfg(all(feature = "keyring", target_os = "linux"))]
mod secret_service;
pub mod session;
mod system;

use std::fmt;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use serde::Deserialize;
use zeroize::Zeroizing;

use crate::api::value;
use crate::error::{Error, Result};
use crate::store::holding::{FOREIGN_REMEDY, Holding};
use crate::store::{Over, Pair, Store, failed};
use crate::threads;

/// The official command line's entries; the account is its environment's name in lower case.
const CLIENT_ID: &str = "environments.pat.clientid";
const CLIENT_SECRET: &str = "environments.pat.clientsecret";
const ACCESS_TOKEN: &str = "environments.pat.accesstoken";
const EXPIRY: &str = "environments.pat.expiry";
/// Our own: a pair on its way into the two entries.
const PENDING: &str = "sailpat.pending";

/// A keyring answers at once, unless it waits for somebody or for a service to start.
const KEYRING_LIMIT: Duration = Duration::from_secs(10);
/// How often a pair is read that another process keeps changing.
const READINGS: usize = 100;

/// Why a keyring did not do what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyringError {
    /// There is none here.
    Absent(String),
    Locked,
    Slow,
    /// It holds what is somebody else's.
    Taken(String),
    Other(String),
}

impl fmt::Display for KeyringError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyringError::Absent(why) => write!(f, "no keyring is here: {why}"),
            KeyringError::Locked => {
                f.write_str("the keyring is locked, and nothing here asks for its password")
            }
            KeyringError::Slow => write!(
                f,
                "the keyring gave no answer within {} s",
                KEYRING_LIMIT.as_secs()
            ),
            KeyringError::Taken(problem) => write!(f, "the keyring {problem}"),
            KeyringError::Other(problem) => write!(f, "the keyring fails: {problem}"),
        }
    }
}

impl KeyringError {
    pub fn remedy(&self) -> &'static str {
        match self {
            KeyringError::Absent(_) => {
                "keep the pair in a file or behind a command, or run this where the user's keyring is"
            }
            KeyringError::Locked => {
                "unlock the keyring: sign in to the desktop, or start it with its password"
            }
            KeyringError::Taken(_) => FOREIGN_REMEDY,
            KeyringError::Slow => "look whether the keyring waits for somebody to unlock it",
            KeyringError::Other(_) => "try the keyring with the tool that came with it",
        }
    }
}

type Attempt<T> = std::result::Result<T, KeyringError>;

/// Entries of a keyring: one text for each service and account.
pub trait Keys {
    fn get(&mut self, service: &str, account: &str) -> Attempt<Option<Zeroizing<String>>>;
    fn set(&mut self, service: &str, account: &str, value: &str) -> Attempt<()>;
    /// Removes an entry; one that is not there is fine.
    fn remove(&mut self, service: &str, account: &str) -> Attempt<()>;
}

/// An account of the keyring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account(String);

impl Account {
    /// The account of an environment; the official command line knows them in lower case.
    pub fn new(name: &str) -> std::result::Result<Self, &'static str> {
        let name = name.trim();
        if name.is_empty() || name.len() > 200 || name.chars().any(char::is_control) {
            return Err("must be a name of at most 200 characters");
        }
        Ok(Account(name.to_lowercase()))
    }

    pub fn name(&self) -> &str {
        &self.0
    }

    /// The pair that the keyring holds.
    pub fn get(&self) -> Attempt<Option<Pair>> {
        let account = self.0.clone();
        within(move |keys| read_pair(keys, &account))
    }

    /// Puts a pair in, as one, over what it may replace, and drops the bearer that belonged to the one before.
    pub fn put(&self, pair: &Pair, over: Over<'_>) -> Attempt<()> {
        let (account, pair) = (self.0.clone(), pair.clone());
        let ids: Option<Vec<String>> = match over {
            Over::Anything => None,
            Over::Only(ids) => Some(ids.iter().map(|id| (*id).to_owned()).collect()),
        };
        within(move |keys| {
            let ids: Option<Vec<&str>> = ids
                .as_ref()
                .map(|ids| ids.iter().map(String::as_str).collect());
            write_over(
                keys,
                &account,
                &pair,
                ids.as_deref().map_or(Over::Anything, Over::Only),
            )
        })
    }

    /// Removes exactly this pair; false where there is another or none.
    pub fn take_out(&self, pair: &Pair) -> Attempt<bool> {
        let (account, pair) = (self.0.clone(), pair.clone());
        within(move |keys| take_out(keys, &account, &pair))
    }

    /// Drops the bearer that the official command line keeps beside the pair.
    pub fn drop_bearer(&self) -> Attempt<()> {
        let account = self.0.clone();
        within(move |keys| drop_bearer(keys, &account))
    }

    /// Whether an entry can be written and read back, and removed again.
    pub fn probe(&self) -> Attempt<()> {
        let account = self.0.clone();
        within(move |keys| probe(keys, &account))
    }

    /// Ends what a crash left half written.
    pub fn tidy(&self) {
        let account = self.0.clone();
        let _ = within(move |keys| finish(keys, &account));
    }

    /// Removes the pair.
    pub fn erase(&self) -> Result<()> {
        let account = self.0.clone();
        within(move |keys| erase(keys, &account)).map_err(|fault| self.failed(fault))
    }

    fn failed(&self, fault: KeyringError) -> Error {
        let error = failed(&Store::Keyring(self.clone()), &fault).with_remedy(fault.remedy());
        // What it was asked for may come about when nobody waits any more.
        if fault == KeyringError::Slow {
            error.retryable()
        } else {
            error
        }
    }

    pub fn read(&self) -> Result<Option<Pair>> {
        self.get().map_err(|fault| self.failed(fault))
    }

    pub fn write(&self, pair: &Pair, over: Over<'_>) -> Result<()> {
        self.put(pair, over).map_err(|fault| self.failed(fault))
    }

    pub fn withdraw(&self, pair: &Pair) -> Result<bool> {
        self.take_out(pair).map_err(|fault| self.failed(fault))
    }

    pub fn check(&self) -> Result<()> {
        self.probe().map_err(|fault| self.failed(fault))
    }
}

/// Works with the system's keyring within the usual limit.
fn within<T: Send + 'static>(
    work: impl FnOnce(&mut dyn Keys) -> Attempt<T> + Send + 'static,
) -> Attempt<T> {
    if cfg!(target_os = "linux") {
        return punctual(Instant::now() + KEYRING_LIMIT, system::open, work);
    }
    bounded(KEYRING_LIMIT, system::open, work)
}

/// Works with a keyring that keeps to the deadline by itself.
fn punctual<K: Keys, T>(
    deadline: Instant,
    open: impl FnOnce(Instant) -> Attempt<K>,
    work: impl FnOnce(&mut dyn Keys) -> Attempt<T>,
) -> Attempt<T> {
    let keys = open(deadline)?;
    work(&mut Punctual { keys, deadline })
}

/// Works with a keyring on a thread of its own. Once the limit is over, the caller goes on and the thread
/// begins nothing more.
fn bounded<K: Keys, T: Send + 'static>(
    limit: Duration,
    open: impl FnOnce(Instant) -> Attempt<K> + Send + 'static,
    work: impl FnOnce(&mut dyn Keys) -> Attempt<T> + Send + 'static,
) -> Attempt<T> {
    let (send, receive) = mpsc::sync_channel(1);
    let deadline = Instant::now() + limit;
    threads::start("sailpat-keyring", move || {
        let _ = send.send(punctual(deadline, open, work));
    })
    .map_err(|error| KeyringError::Other(format!("no thread can be had: {error}")))?;
    match receive.recv_timeout(limit) {
        Ok(result) => result,
        Err(RecvTimeoutError::Timeout) => Err(KeyringError::Slow),
        Err(RecvTimeoutError::Disconnected) => {
            Err(KeyringError::Other("its thread ended".to_owned()))
        }
    }
}

/// A keyring that begins nothing after the deadline.
struct Punctual<K> {
    keys: K,
    deadline: Instant,
}

impl<K: Keys> Punctual<K> {
    fn in_time(&mut self) -> Attempt<&mut K> {
        if Instant::now() >= self.deadline {
            return Err(KeyringError::Slow);
        }
        Ok(&mut self.keys)
    }
}

impl<K: Keys> Keys for Punctual<K> {
    fn get(&mut self, service: &str, account: &str) -> Attempt<Option<Zeroizing<String>>> {
        self.in_time()?.get(service, account)
    }

    fn set(&mut self, service: &str, account: &str, value: &str) -> Attempt<()> {
        self.in_time()?.set(service, account, value)
    }

    fn remove(&mut self, service: &str, account: &str) -> Attempt<()> {
        self.in_time()?.remove(service, account)
    }
}

/// A pair as the pending entry has it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PendingPair {
    client_id: String,
    client_secret: Zeroizing<String>,
}

fn pending_text(pair: &Pair) -> Zeroizing<String> {
    let quoted = |text: &str| Zeroizing::new(serde_json::to_string(text).unwrap_or_default());
    let (id, secret) = (quoted(&pair.client_id), quoted(pair.client_secret.expose()));
    let mut text = Zeroizing::new(String::with_capacity(id.len() + secret.len() + 40));
    for part in ["{\"clientId\":", &id, ",\"clientSecret\":", &secret, "}"] {
        text.push_str(part);
    }
    text
}

fn pending(keys: &mut dyn Keys, account: &str) -> Attempt<Option<Pair>> {
    let text = keys.get(PENDING, account)?;
    // What is no pair never became one of the two entries either.
    let pair = text.and_then(|text| serde_json::from_str::<PendingPair>(&text).ok());
    Ok(pair.map(|pair| {
        let id = value::trimmed(&pair.client_id);
        Pair::new(id, value::owned(&pair.client_secret))
    }))
}

fn read_pair(keys: &mut dyn Keys, account: &str) -> Attempt<Option<Pair>> {
    Ok(holding(keys, account)?.pair())
}

/// Reads again when another process changed something meanwhile, so that no pair is mixed.
fn holding(keys: &mut dyn Keys, account: &str) -> Attempt<Holding> {
    for _ in 0..READINGS {
        if let Some(pair) = pending(keys, account)? {
            return Ok(Holding::of(Some(pair)));
        }
        let id = keys.get(CLIENT_ID, account)?;
        let secret = keys.get(CLIENT_SECRET, account)?;
        if pending(keys, account)?.is_some() || keys.get(CLIENT_ID, account)? != id {
            continue;
        }
        return Ok(Holding::new(id, secret));
    }
    Err(KeyringError::Other(
        "another process changes the pair all the time".to_owned(),
    ))
}

/// Writes the pair over what may give way to it. No keyring compares and replaces in one step, so a third pair that
/// another process writes in this very moment is not seen.
fn write_over(keys: &mut dyn Keys, account: &str, pair: &Pair, over: Over<'_>) -> Attempt<()> {
    let before = holding(keys, account)?;
    before.gives_way_to(over).map_err(KeyringError::Taken)?;
    write_pair(keys, account, pair, &before)
}

/// Writes the pair, whole at every step. Where a step fails, what was there before is put back; where that fails
/// too, the pending entry stays and the new pair is the one: reading says which.
fn write_pair(keys: &mut dyn Keys, account: &str, pair: &Pair, before: &Holding) -> Attempt<()> {
    let written = set_and_compare(keys, PENDING, account, &pending_text(pair))
        .and_then(|()| write_halves(keys, account, pair))
        .and_then(|()| drop_bearer(keys, account));
    if let Err(fault) = written {
        let _ = put_back(keys, account, before);
        return Err(fault);
    }
    keys.remove(PENDING, account)
}

/// Removes what is of this pair. Where it was still on its way, the entries may be another's: they stay.
fn take_out(keys: &mut dyn Keys, account: &str, pair: &Pair) -> Attempt<bool> {
    if read_pair(keys, account)?.as_ref() != Some(pair) {
        return Ok(false);
    }
    keys.remove(PENDING, account)?;
    for (service, half) in [
        (CLIENT_SECRET, pair.client_secret.expose()),
        (CLIENT_ID, pair.client_id.as_str()),
    ] {
        if keys
            .get(service, account)?
            .is_some_and(|text| value::trimmed(&text) == half)
        {
            keys.remove(service, account)?;
        }
    }
    drop_bearer(keys, account).map(|()| true)
}

/// A pair that is still on its way arrives, so that the official command line sees it too.
fn finish(keys: &mut dyn Keys, account: &str) -> Attempt<()> {
    match pending(keys, account)? {
        Some(pair) => write_over(keys, account, &pair, Over::Anything),
        None => Ok(()),
    }
}

fn write_halves(keys: &mut dyn Keys, account: &str, pair: &Pair) -> Attempt<()> {
    set_and_compare(keys, CLIENT_ID, account, &pair.client_id)?;
    set_and_compare(keys, CLIENT_SECRET, account, pair.client_secret.expose())
}

fn put_back(keys: &mut dyn Keys, account: &str, before: &Holding) -> Attempt<()> {
    let [id, secret] = before.halves();
    for (service, half) in [(CLIENT_ID, id), (CLIENT_SECRET, secret)] {
        match half {
            Some(text) => set_and_compare(keys, service, account, text)?,
            None => keys.remove(service, account)?,
        }
    }
    keys.remove(PENDING, account)
}

/// The pending entry goes first: without it half a pair is none.
fn erase(keys: &mut dyn Keys, account: &str) -> Attempt<()> {
    for service in [PENDING, CLIENT_SECRET, CLIENT_ID, ACCESS_TOKEN, EXPIRY] {
        keys.remove(service, account)?;
    }
    Ok(())
}

fn drop_bearer(keys: &mut dyn Keys, account: &str) -> Attempt<()> {
    keys.remove(ACCESS_TOKEN, account)?;
    keys.remove(EXPIRY, account)
}

fn set_and_compare(keys: &mut dyn Keys, service: &str, account: &str, value: &str) -> Attempt<()> {
    keys.set(service, account, value)?;
    match keys.get(service, account)? {
        Some(back) if back.as_str() == value => Ok(()),
        _ => Err(KeyringError::Other(format!(
            "{service} reads back as something else than was written"
        ))),
    }
}

/// An entry of its own, so that nothing that counts is touched.
fn probe(keys: &mut dyn Keys, account: &str) -> Attempt<()> {
    set_and_compare(keys, "sailpat.probe", account, "probe")?;
    keys.remove("sailpat.probe", account)?;
    read_pair(keys, account).map(drop)
}

/// What an entry holds is text.
#[cfg(all(
    feature = "keyring",
    any(target_os = "linux", windows, target_os = "macos")
))]
fn text(bytes: &[u8]) -> Attempt<Zeroizing<String>> {
    std::str::from_utf8(bytes)
        .map(|text| Zeroizing::new(text.to_owned()))
        .map_err(|_| KeyringError::Other("an entry holds what is no UTF-8 text".to_owned()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn put(keys: &mut dyn Keys, pair: &Pair) -> Attempt<()> {
        write_over(keys, "prod", pair, Over::Anything)
    }

    /// A keyring in memory that stops doing anything after a number of operations, as a crash does.
    #[derive(Default)]
    struct Fake {
        entries: BTreeMap<(String, String), String>,
        /// Operations left; none for as many as one likes.
        left: Option<usize>,
        /// Refuses this one operation and works on.
        refuses: Option<usize>,
        done: usize,
    }

    impl Fake {
        fn count(&mut self) -> Attempt<()> {
            self.done += 1;
            if self.refuses == Some(self.done) {
                return Err(KeyringError::Other("refused".to_owned()));
            }
            match &mut self.left {
                Some(0) => Err(KeyringError::Other("crashed".to_owned())),
                Some(left) => {
                    *left -= 1;
                    Ok(())
                }
                None => Ok(()),
            }
        }

        fn key(service: &str, account: &str) -> (String, String) {
            (service.to_owned(), account.to_owned())
        }
    }

    impl Keys for Fake {
        fn get(&mut self, service: &str, account: &str) -> Attempt<Option<Zeroizing<String>>> {
            self.count()?;
            let value = self.entries.get(&Fake::key(service, account)).cloned();
            Ok(value.map(Zeroizing::new))
        }

        fn set(&mut self, service: &str, account: &str, value: &str) -> Attempt<()> {
            self.count()?;
            self.entries
                .insert(Fake::key(service, account), value.to_owned());
            Ok(())
        }

        fn remove(&mut self, service: &str, account: &str) -> Attempt<()> {
            self.count()?;
            self.entries.remove(&Fake::key(service, account));
            Ok(())
        }
    }

    fn pair(name: &str) -> Pair {
        Pair::new(
            format!("{name}-id"),
            Zeroizing::new(format!("{name}-\"secret\"")),
        )
    }

    fn holding(before: Option<&Pair>) -> Fake {
        let mut fake = Fake::default();
        if let Some(before) = before {
            put(&mut fake, before).unwrap();
        }
        for service in [ACCESS_TOKEN, EXPIRY] {
            fake.set(service, "prod", "stale").unwrap();
        }
        fake.done = 0;
        fake
    }

    #[test]
    fn a_pair_goes_in_and_the_bearer_of_the_old_one_goes_out() {
        let mut fake = holding(Some(&pair("old")));
        put(&mut fake, &pair("new")).unwrap();
        assert_eq!(read_pair(&mut fake, "prod").unwrap(), Some(pair("new")));
        let left: Vec<&str> = fake
            .entries
            .keys()
            .map(|(service, _)| service.as_str())
            .collect();
        assert_eq!(left, [CLIENT_ID, CLIENT_SECRET]);
        assert_eq!(read_pair(&mut fake, "dev").unwrap(), None);
    }

    #[test]
    fn after_a_crash_at_any_step_the_pair_is_whole_and_the_next_write_ends_the_job() {
        for before in [None, Some(pair("old"))] {
            let mut crashes = 0;
            loop {
                let mut fake = holding(before.as_ref());
                fake.left = Some(crashes);
                let result = put(&mut fake, &pair("new"));
                fake.left = None;
                let now = read_pair(&mut fake, "prod").unwrap();
                assert!(
                    now == before || now == Some(pair("new")),
                    "a crash after {crashes} operations leaves {now:?}"
                );
                if result.is_ok() {
                    assert_eq!(now, Some(pair("new")));
                    break;
                }
                let mut resumed = Fake {
                    entries: fake.entries.clone(),
                    ..Fake::default()
                };
                finish(&mut resumed, "prod").unwrap();
                assert_eq!(read_pair(&mut resumed, "prod").unwrap(), now);
                assert!(!resumed.entries.contains_key(&Fake::key(PENDING, "prod")));
                put(&mut fake, &pair("newer")).unwrap();
                assert_eq!(read_pair(&mut fake, "prod").unwrap(), Some(pair("newer")));
                assert_eq!(fake.entries.len(), 2, "{:?}", fake.entries.keys());
                crashes += 1;
            }
            assert!(crashes > 10, "only {crashes} steps were tried");
        }
    }

    #[test]
    fn one_refused_step_leaves_the_pair_before() {
        for before in [None, Some(pair("old"))] {
            let mut refused = 1;
            loop {
                let mut fake = holding(before.as_ref());
                fake.refuses = Some(refused);
                let result = put(&mut fake, &pair("new"));
                if fake.done < refused {
                    break;
                }
                let now = read_pair(&mut fake, "prod").unwrap();
                match result {
                    Err(_) if fake.entries.contains_key(&Fake::key(PENDING, "prod")) => {
                        assert_eq!(now, Some(pair("new")), "step {refused}");
                    }
                    Err(_) => assert_eq!(now, before, "step {refused}"),
                    Ok(()) => panic!("step {refused} was refused and nobody noticed"),
                }
                refused += 1;
            }
            assert!(refused > 10, "only {refused} steps were tried");
        }
    }

    /// A keyring that another process writes to between two operations.
    struct Shared {
        fake: Fake,
        /// The entries before and after the other's write, and the operation at which it happens.
        after: BTreeMap<(String, String), String>,
        at: usize,
    }

    impl Shared {
        fn step(&mut self) {
            if self.fake.done == self.at {
                self.fake.entries = self.after.clone();
            }
        }
    }

    impl Keys for Shared {
        fn get(&mut self, service: &str, account: &str) -> Attempt<Option<Zeroizing<String>>> {
            self.step();
            self.fake.get(service, account)
        }

        fn set(&mut self, service: &str, account: &str, value: &str) -> Attempt<()> {
            self.fake.set(service, account, value)
        }

        fn remove(&mut self, service: &str, account: &str) -> Attempt<()> {
            self.fake.remove(service, account)
        }
    }

    #[test]
    fn a_reader_beside_a_writer_never_sees_a_mixed_pair() {
        let mut new = holding(None);
        put(&mut new, &pair("new")).unwrap();
        for at in 0..8 {
            let mut fake = holding(Some(&pair("old")));
            fake.done = 0;
            let mut shared = Shared {
                fake,
                after: new.entries.clone(),
                at,
            };
            let read = read_pair(&mut shared, "prod").unwrap();
            assert!(
                read == Some(pair("old")) || read == Some(pair("new")),
                "a write before operation {at} mixes: {read:?}"
            );
        }
    }

    #[test]
    fn half_a_pair_and_a_broken_pending_entry_are_none() {
        let mut fake = Fake::default();
        fake.set(CLIENT_ID, "prod", "id").unwrap();
        assert_eq!(read_pair(&mut fake, "prod").unwrap(), None);
        fake.set(CLIENT_SECRET, "prod", "").unwrap();
        assert_eq!(read_pair(&mut fake, "prod").unwrap(), None);
        fake.set(PENDING, "prod", "{\"clientId\":").unwrap();
        assert_eq!(read_pair(&mut fake, "prod").unwrap(), None);
    }

    #[test]
    fn an_erased_pair_leaves_nothing() {
        let mut fake = holding(Some(&pair("old")));
        erase(&mut fake, "prod").unwrap();
        assert!(fake.entries.is_empty());
    }

    #[test]
    fn a_probe_leaves_nothing() {
        let mut fake = holding(Some(&pair("old")));
        let before = fake.entries.clone();
        probe(&mut fake, "prod").unwrap();
        assert_eq!(fake.entries, before);
    }

    #[test]
    fn nothing_begins_after_the_deadline() {
        let mut late = Punctual {
            keys: holding(None),
            deadline: Instant::now(),
        };
        assert_eq!(late.get(CLIENT_ID, "prod"), Err(KeyringError::Slow));
        assert_eq!(late.set(CLIENT_ID, "prod", "x"), Err(KeyringError::Slow));
        assert_eq!(late.remove(CLIENT_ID, "prod"), Err(KeyringError::Slow));
        assert_eq!(late.keys.done, 0);
    }

    #[test]
    fn a_keyring_that_hangs_or_panics_holds_nobody_up() {
        let begun = Instant::now();
        let limit = Duration::from_millis(100);
        let slow = |_| {
            std::thread::sleep(Duration::from_secs(2));
            Ok(Fake::default())
        };
        assert_eq!(bounded(limit, slow, |_| Ok(())), Err(KeyringError::Slow));
        assert!(begun.elapsed() < Duration::from_secs(1));
        let limit = Duration::from_secs(5);
        let broken = |_| -> Attempt<Fake> { panic!("a keyring's own fault") };
        let fault = bounded(limit, broken, |_| Ok(())).unwrap_err();
        assert!(matches!(fault, KeyringError::Other(_)), "{fault:?}");
    }

    #[test]
    fn accounts_are_environments_in_lower_case() {
        assert_eq!(Account::new(" Prod ").unwrap().name(), "prod");
        for name in ["", " ", "a\nb", &"x".repeat(201)] {
            assert!(Account::new(name).is_err());
        }
    }

    #[test]
    fn a_third_pair_and_a_half_stay_whatever_step_fails() {
        let over = Over::Only(&["old", "new"]);
        let mut fake = holding(Some(&pair("third")));
        let before = fake.entries.clone();
        let fault = write_over(&mut fake, "prod", &pair("new"), over).unwrap_err();
        assert!(
            fault.to_string().contains("belongs to somebody else"),
            "{fault}"
        );
        assert!(!take_out(&mut fake, "prod", &pair("new")).unwrap());
        assert_eq!(fake.entries, before);

        let mut half = Fake::default();
        half.set(CLIENT_SECRET, "prod", "theirs").unwrap();
        let fault = write_over(&mut half, "prod", &pair("new"), over).unwrap_err();
        assert!(
            fault.to_string().contains("without its client id"),
            "{fault}"
        );
        let before = half.entries.clone();
        for refused in 1..8 {
            half.done = 0;
            half.refuses = Some(refused);
            if put(&mut half, &pair("new")).is_err()
                && !half.entries.contains_key(&Fake::key(PENDING, "prod"))
            {
                assert_eq!(half.entries, before, "step {refused}");
            }
            half.entries = before.clone();
        }
    }

    #[test]
    fn a_pair_taken_out_on_its_way_leaves_the_one_before() {
        let mut fake = holding(Some(&pair("old")));
        fake.set(PENDING, "prod", &pending_text(&pair("new")))
            .unwrap();
        assert!(take_out(&mut fake, "prod", &pair("new")).unwrap());
        assert_eq!(read_pair(&mut fake, "prod").unwrap(), Some(pair("old")));
        assert!(take_out(&mut fake, "prod", &pair("old")).unwrap());
        assert!(fake.entries.is_empty());
    }
}
