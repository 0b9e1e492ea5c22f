//! Rights: what an identity may do, and what a bearer's scope leaves of it.

/// A set of the rights that the token operations ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rights(u8);

const MY_READ: u8 = 1;
const MY_MANAGE: u8 = 2;
const ALL_READ: u8 = 4;
const ALL_MANAGE: u8 = 8;
const MANAGED_READ: u8 = 16;

/// Names without their prefix: the service writes them with `sp:` in some places and with `idn:`
/// in others.
const NAMES: [(&str, u8); 6] = [
    ("my-personal-access-tokens:read", MY_READ),
    ("my-personal-access-tokens:manage", MY_MANAGE),
    ("all-personal-access-tokens:read", ALL_READ),
    ("all-personal-access-tokens:manage", ALL_MANAGE),
    ("managed-personal-access-tokens:read", MANAGED_READ),
    ("scopes:all", 31),
];

impl Rights {
    pub const ALL: Rights = Rights(31);
    /// What an ordinary user has: the own tokens.
    pub const OWN: Rights = Rights(MY_READ | MY_MANAGE);

    /// The right or rights of one name, in either spelling.
    pub fn named(name: &str) -> Option<Rights> {
        let bare = name
            .strip_prefix("sp:")
            .or_else(|| name.strip_prefix("idn:"))?;
        NAMES
            .iter()
            .find(|(known, _)| *known == bare)
            .map(|(_, bits)| Rights(*bits))
    }

    /// What a token's scope grants at most. No scope at all means `sp:scopes:all`; scopes of other
    /// parts of the service grant nothing here.
    pub fn of_scope(scope: Option<&[String]>) -> Rights {
        let Some(scope) = scope else {
            return Rights::ALL;
        };
        scope
            .iter()
            .filter_map(|name| Rights::named(name))
            .fold(Rights::default(), Rights::and)
    }

    /// The union of two sets.
    pub fn and(self, other: Rights) -> Rights {
        Rights(self.0 | other.0)
    }

    /// The rights in both sets.
    pub fn limited_to(self, other: Rights) -> Rights {
        Rights(self.0 & other.0)
    }

    /// The names of a set in the `sp:` spelling.
    pub fn names(self) -> Vec<String> {
        NAMES
            .iter()
            .filter(|(_, bits)| bits.count_ones() == 1 && self.has(*bits))
            .map(|(name, _)| format!("sp:{name}"))
            .collect()
    }

    pub fn list_own(self) -> bool {
        self.has(MY_READ | MY_MANAGE | ALL_READ | ALL_MANAGE)
    }

    pub fn list_all(self) -> bool {
        self.has(ALL_READ | ALL_MANAGE)
    }

    pub fn list_managed(self) -> bool {
        self.has(MANAGED_READ)
    }

    pub fn create(self) -> bool {
        self.has(MY_MANAGE | ALL_MANAGE)
    }

    /// Only the owner may patch, and only with this right: the tenant-wide one does not do.
    pub fn patch_own(self) -> bool {
        self.has(MY_MANAGE)
    }

    pub fn delete_own(self) -> bool {
        self.has(MY_MANAGE | ALL_MANAGE)
    }

    pub fn delete_all(self) -> bool {
        self.has(ALL_MANAGE)
    }

    fn has(self, any_of: u8) -> bool {
        self.0 & any_of != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_name_the_same_right() {
        let sp = Rights::named("sp:my-personal-access-tokens:read");
        assert!(sp.is_some());
        assert_eq!(sp, Rights::named("idn:my-personal-access-tokens:read"));
        assert_eq!(Rights::named("my-personal-access-tokens:read"), None);
    }

    #[test]
    fn a_scope_limits_and_never_adds() {
        let scope = ["sp:all-personal-access-tokens:manage".to_owned()];
        let left = Rights::OWN.limited_to(Rights::of_scope(Some(&scope)));
        assert_eq!(left, Rights::default());
        assert_eq!(Rights::OWN.limited_to(Rights::of_scope(None)), Rights::OWN);
    }
}
