//! The copies of the two pairs while a rotation is at work: beside the journal, as private as the store itself. The
//! only copy of a living token's secret is never erased (law 3), so these go only once their token is gone, or its pair
//! is where it belongs.

use std::path::PathBuf;

use crate::client::asking::blocking;
use crate::error::Result;
use crate::lifecycle::rotation::destination::Destination;
use crate::lifecycle::rotation::journal::Step;
use crate::lifecycle::rotation::run::Run;
use crate::store::{Over, Pair, Store};

/// Where the old and the new pair are kept meanwhile; nowhere where the store has no place beside it.
pub struct Copies {
    old: Option<Store>,
    new: Option<Store>,
}

impl Copies {
    pub async fn beside(
        destination: &Destination,
        folder: PathBuf,
        rotation: &str,
    ) -> Result<Self> {
        let Some(store) = destination.store().cloned() else {
            return Ok(Copies {
                old: None,
                new: None,
            });
        };
        let (old, new) = (format!("{rotation}.old"), format!("{rotation}.new"));
        blocking(move || {
            Ok(Copies {
                old: store.beside(&folder, &old)?,
                new: store.beside(&folder, &new)?,
            })
        })
        .await?
    }

    pub async fn old(&self) -> Result<Option<Pair>> {
        read(self.old.as_ref()).await
    }

    pub async fn new(&self) -> Result<Option<Pair>> {
        read(self.new.as_ref()).await
    }

    pub async fn keep_old(&self, pair: &Pair, base_url: &str) -> Result<()> {
        keep(self.old.as_ref(), pair, base_url).await
    }

    pub async fn keep_new(&self, pair: &Pair, base_url: &str) -> Result<()> {
        keep(self.new.as_ref(), pair, base_url).await
    }
}

async fn read(copy: Option<&Store>) -> Result<Option<Pair>> {
    match copy.cloned() {
        Some(copy) => blocking(move || copy.read()).await?,
        None => Ok(None),
    }
}

async fn keep(copy: Option<&Store>, pair: &Pair, base_url: &str) -> Result<()> {
    let Some(copy) = copy.cloned() else {
        return Ok(());
    };
    let (pair, base_url) = (pair.clone(), base_url.to_owned());
    blocking(move || copy.write(&pair, &base_url, Over::Anything)).await?
}

/// Which of the two tokens are gone for certain: nobody needs their secrets.
#[derive(Clone, Copy)]
pub enum Gone {
    Old,
    New,
}

impl Run<'_> {
    /// Erases the copies that nobody needs; says of the others where they are.
    pub async fn clean_up(&mut self, gone: Gone) -> Result<()> {
        if let Some(store) = self.store().cloned() {
            blocking(move || store.tidy()).await?;
        }
        let kept = [self.stored().await?, self.pair_in_use().await];
        for (copy, is_gone, what) in [
            (self.copies.old.clone(), matches!(gone, Gone::Old), "old"),
            (self.copies.new.clone(), matches!(gone, Gone::New), "new"),
        ] {
            let Some(copy) = copy else { continue };
            let held = read(Some(&copy)).await?;
            if held.is_some() && !is_gone && !kept.contains(&held) {
                let what = format!("the {what} pair, in {copy}: it is nowhere else");
                self.note(Step::Left { what })?;
                continue;
            }
            blocking(move || {
                copy.tidy();
                copy.erase()
            })
            .await??;
        }
        Ok(())
    }
}
