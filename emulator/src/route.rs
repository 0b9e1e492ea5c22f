//! Which method and path mean which operation.

use hyper::Method;
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};

use crate::version::Version;

/// The kinds of request, as counters and fault rules name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Token,
    Info,
    List,
    Create,
    Patch,
    Delete,
    Other,
}

impl Kind {
    /// Every kind with its name, in the order of the enum.
    pub const NAMES: [&'static str; 7] = [
        "token", "info", "list", "create", "patch", "delete", "other",
    ];
}

/// What a request asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Route {
    pub kind: Kind,
    /// None outside the API: sign-in, info, unknown paths.
    pub version: Option<Version>,
    /// The token's id, percent-decoded, for patch and delete.
    pub id: Option<String>,
    /// The path exists but not with this method.
    pub wrong_method: bool,
}

const RESOURCE: &str = "personal-access-tokens";

impl Route {
    pub fn of(method: &Method, path: &str) -> Route {
        // Path parameters, `/oauth/token;client=2`, mean nothing here: by them one program's processes are told apart.
        match path.split(';').next().unwrap_or(path) {
            "/oauth/token" => Route::outside(Kind::Token, method == Method::POST),
            "/oauth/info" => Route::outside(Kind::Info, method == Method::GET),
            _ => Route::of_resource(method, path),
        }
    }

    fn of_resource(method: &Method, path: &str) -> Route {
        let mut segments = path.strip_prefix('/').unwrap_or(path).split('/');
        let version = match (segments.next(), segments.next()) {
            (Some(RESOURCE), Some("v1")) => Some(Version::V1),
            (Some(prefix), Some(RESOURCE)) => Version::from_prefix(prefix),
            _ => None,
        };
        match (version, segments.next(), segments.next()) {
            (Some(version), None, None) => Route::of_collection(method, version),
            (Some(version), Some(id), None) => Route::of_token(method, version, id),
            (version, _, _) => Route {
                version,
                ..Route::outside(Kind::Other, true)
            },
        }
    }

    fn of_collection(method: &Method, version: Version) -> Route {
        let kind = match *method {
            Method::GET => Kind::List,
            Method::POST => Kind::Create,
            _ => Kind::Other,
        };
        Route {
            kind,
            version: Some(version),
            id: None,
            wrong_method: kind == Kind::Other,
        }
    }

    fn of_token(method: &Method, version: Version, id: &str) -> Route {
        let kind = match *method {
            Method::PATCH => Kind::Patch,
            Method::DELETE => Kind::Delete,
            _ => Kind::Other,
        };
        Route {
            kind,
            version: Some(version),
            id: Some(percent_decode_str(id).decode_utf8_lossy().into_owned()),
            wrong_method: kind == Kind::Other,
        }
    }

    fn outside(kind: Kind, right_method: bool) -> Route {
        Route {
            kind: if right_method { kind } else { Kind::Other },
            version: None,
            id: None,
            wrong_method: !right_method,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(method: Method, path: &str) -> (Kind, Option<Version>, Option<String>) {
        let route = Route::of(&method, path);
        (route.kind, route.version, route.id)
    }

    #[test]
    fn every_version_has_its_path() {
        for (path, version) in [
            ("/v3/personal-access-tokens", Version::V3),
            ("/beta/personal-access-tokens", Version::Beta),
            ("/v2024/personal-access-tokens", Version::V2024),
            ("/v2025/personal-access-tokens", Version::V2025),
            ("/v2026/personal-access-tokens", Version::V2026),
            ("/personal-access-tokens/v1", Version::V1),
        ] {
            assert_eq!(of(Method::GET, path), (Kind::List, Some(version), None));
            let one = format!("{path}/a%2Fb");
            let id = Some("a/b".to_owned());
            assert_eq!(of(Method::DELETE, &one), (Kind::Delete, Some(version), id));
        }
    }

    #[test]
    fn other_paths_are_none_of_the_operations() {
        for path in [
            "/",
            "/v1/personal-access-tokens",
            "/v2024/personal-access-tokens/a/b",
            "/v2023/x",
        ] {
            assert_eq!(of(Method::GET, path).0, Kind::Other, "{path}");
        }
        assert!(Route::of(&Method::GET, "/v3/personal-access-tokens/x").wrong_method);
        assert!(Route::of(&Method::GET, "/oauth/token").wrong_method);
        assert_eq!(of(Method::POST, "/oauth/token;client=2").0, Kind::Token);
    }
}
