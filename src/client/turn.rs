//! A request's turn under the rate limit: it waits in the queue of its credential, or says at once that the wait is
//! longer than the call has time for.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::client::call::Call;
use crate::client::chance::share;
use crate::client::monitor::{Monitor, WaitReason};
use crate::client::pacing::{Admission, Pacer, Permit, Rate, Why};
use crate::error::{Code, Error, Result};

/// Callers without a pace that wait for the same moment come back spread over this time.
const LONGEST_STAGGER: Duration = Duration::from_millis(50);

/// Takes a permit under the rate limit, waiting where needed; past the deadline it fails at once. None where the
/// settings want no pace.
pub async fn pace(call: &Call<'_>) -> Result<Option<Permit>> {
    let credential = &call.resolved.credential;
    let left = || call.remaining();
    if let Some(rate) = call.settings.rate {
        let pacer = credential.pacer(call.version.name);
        return take(&pacer, rate, call.monitor, &left).await.map(Some);
    }
    while let Some(wait) = credential.blocked_for() {
        in_time(wait, Why::Block, &left)?;
        let later = wait + LONGEST_STAGGER.mul_f64(share());
        call.monitor.pause(later, WaitReason::RateLimit).await;
    }
    Ok(None)
}

/// Waits for a permit. Dropping it leaves the queue.
async fn take(
    pacer: &Arc<Pacer>,
    rate: Rate,
    monitor: &Monitor,
    left: &(dyn Fn() -> Duration + Sync),
) -> Result<Permit> {
    let ticket = pacer.queue(rate, monitor.number_in_queue());
    loop {
        let (wait, why) = match ticket.look() {
            Admission::Go(permit) => return Ok(permit),
            Admission::Wait(wait, why) => (wait, why),
        };
        in_time(wait, why, left)?;
        monitor.begin_wait(Instant::now() + wait, WaitReason::RateLimit);
        let _ = tokio::time::timeout(wait, ticket.told()).await;
        monitor.end_wait();
    }
}

