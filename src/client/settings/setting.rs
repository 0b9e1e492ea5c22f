//! What there is to know of one setting.

use super::Settings;
use crate::api::fields::Fields;
use crate::error::Result;

/// Reads a setting, where it is given, into the others.
pub type ReadInto = fn(&mut Settings, &mut Fields<'_>, &Setting) -> Result<()>;

/// One setting of pat_configure and pat_client_new.
pub struct Setting {
    pub name: &'static str,
    pub form: ValueForm,
    /// What is said of it beside its form, in the schema.
    pub schema: Option<&'static str>,
    /// What is said where it is given and empty.
    pub empty: Empty,
    pub read: ReadInto,
    /// When it is read.
    pub order: ReadOrder,
    /// Where else it may stand, beside what a caller gives and its variables.
    pub stands: &'static [Stand],
    /// Its row in the tables for people; none where the setting before it speaks for both.
    pub row: Option<Row>,
    /// The parameter of Set-SailPatConfiguration.
    pub parameter: Option<&'static str>,
    /// What stands there unless it is set, and what it means, in about_SailPat_Configuration; none where the parameter
    /// before it speaks for both.
    pub about: Option<(&'static str, &'static str)>,
}

/// A place for a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stand {
    /// config.json in the working folder, under this name.
    ConfigJson(&'static str),
    /// A profile.
    Profile,
}

/// A row in the table of settings.
pub struct Row {
    /// The variables that say the same, where the setting says nothing.
    pub variables: &'static [&'static str],
    pub default: &'static str,
    pub help: &'static str,
}

/// What a value looks like. The same limits are in the schema, and refused here.
#[derive(Clone, Copy)]
pub enum ValueForm {
    Text,
    Instant,
    Version,
    Flag,
    Milliseconds,
    Whole {
        least: i64,
        most: Option<i64>,
    },
    Seconds {
        most: u32,
    },
    Texts,
    /// A shape of its own, as a JSON schema.
    Own(&'static str),
}

/// What becomes of a value that is given and empty. `null` is the same as leaving out, but where that changes the
/// tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Empty {
    /// Its form refuses it, or takes it.
    AsItsForm,
    /// It is refused, with this remedy.
    IsRefused(&'static str),
    /// Without it tenant and credential are others, so `null` is refused, too.
    AndNullAreRefused(&'static str),
}

impl Empty {
    pub const fn remedy(self) -> Option<&'static str> {
        match self {
            Empty::AsItsForm => None,
            Empty::IsRefused(remedy) | Empty::AndNullAreRefused(remedy) => Some(remedy),
        }
    }
}

/// When a setting is read: after what it goes by, and before what a reader would call the lesser mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadOrder {
    /// The surroundings, by which paths go.
    Surroundings,
    /// Paths, which are found now.
    Paths,
    /// The path that is found at each call.
    LatePath,
    Rest,
}

impl ReadOrder {
    pub const ALL: [ReadOrder; 4] = [
        ReadOrder::Surroundings,
        ReadOrder::Paths,
        ReadOrder::LatePath,
        ReadOrder::Rest,
    ];
}
