//! The bodies of lists, kept between requests.

use std::collections::HashMap;

use bytes::Bytes;

use crate::version::Shape;

/// Which tokens a list holds, and how they are written.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct View {
    /// None: the whole tenant.
    pub owner: Option<String>,
    pub managed: bool,
    pub shape: Shape,
}

/// Bodies of lists without a filter, kept until something changes: a list of 100,000 tokens then
/// costs its transport alone.
#[derive(Default)]
pub(crate) struct Lists(HashMap<View, Bytes>);

impl Lists {
    pub fn get(&self, view: &View) -> Option<Bytes> {
        self.0.get(view).cloned()
    }

    pub fn keep(&mut self, view: View, body: Bytes) {
        self.0.insert(view, body);
    }

    pub fn forget(&mut self) {
        self.0.clear();
    }
}
