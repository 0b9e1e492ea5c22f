//! The one table of API versions. A new version is one row here.

use crate::error::{Error, Result};

/// What a version says about a token's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// At most six months after creation, which is also the default (v3, beta, v2024).
    WithinSixMonths,
    /// Any date in the future; none at all only with `userAwareTokenNeverExpires: true` (v2025 and later).
    NeverNeedsConsent,
}

/// One version of the service's interface.
#[derive(Debug, PartialEq, Eq)]
pub struct Version {
    pub name: &'static str,
    /// Path of the collection, relative to the base URL.
    pub collection: &'static str,
    pub expiry: Expiry,
}

/// All versions, the default first.
pub static VERSIONS: &[Version] = &[
    Version {
        name: "v2024",
        collection: "/v2024/personal-access-tokens",
        expiry: Expiry::WithinSixMonths,
    },
    Version {
        name: "v3",
        collection: "/v3/personal-access-tokens",
        expiry: Expiry::WithinSixMonths,
    },
    Version {
        name: "beta",
        collection: "/beta/personal-access-tokens",
        expiry: Expiry::WithinSixMonths,
    },
    Version {
        name: "v2025",
        collection: "/v2025/personal-access-tokens",
        expiry: Expiry::NeverNeedsConsent,
    },
    Version {
        name: "v2026",
        collection: "/v2026/personal-access-tokens",
        expiry: Expiry::NeverNeedsConsent,
    },
    Version {
        name: "v1",
        collection: "/personal-access-tokens/v1",
        expiry: Expiry::NeverNeedsConsent,
    },
];

/// The version that counts when none is named.
pub fn default_version() -> &'static Version {
    &VERSIONS[0]
}

/// The version called `name`, case ignored; else an error that lists them.
pub fn find(name: &str) -> Result<&'static Version> {
    VERSIONS
        .iter()
        .find(|version| version.name.eq_ignore_ascii_case(name))
        .ok_or_else(|| {
            let names: Vec<&str> = VERSIONS.iter().map(|version| version.name).collect();
            Error::field("apiVersion", format!("must be one of {}", names.join(", ")))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v2024_is_the_default() {
        assert_eq!(default_version().name, "v2024");
    }

    #[test]
    fn names_are_found_in_any_case_and_a_wrong_one_lists_them() {
        assert_eq!(find("V2025").unwrap().name, "v2025");
        let error = find("v2023").unwrap_err().to_string();
        let names = VERSIONS.iter().map(|version| version.name);
        assert!(
            error.contains(&names.collect::<Vec<_>>().join(", ")),
            "{error}"
        );
    }

    #[test]
    fn only_v1_puts_the_resource_first() {
        for version in VERSIONS {
            let expected = match version.name {
                "v1" => "/personal-access-tokens/v1".to_owned(),
                name => format!("/{name}/personal-access-tokens"),
            };
            assert_eq!(version.collection, expected);
        }
    }
}
