//! Handles that can go stale without harm: a place in a table and the generation of what is there.
//! A handle that was freed, or never given out, finds nothing, and no number is a handle of two tables.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::{Code, Error, Result};

/// The tables there are: a handle's place is followed by the number of its table.
#[derive(Clone, Copy)]
pub enum HandleKind {
    Client,
    Job,
}

const KINDS: u32 = 2;

impl HandleKind {
    /// What messages call a thing of the table.
    const fn name(self) -> &'static str {
        match self {
            HandleKind::Client => "client",
            HandleKind::Job => "job",
        }
    }
}

/// Things that C holds by number.
pub struct Table<T> {
    kind: HandleKind,
    slots: Mutex<Entries<T>>,
}

struct Entries<T> {
    all: Vec<Entry<T>>,
    free: Vec<u32>,
}

struct Entry<T> {
    /// Never 0, so that no handle is.
    generation: u32,
    value: Option<Arc<T>>,
}

impl<T> Table<T> {
    pub const fn new(kind: HandleKind) -> Self {
        Table {
            kind,
            slots: Mutex::new(Entries {
                all: Vec::new(),
                free: Vec::new(),
            }),
        }
    }

    fn slots(&self) -> MutexGuard<'_, Entries<T>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives a thing a handle.
    pub fn insert(&self, value: Arc<T>) -> u64 {
        let mut slots = self.slots();
        let index = slots.free.pop().unwrap_or_else(|| {
            slots.all.push(Entry {
                generation: 1,
                value: None,
            });
            (slots.all.len() - 1) as u32
        });
        let slot = &mut slots.all[index as usize];
        slot.value = Some(value);
        let place = index * KINDS + self.kind as u32;
        u64::from(slot.generation) << 32 | u64::from(place)
    }

    /// The place and the generation that a handle of this table means.
    fn parts(&self, handle: u64) -> Option<(usize, u32)> {
        let place = (handle & u64::from(u32::MAX)) as u32;
        let is_ours = place % KINDS == self.kind as u32;
        is_ours.then_some(((place / KINDS) as usize, (handle >> 32) as u32))
    }

    /// The thing behind a handle.
    pub fn get(&self, handle: u64) -> Result<Arc<T>> {
        let (index, generation) = self.parts(handle).ok_or_else(|| self.stale())?;
        let slots = self.slots();
        slots
            .all
            .get(index)
            .filter(|slot| slot.generation == generation)
            .and_then(|slot| slot.value.clone())
            .ok_or_else(|| self.stale())
    }

    /// Takes the thing out; its handle is never valid again.
    pub fn remove(&self, handle: u64) -> Result<Arc<T>> {
        let (index, generation) = self.parts(handle).ok_or_else(|| self.stale())?;
        let mut slots = self.slots();
        let slot = slots
            .all
            .get_mut(index)
            .filter(|slot| slot.generation == generation)
            .ok_or_else(|| self.stale())?;
        let value = slot.value.take().ok_or_else(|| self.stale())?;
        // A place whose generations are used up is left out for good: after four billion uses of it.
        if let Some(next) = slot.generation.checked_add(1) {
            slot.generation = next;
            slots.free.push(index as u32);
        }
        Ok(value)
    }

    fn stale(&self) -> Error {
        Error::new(
            Code::InvalidHandle,
            format!(
                "{0}: not a valid {0} handle, or freed already",
                self.kind.name()
            ),
        )
        .with_field(self.kind.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_freed_handle_never_finds_its_successor() {
        let table = Table::new(HandleKind::Job);
        let first = table.insert(Arc::new("a"));
        assert_ne!(first, 0);
        assert_eq!(*table.get(first).unwrap(), "a");
        table.remove(first).unwrap();
        let second = table.insert(Arc::new("b"));
        assert_ne!(first, second);
        assert_eq!(table.get(first).unwrap_err().code(), Code::InvalidHandle);
        assert_eq!(table.remove(first).unwrap_err().code(), Code::InvalidHandle);
        assert_eq!(*table.get(second).unwrap(), "b");
    }

    #[test]
    fn no_number_is_a_handle_of_two_tables() {
        let (clients, jobs) = (Table::new(HandleKind::Client), Table::new(HandleKind::Job));
        for _ in 0..3 {
            let (client, job) = (clients.insert(Arc::new(1)), jobs.insert(Arc::new(2)));
            assert_ne!(client, job);
            assert!(jobs.get(client).is_err() && clients.get(job).is_err());
            assert!(jobs.remove(client).is_err() && clients.remove(job).is_err());
            assert_eq!(
                (*clients.get(client).unwrap(), *jobs.get(job).unwrap()),
                (1, 2)
            );
        }
    }

    #[test]
    fn numbers_that_were_never_handles_find_nothing() {
        let table = Table::new(HandleKind::Client);
        table.insert(Arc::new(1));
        for handle in [0, 1, u64::MAX, 1 << 32 | 7, 2 << 32] {
            assert!(table.get(handle).is_err());
        }
    }
}
