//! What lies about once a rotation has ended: the copies that nobody needs any more, and what its store left behind.

use crate::client::blocking::blocking;
use crate::error::Result;
use crate::lifecycle::rotation::journal::Step;
use crate::lifecycle::rotation::lock;
use crate::lifecycle::rotation::run::Run;
use crate::store::Store;

/// Which of the two tokens are gone for certain: nobody needs their secrets.
#[derive(Clone, Copy)]
pub enum Gone {
    Old,
    New,
    Both,
}

impl Run<'_> {
    /// Erases the copies that nobody needs; says of the others where they are.
    pub async fn clean_up(&mut self, gone: Gone) -> Result<()> {
        let (folder, rotation) = (self.folder()?, self.rotation().to_owned());
        let store = self.store().cloned();
        blocking(move || {
            store.inspect(Store::tidy);
            lock::forget_storing(&folder, &rotation)
        })
        .await??;
        let stored = self.stored().await?;
        for (copy, is_gone, what) in [
            (
                self.copies.old.clone(),
                matches!(gone, Gone::Old | Gone::Both),
                "old",
            ),
            (
                self.copies.new.clone(),
                matches!(gone, Gone::New | Gone::Both),
                "new",
            ),
        ] {
            let held = copy.read().await?;
            let is_only =
                held.is_some() && !is_gone && held != stored && held != self.pair_in_use().await;
            if is_only {
                let what = format!("the {what} pair, in {}: it is nowhere else", copy.store);
                self.note(Step::Left { what })?;
                continue;
            }
            copy.erase().await?;
        }
        Ok(())
    }
}
