//! The API versions, and in what they differ.

/// One version of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    V3,
    Beta,
    V2024,
    V2025,
    V2026,
    V1,
}

/// How a version writes a token, as far as versions differ in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Shape {
    /// `expirationDate` is left out when there is none: the schema does not allow null.
    NoNullExpiry,
    /// `expirationDate` may be null.
    NullExpiry,
    /// As `NullExpiry`, and `userAwareTokenNeverExpires` is there.
    NeverExpires,
}

impl Version {
    /// How many versions there are, for tables with one entry a version.
    pub const COUNT: usize = 6;

    /// The versions whose name is the first path segment; v1 comes after the resource instead.
    pub fn from_prefix(segment: &str) -> Option<Version> {
        match segment {
            "v3" => Some(Version::V3),
            "beta" => Some(Version::Beta),
            "v2024" => Some(Version::V2024),
            "v2025" => Some(Version::V2025),
            "v2026" => Some(Version::V2026),
            _ => None,
        }
    }

    pub fn index(self) -> usize {
        self as usize
    }

    /// Whether `userAwareTokenNeverExpires` exists, and with it expiry without upper limit.
    pub fn never_expires(self) -> bool {
        matches!(self, Version::V2025 | Version::V2026 | Version::V1)
    }

    /// Whether replies carry `X-Deprecated: true`.
    pub fn deprecated(self) -> bool {
        self == Version::V2024
    }

    pub fn shape(self) -> Shape {
        match self {
            Version::V3 | Version::V2024 => Shape::NoNullExpiry,
            Version::Beta => Shape::NullExpiry,
            Version::V2025 | Version::V2026 | Version::V1 => Shape::NeverExpires,
        }
    }
}