/// Refuses a wait that is longer than the call has time for.
fn in_time(wait: Duration, why: Why, left: &(dyn Fn() -> Duration + Sync)) -> Result<()> {
    if wait < left() {
        return Ok(());
    }
    let why = match why {
        Why::Block => "the service asked this credential to wait",
        Why::Pace => "this library keeps to the rate limit",
    };
    let seconds = wait.as_secs_f64().ceil();
    Err(Error::new(
        Code::RateLimited,
        format!("{why}: {seconds} s, longer than this call has left; nothing was sent"),
    )
    .retryable()
    .with_retry_after(wait)
    .with_remedy("call again after that time, or give a longer timeoutMs"))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use tokio::time::{self, Instant};

    use super::*;
    use crate::client::pacing::Block;

    const FIVE: Rate = Rate {
        requests: 5,
        window: Duration::from_secs(10),
    };
    const STRICT: Rate = Rate {
        requests: 10,
        window: Duration::from_secs(10),
    };

    const ONE: Rate = Rate {
        requests: 1,
        window: Duration::from_secs(10),
    };

    fn for_ever() -> Duration {
        Duration::from_secs(86_400)
    }

    async fn turn(pacer: &Arc<Pacer>, rate: Rate) -> Permit {
        take(pacer, rate, &Monitor::default(), &for_ever)
            .await
            .unwrap()
    }

    /// A call of that many milliseconds.
    async fn call(pacer: &Arc<Pacer>, rate: Rate, ms: u64) {
        let _permit = turn(pacer, rate).await;
        time::sleep(Duration::from_millis(ms)).await;
    }

    type Served = Arc<Mutex<Vec<usize>>>;

    /// One caller after the other is served: one permit.
    fn queued(pacer: &Arc<Pacer>, served: &Served, number: usize) -> tokio::task::JoinHandle<()> {
        let (pacer, served) = (pacer.clone(), served.clone());
        tokio::spawn(async move {
            let permit = turn(&pacer, ONE).await;
            served.lock().unwrap().push(number);
            drop(permit);
        })
    }

    #[tokio::test(start_paused = true)]
    async fn who_comes_first_is_served_first() {
        let (pacer, served) = (Arc::new(Pacer::default()), Served::default());
        let begun = Instant::now();
        let mut calls = Vec::new();
        for number in 0..23 {
            calls.push(queued(&pacer, &served, number));
            tokio::task::yield_now().await;
        }
        for call in calls {
            call.await.unwrap();
        }
        assert_eq!(*served.lock().unwrap(), (0..23).collect::<Vec<_>>());
        let took = begun.elapsed().as_secs_f64();
        assert!((220.0..220.5).contains(&took), "{took}");
    }

    #[tokio::test(start_paused = true)]
    async fn who_gives_up_leaves_the_queue_and_all_behind_move_up() {
        let (pacer, served) = (Arc::new(Pacer::default()), Served::default());
        queued(&pacer, &served, 0).await.unwrap();
        let begun = Instant::now();
        let mut waiting = Vec::new();
        for number in 1..12 {
            waiting.push(queued(&pacer, &served, number));
            tokio::task::yield_now().await;
        }
        for gone in waiting.drain(..7) {
            gone.abort();
        }
        for call in waiting {
            call.await.unwrap();
        }
        assert_eq!(*served.lock().unwrap(), [0, 8, 9, 10, 11]);
        let took = begun.elapsed().as_secs_f64();
        assert!((39.9..40.5).contains(&took), "{took}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_permit_that_was_given_and_not_used_is_the_next_ones() {
        let pacer = Arc::new(Pacer::default());
        drop(turn(&pacer, ONE).await);
        let (first, second) = (pacer.queue(ONE, 1), pacer.queue(ONE, 2));
        assert!(matches!(first.look(), Admission::Wait(..)));
        time::advance(Duration::from_secs(10)).await;
        // The second one's look gives the first its permit, and that one has gone.
        assert!(matches!(second.look(), Admission::Wait(..)));
        drop(first);
        assert!(matches!(second.look(), Admission::Go(_)));
    }

    /// How many calls a caller got done within the time, one after the other.
    fn caller(
        pacer: &Arc<Pacer>,
        rate: Rate,
        time: Duration,
    ) -> tokio::task::JoinHandle<(u32, Duration)> {
        let pacer = pacer.clone();
        tokio::spawn(async move {
            let (begun, mut done, mut longest) = (Instant::now(), 0, Duration::ZERO);
            while begun.elapsed() < time {
                let asked = Instant::now();
                call(&pacer, rate, 20).await;
                longest = longest.max(asked.elapsed());
                done += 1;
            }
            (done, longest)
        })
    }

    #[tokio::test(start_paused = true)]
    async fn forty_callers_get_the_same_share_and_nobody_waits_much_longer_than_that_takes() {
        let pacer = Arc::new(Pacer::default());
        let minute = Duration::from_secs(60);
        let callers: Vec<_> = (0..40)
            .map(|_| caller(&pacer, Rate::default(), minute))
            .collect();
        let mut counts = Vec::new();
        for caller in callers {
            let (done, longest) = caller.await.unwrap();
            // The whole of a window may be taken at its beginning; then it is one window's wait.
            assert!(longest < Duration::from_secs(11), "{longest:?}");
            counts.push(done);
        }
        let (least, most) = (counts.iter().min().unwrap(), counts.iter().max().unwrap());
        assert!(most - least <= 1, "{counts:?}");
        assert!(*least >= 15, "{counts:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_strict_client_gets_its_share_beside_lax_ones() {
        let pacer = Arc::new(Pacer::default());
        let minute = Duration::from_secs(60);
        let lax: Vec<_> = (0..20)
            .map(|_| caller(&pacer, Rate::default(), minute))
            .collect();
        let strict = caller(&pacer, STRICT, minute).await.unwrap().0;
        let mut all = strict;
        for caller in lax {
            all += caller.await.unwrap().0;
        }
        assert!((600..=721).contains(&all), "{all}");
        assert!(strict >= 28, "of {all} for 21 callers only {strict}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_strict_client_keeps_to_its_rate_and_holds_no_lax_one_up() {
        let pacer = Arc::new(Pacer::default());
        let begun = Instant::now();
        let strict: Vec<_> = (0..30)
            .map(|_| {
                let pacer = pacer.clone();
                tokio::spawn(async move { call(&pacer, STRICT, 20).await })
            })
            .collect();
        tokio::task::yield_now().await;
        assert_eq!(pacer.taken(&STRICT), 10);
        for _ in 0..50 {
            call(&pacer, Rate::default(), 20).await;
        }
        assert!(begun.elapsed() < Duration::from_secs(2));
        for call in strict {
            call.await.unwrap();
        }
        assert!(begun.elapsed() >= Duration::from_secs(20));
    }

    #[tokio::test(start_paused = true)]
    async fn the_order_stays_over_a_block_and_who_was_turned_away_keeps_its_place() {
        let block = Arc::new(Block::default());
        let (pacer, served) = (Arc::new(Pacer::under(block.clone())), Served::default());
        let turned_away = Monitor::default();
        drop(take(&pacer, ONE, &turned_away, &for_ever).await.unwrap());
        block.extend(Duration::from_secs(30));
        let mut calls = Vec::new();
        for number in 1..5 {
            calls.push(queued(&pacer, &served, number));
            tokio::task::yield_now().await;
        }
        let again = {
            let (pacer, served) = (pacer.clone(), served.clone());
            tokio::spawn(async move {
                drop(take(&pacer, ONE, &turned_away, &for_ever).await.unwrap());
                served.lock().unwrap().push(0);
            })
        };
        let begun = Instant::now();
        for call in calls.into_iter().chain([again]) {
            call.await.unwrap();
        }
        assert!(begun.elapsed() >= Duration::from_secs(30));
        assert_eq!(*served.lock().unwrap(), [0, 1, 2, 3, 4]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_that_is_longer_than_the_call_is_said_at_once() {
        let pacer = Arc::new(Pacer::default());
        let permits: Vec<_> = [turn(&pacer, FIVE).await, turn(&pacer, FIVE).await].into();
        for _ in 0..3 {
            drop(turn(&pacer, FIVE).await);
        }
        let begun = Instant::now();
        let left = || Duration::from_secs(9);
        let result = take(&pacer, FIVE, &Monitor::default(), &left).await;
        let error = result.err().unwrap();
        assert_eq!(error.code(), Code::RateLimited);
        assert!(begun.elapsed() < Duration::from_secs(1));
        assert_eq!(error.detail().retry_after, Some(Duration::from_secs(10)));
        // Behind three that wait already it is the fourth permit: one that is in flight.
        let _ahead: Vec<_> = (1..4).map(|number| pacer.queue(FIVE, number)).collect();
        let error = take(&pacer, FIVE, &Monitor::default(), &left)
            .await
            .err()
            .unwrap();
        assert!(error.detail().retry_after >= Some(Duration::from_secs(10)));
        drop(permits);
        assert_eq!(pacer.taken(&FIVE), 5);
    }
}
