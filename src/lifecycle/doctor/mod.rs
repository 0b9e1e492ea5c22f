//! The doctor: looks at everything a call depends on, one check per theme, and says what to do about what
//! it finds.
//!
//! It changes nothing: it reads, connects, signs in and lists. A broken setting, an unreachable service or
//! a refused credential is a failed check and never an error. What one check finds decides which of the later
//! ones make sense; those that do not are skipped and say why.

mod certificate;
mod check;
mod clock;
mod keyring;
mod names;
mod offline;
mod permissions;
mod proxy;
mod rate;
mod rights;
mod settings;
mod signin;
mod tls;
mod token;

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::api::version;
use crate::client::config::Resolved;
use crate::client::surroundings::Surroundings;
use crate::client::{Client, Context, InForce, Options};
use crate::error::Error;
use crate::store::profiles::Profile;
use check::{Check, Name, Status};
use rights::Lists;

/// No check takes longer than this.
const LONGEST_CHECK: Duration = Duration::from_secs(5);

/// All checks, in the order they build on each other.
#[derive(Serialize)]
pub struct Report {
    /// No check failed; warnings do not count.
    pub ok: bool,
    pub failed: usize,
    pub warnings: usize,
    pub checks: Vec<Check>,
}

impl Report {
    fn of(checks: Vec<Check>) -> Self {
        let count = |state| checks.iter().filter(|check| check.state == state).count();
        let (failed, warnings) = (count(Status::Failed), count(Status::Warning));
        Report {
            ok: failed == 0,
            failed,
            warnings,
            checks,
        }
    }
}

/// What the checks work with.
struct Examination<'e> {
    client: &'e Client,
    options: Options,
    context: &'e Context,
    surroundings: Surroundings,
    /// What the settings come to, where they are whole.
    in_force: Option<Arc<InForce>>,
    deadline: Instant,
}

/// Makes every check; with `offline` only those that need no network.
pub async fn examine(
    client: &Arc<Client>,
    options: Options,
    offline: bool,
    context: &Context,
) -> Report {
    let settings = client.settings();
    let mut examination = Examination {
        client,
        options,
        context,
        surroundings: settings.surroundings(),
        in_force: None,
        deadline: Instant::now() + options.timeout.unwrap_or(settings.timeout),
    };
    let (found, in_force) = examination.settings().await;
    examination.in_force = in_force.clone();
    let (keyring, _) = examination
        .in_time(Name::Keyring, async |_| {
            (keyring::check(&examination).await, None::<()>)
        })
        .await;
    let mut checks = vec![found, permissions::check(&examination), keyring];
    checks.extend(match (&in_force, offline) {
        (_, true) => skip_all("only what needs no network was asked for"),
        (None, false) => skip_all("there are no complete settings to go by"),
        (Some(in_force), false) => Box::pin(examination.network(&in_force.resolved)).await,
    });
    checks.push(offline::rotations(settings));
    checks.push(offline::change_log(settings));
    Report::of(checks)
}

/// The checks that need the network, none of them made.
fn skip_all(why: &str) -> Vec<Check> {
    Name::ONLINE
        .iter()
        .map(|name| Check::skipped(*name, why))
        .collect()
}

impl Examination<'_> {
    /// The profile that the call is for: the one that was named, else the one in force.
    fn profile(&self) -> Option<Profile> {
        let settings = self.client.settings();
        match (&settings.profile, &self.in_force) {
            (None, Some(in_force)) => in_force.walk.profile.clone(),
            (Some(name), _) => settings.profile_files().ok()?.find(name).ok(),
            (None, None) => settings.profile_files().ok()?.default().ok()?,
        }
    }

    /// The version that the calls speak, by name.
    fn version(&self) -> &'static str {
        match &self.in_force {
            Some(in_force) => self.client.effective(in_force, self.options).api_version,
            None => version::default_version().name,
        }
    }

    /// How long the next check may take; none when the call's time is over.
    fn time(&self) -> Option<Duration> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        (!left.is_zero()).then(|| left.min(LONGEST_CHECK))
    }

    /// The call's options for one request of a check.
    fn one_request(&self, limit: Duration) -> Options {
        Options {
            timeout: Some(limit),
            ..self.options
        }
    }

    /// Runs a check in its own time. What it sends ends a little earlier, so that the error says where it
    /// stood.
    async fn in_time<T>(
        &self,
        name: Name,
        work: impl AsyncFnOnce(Duration) -> (Check, Option<T>),
    ) -> (Check, Option<T>) {
        let Some(limit) = self.time() else {
            return (
                Check::skipped(name, "the call's time was over before it"),
                None,
            );
        };
        match tokio::time::timeout(limit, work(limit.mul_f64(0.95))).await {
            Ok(done) => done,
            Err(_) => (Check::slow(name, limit), None),
        }
    }

    async fn settings(&self) -> (Check, Option<Arc<InForce>>) {
        self.in_time(Name::Settings, async |_| settings::check(self).await)
            .await
    }

    /// From the name in the base URL to the token in use, each only where the one before it went well.
    async fn network(&self, resolved: &Resolved) -> Vec<Check> {
        let route = proxy::route(resolved);
        let (names, addresses) = self
            .in_time(Name::Names, async |_| names::check(resolved, route).await)
            .await;
        let (proxy, way) = match &addresses {
            Some(addresses) => {
                self.in_time(Name::Proxy, async |_| {
                    proxy::check(resolved, route, addresses).await
                })
                .await
            }
            None => (
                Check::skipped(Name::Proxy, "no address is known to connect to"),
                None,
            ),
        };
        let (tls, reached) = match way {
            Some(way) => {
                self.in_time(Name::Tls, async |_| tls::check(resolved, way).await)
                    .await
            }
            None => (Check::skipped(Name::Tls, "nothing answered"), None),
        };
        let (clock, _) = match reached {
            Some(()) => {
                self.in_time(Name::Clock, async |_| clock::check(self, resolved).await)
                    .await
            }
            None => (
                Check::skipped(Name::Clock, "no reply of the server to compare with"),
                None,
            ),
        };
        let mut checks = vec![clock, names, proxy, tls];
        checks.extend(match reached {
            Some(()) => self.service(resolved).await,
            None => Name::SERVICE
                .iter()
                .map(|name| Check::skipped(*name, "the service was not reached"))
                .collect(),
        });
        checks
    }

    /// What only the service itself can tell.
    async fn service(&self, resolved: &Resolved) -> Vec<Check> {
        let (signed_in, good) = self
            .in_time(Name::SignIn, async |limit| {
                signin::check(self, resolved, limit).await
            })
            .await;
        let mut checks = vec![signed_in];
        if good.is_none() {
            let without = Name::SERVICE.iter().skip(1);
            checks.extend(
                without.map(|name| Check::skipped(*name, "without a bearer nobody can tell")),
            );
            return checks;
        }
        let (rights, lists) = self
            .in_time(Name::Rights, async |limit| rights::check(self, limit).await)
            .await;
        checks.push(rights);
        let lists = lists.unwrap_or_else(Lists::unknown);
        checks.push(token::may_rotate(resolved, &lists));
        checks.push(rate::check(self, resolved, &lists));
        checks.push(rights::version(self, &lists));
        checks.push(token::check(resolved, &lists));
        checks
    }

    /// What an error says, with its remedy.
    fn failed(name: Name, error: &Error) -> Check {
        let remedy = error.detail().remedy.as_deref();
        Check::failed(name, error.to_string(), remedy.unwrap_or("see the message"))
    }
}
