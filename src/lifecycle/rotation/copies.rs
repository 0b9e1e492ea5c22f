//! The copies of the two pairs while a rotation is at work: beside the journal, as private as the store itself. The
//! only copy of a living token's secret is never erased (law 3), so these go only once their token is gone, or its pair
//! is where it belongs.

use std::path::{Path, PathBuf};

use crate::client::blocking::blocking;
use crate::error::Result;
use crate::lifecycle::rotation::destination::Destination;
use crate::store::file::{Format, PairFile};
use crate::store::{Over, Pair, Store};

/// Where a pair is kept meanwhile.
#[derive(Clone)]
pub struct Copy {
    pub store: Store,
    /// False where no store of this library holds the pair: then a copy is there only for as long as the pair would be
    /// nowhere else.
    is_always: bool,
}

/// The copies of the old and the new pair.
pub struct Copies {
    pub old: Copy,
    pub new: Copy,
}

impl Copies {
    pub async fn beside(
        destination: &Destination,
        folder: PathBuf,
        rotation: &str,
    ) -> Result<Self> {
        let store = destination.store().cloned();
        let (old, new) = (format!("{rotation}.old"), format!("{rotation}.new"));
        blocking(move || {
            let copy = |name: &str| copy(store.as_ref(), &folder, name);
            Ok(Copies {
                old: copy(&old)?,
                new: copy(&new)?,
            })
        })
        .await?
    }

    pub async fn old_pair(&self) -> Result<Option<Pair>> {
        self.old.read().await
    }

    pub async fn new_pair(&self) -> Result<Option<Pair>> {
        self.new.read().await
    }

    /// Keeps the old pair before the new one is written over it, and the new one, since somebody may take it out of the
    /// store again before the old token is gone.
    pub async fn keep(&self, old: Option<&Pair>, new: &Pair, base_url: &str) -> Result<()> {
        if let Some(old) = old.filter(|_| self.old.is_always) {
            self.old.keep(old, base_url).await?;
        }
        if self.new.is_always {
            self.new.keep(new, base_url).await?;
        }
        Ok(())
    }

    /// Keeps the old pair, which is nowhere else any more.
    pub async fn save_old(&self, pair: &Pair, base_url: &str) -> Result<()> {
        self.old.keep(pair, base_url).await
    }

    /// Keeps the new pair while the old one is written over it.
    pub async fn save_new(&self, pair: &Pair, base_url: &str) -> Result<()> {
        self.new.keep(pair, base_url).await
    }
}

fn copy(store: Option<&Store>, folder: &Path, name: &str) -> Result<Copy> {
    let beside = store.map(|store| store.beside(folder, name)).transpose()?;
    let in_file = || {
        Store::File(PairFile {
            path: folder.join(name),
            format: Format::Json,
        })
    };
    Ok(Copy {
        store: beside.flatten().unwrap_or_else(in_file),
        is_always: store.is_some(),
    })
}

impl Copy {
    pub async fn read(&self) -> Result<Option<Pair>> {
        let store = self.store.clone();
        blocking(move || store.read()).await?
    }

    async fn keep(&self, pair: &Pair, base_url: &str) -> Result<()> {
        let (store, pair, base_url) = (self.store.clone(), pair.clone(), base_url.to_owned());
        blocking(move || store.write(&pair, &base_url, Over::Anything)).await?
    }

    pub async fn erase(self) -> Result<()> {
        blocking(move || {
            self.store.tidy();
            self.store.erase()
        })
        .await?
    }
}
