//! Every setting, once. The parser walks this table; tests hold the schema, the table of settings for people and
//! about_SailPat_Configuration against it.

use super::read;
use super::setting::{Empty, ReadOrder, Row, Setting, Stand, ValueForm};

/// The settings, in the order of the documents.
pub const SETTINGS: &[Setting] = &[
    Setting {
        name: "baseUrl",
        form: ValueForm::Text,
        schema: None,
        empty: Empty::IsRefused("leave it out to go by variables and files"),
        read: |settings, fields, setting| {
            settings.base_url = fields.string(setting.name)?;
            Ok(())
        },
        order: ReadOrder::Rest,
        stands: &[Stand::ConfigJson("BaseURL"), Stand::Profile],
        row: Some(Row {
            variables: &["SAIL_BASE_URL"],
            default: "-",
            help: "`https://{tenant}.api.identitynow.com`, or a vanity URL",
        }),
        parameter: Some("BaseUrl"),
        about: Some(("-", "the tenant, or its vanity URL")),
    },
    Setting {
        name: "tokenUrl",
        form: ValueForm::Text,
        schema: None,
        empty: Empty::IsRefused("leave it out to sign in below the base URL"),
        read: |settings, fields, setting| {
            settings.token_url = fields.string(setting.name)?;
            Ok(())
        },
        order: ReadOrder::Rest,
        stands: &[Stand::Profile],
        row: Some(Row {
            variables: &[],
            default: "`{baseUrl}/oauth/token`",
            help: "where to sign in; a vanity URL is asked for it",
        }),
        parameter: Some("TokenUrl"),
        about: Some(("found out", "where to sign in")),
    },
    Setting {
        name: "clientId",
        form: ValueForm::Text,
        schema: None,
        empty: Empty::IsRefused("leave it out to go by variables and files"),
        read: |settings, fields, _| {
            settings.client_id = read::client_id(fields)?;
            Ok(())
        },
        order: ReadOrder::Rest,
        stands: &[Stand::ConfigJson("ClientId"), Stand::Profile],
        row: Some(Row {
            variables: &["SAIL_CLIENT_ID"],
            default: "-",
            help: "a token's id",
        }),
        parameter: Some("ClientId"),
        about: Some(("-", "the token to sign in with")),
    },
    Setting {
        name: "clientSecret",
        form: ValueForm::Text,
        schema: None,
        empty: Empty::IsRefused("leave it out to go by variables and files"),
        read: |settings, fields, setting| {
            settings.client_secret = read::secret(fields, setting.name)?;
            Ok(())
        },
        order: ReadOrder::Rest,
        stands: &[Stand::ConfigJson("ClientSecret"), Stand::Profile],
        row: Some(Row {
            variables: &["SAIL_CLIENT_SECRET"],
            default: "-",
            help: "that token's secret",
        }),
        parameter: Some("ClientSecret"),
        about: None,
    },
    Setting {
        name: "token",
        form: ValueForm::Text,
        schema: Some("A bearer to use as it is."),
        empty: Empty::IsRefused("leave it out to sign in"),
        read: |settings, fields, setting| {
            settings.token = read::secret(fields, setting.name)?;
            Ok(())
        },
        order: ReadOrder::Rest,
        stands: &[],
        row: Some(Row {
            variables: &[],
            default: "",
            help: "a bearer to use as it is, instead of signing in",
        }),
        parameter: Some("Token"),
        about: Some(("-", "a bearer to use as it is")),
    },
    Setting {
        name: "tokenExpiration",
        form: ValueForm::Instant,
        schema: None,
        empty: Empty::AsItsForm,
        read: |settings, fields, setting| {
            settings.token_expiration = fields.instant(setting.name)?;
            Ok(())
        },
        order: ReadOrder::Rest,
        stands: &[],
        row: None,
        parameter: Some("TokenExpiration"),
        about: None,
    },
    Setting {
        name: "apiVersion",
        form: ValueForm::Version,
        schema: None,
        empty: Empty::IsRefused("leave it out for the default one"),
        read: |settings, fields, _| {
            settings.api_version = read::api_version(fields)?;
            Ok(())
        },
        order: ReadOrder::Rest,
        stands: &[Stand::Profile],
        row: Some(Row {
            variables: &[],
            default: "`v2024`",
            help: "`v2024`, `v3`, `beta`, `v2025`, `v2026` or `v1`",
        }),
        parameter: Some("ApiVersion"),
        about: Some((
            "v2024",
            "for the SailPat commands; v1 also moves the V2024 commands to v1",
        )),
    },
    Setting {
        name: "proxy",
        form: ValueForm::Own(PROXY),
        schema: Some("A URL, an object, or false for none at all."),
        empty: Empty::IsRefused("leave it out to go by variables, or give false for none"),
        read: |settings, fields, _| {
            settings.proxy = read::proxy(fields)?;
            Ok(())
        },
        order: ReadOrder::Rest,
        stands: &[],
        row: Some(Row {
            variables: &["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"],
            default: "none",
            help: "a URL, `{\"url\",\"username\",\"password\",\"bypass\":[…]}`, or `false` for none; see below",
        }),
        parameter: Some("Proxy"),
        about: Some(("environment", "a WebProxy, a URL, or $false for none")),
    },
    Setting {
        name: "caFile",
        form: ValueForm::Text,
        schema: None,
        empty: Empty::IsRefused("leave it out to trust the system's own alone"),
        read: read::ca_file,
        order: ReadOrder::LatePath,
        stands: &[],
        row: Some(Row {
            variables: &["SSL_CERT_FILE", "SSL_CERT_DIR"],
            default: "the system's",
            help: "a CA in PEM to trust besides the system's; the variables replace the system's",
        }),
        parameter: Some("CaFile"),
        about: Some((
            "system",
            "certificates to trust besides the system's, as PEM",
        )),
    },
    Setting {
        name: "skipCertificateCheck",
        form: ValueForm::Flag,
        schema: None,
        empty: Empty::AsItsForm,
        read: |settings, fields, setting| {
            settings.skip_certificate_check = fields.boolean(setting.name)?.unwrap_or(false);
            Ok(())
        },
        order: ReadOrder::Rest,
        stands: &[],
        row: Some(Row {
            variables: &[],
            default: "`false`",
            help: "trust any certificate; for a laboratory only",
        }),
        parameter: Some("SkipCertificateCheck"),
        about: Some(("false", "trust any certificate; for tests")),
    },
    Setting {
        name: "timeoutMs",
        form: ValueForm::Milliseconds,
        schema: None,
        empty: Empty::AsItsForm,
        read: |settings, fields, setting| {
            if let Some(value) = read::milliseconds(fields, setting.name)? {
                settings.timeout = value;
            }
            Ok(())
        },
        order: ReadOrder::Rest,
        stands: &[],
        row: Some(Row {
            variables: &[],
            default: "100000",
            help: "one deadline for a whole call: sources, sign-in, waits and retries included; a store that is written to has its own (docs/abi.md)",
        }),
        parameter: Some("TimeoutSec"),
        about: Some(("100", "the deadline of a whole call")),
    },
    Setting {
        name: "connectTimeoutMs",
        form: ValueForm::Milliseconds,
        schema: None,
        empty: Empty::AsItsForm,
        read: |settings, fields, setting| {
            if let Some(value) = read::milliseconds(fields, setting.name)? {
                settings.connect_timeout = value;
            }
            Ok(())
        },
        order: ReadOrder::Rest,
        stands: &[],
        row: Some(Row {
            variables: &[],
            default: "10000",
            help: "for one connection",
        }),
        parameter: Some("ConnectTimeoutSec"),
        about: Some(("10", "the time for connecting")),
    },
    Setting {
        name: "maximumRetryCount",
        form: ValueForm::Whole {
            least: 0,
            most: Some(100),
        },
        schema: None,
        empty: Empty::AsItsForm,
        read: |settings, fields, setting| {
            if let Some(value) = read::whole(fields, setting)? {
                settings.law.maximum_retries = value as u32;
            }
            Ok(())
        },
        order: ReadOrder::Rest,
        stands: &[],
        row: Some(Row {
            variables: &[],
            default: "3",
            help: "repeats after 429, 502, 503, 504 and connection faults; never of a create",
        }),
        parameter: Some("MaximumRetryCount"),
        about: Some(("3", "repetitions of what is safe")),
    },
    Setting {
        name: "retryIntervalSeconds",
        form: ValueForm::Seconds { most: 3_600 },
        schema: None,
        empty: Empty::AsItsForm,
        read: |settings, fields, setting| {
            if let Some(value) = read::seconds(fields, setting)? {
                settings.law.interval = value;
            }
            Ok(())
        },
        order: ReadOrder::Rest,
        stands: &[],
        row: Some(Row {
            variables: &[],
            default: "0.5",
            help: "the first wait, doubled each time, up to 30; a `Retry-After` goes before it",
        }),
        parameter: Some("RetryIntervalSeconds"),
        about: Some(("0.5", "the first pause, then doubled")),
    },
    Setting {
        name: "rateLimit",
        form: ValueForm::Own(RATE_LIMIT),
        schema: Some("null: no pacing."),
        empty: Empty::AsItsForm,
        read: |settings, fields, _| {
            settings.rate = read::rate(fields)?;
            Ok(())
        },
        order: ReadOrder::Rest,
        stands: &[],
        row: Some(Row {
            variables: &[],
            default: "`{\"requests\":100,\"perSeconds\":10}`",
            help: "own pacing, per client id and version, for the whole process, first come first served; clients with the same rate share it, and all together keep to the widest rate among them; `null` for none",
        }),
        parameter: Some("RateLimit"),
        about: Some(("100 in 10 s", "the module's own pace, or none")),
    },
    Setting {
        name: "maximumReplyBytes",
        form: ValueForm::Whole {
            least: 1,
            most: None,
        },
        schema: None,
        empty: Empty::AsItsForm,
        read: |settings, fields, setting| {
            if let Some(value) = read::whole(fields, setting)? {
                settings.maximum_reply_bytes = value as u64;
            }
            Ok(())
        },
        order: ReadOrder::Rest,
        stands: &[],
        row: Some(Row {
            variables: &[],
            default: "536870912",
            help: "a larger reply is refused",
        }),
        parameter: Some("MaximumReplyBytes"),
        about: Some(("512 MiB", "the largest reply to take")),
    },
    Setting {
        name: "allowHttpHosts",
        form: ValueForm::Texts,
        schema: None,
        empty: Empty::IsRefused("leave it out for none"),
        read: |settings, fields, setting| {
            settings.allow_http_hosts = fields.strings(setting.name)?.unwrap_or_default();
            Ok(())
        },
        order: ReadOrder::Rest,
        stands: &[],
        row: Some(Row {
            variables: &[],
            default: "none",
            help: "remote hosts, by name alone, that may be spoken to over plain http; loopback always may",
        }),
        parameter: Some("AllowHttpHost"),
        about: Some(("this machine", "hosts to speak to without TLS")),
    },
    Setting {
        name: "defaultHeaders",
        form: ValueForm::Own(HEADERS),
        schema: None,
        empty: Empty::IsRefused("leave it out for none"),
        read: |settings, fields, _| {
            settings.default_headers = read::default_headers(fields)?;
            Ok(())
        },
        order: ReadOrder::Rest,
        stands: &[],
        row: Some(Row {
            variables: &[],
            default: "none",
            help: "headers for every request",
        }),
        parameter: Some("DefaultHeaders"),
        about: Some(("none", "headers for every request")),
    },
    Setting {
        name: "consumerIdentifier",
        form: ValueForm::Text,
        schema: None,
        empty: Empty::IsRefused("leave it out for none"),
        read: |settings, fields, setting| {
            settings.consumer = fields.string(setting.name)?;
            Ok(())
        },
        order: ReadOrder::Rest,
        stands: &[],
        row: Some(Row {
            variables: &[],
            default: "none",
            help: "who is calling, for the User-Agent",
        }),
        parameter: None,
        about: None,
    },
    Setting {
        name: "consumerVersion",
        form: ValueForm::Text,
        schema: None,
        empty: Empty::IsRefused("leave it out for none"),
        read: read::consumer_version,
        order: ReadOrder::Rest,
        stands: &[],
        row: None,
        parameter: None,
        about: None,
    },
    Setting {
        name: "replyHeaders",
        form: ValueForm::Flag,
        schema: None,
        empty: Empty::AsItsForm,
        read: |settings, fields, setting| {
            settings.reply_headers = fields.boolean(setting.name)?.unwrap_or(false);
            Ok(())
        },
        order: ReadOrder::Rest,
        stands: &[],
        row: Some(Row {
            variables: &[],
            default: "`false`",
            help: "put the reply's headers, and the call's log lines, into `meta`",
        }),
        parameter: None,
        about: None,
    },
    Setting {
        name: "replyLog",
        form: ValueForm::Flag,
        schema: None,
        empty: Empty::AsItsForm,
        read: |settings, fields, setting| {
            settings.reply_log = fields.boolean(setting.name)?.unwrap_or(false);
            Ok(())
        },
        order: ReadOrder::Rest,
        stands: &[],
        row: None,
        parameter: None,
        about: None,
    },
    Setting {
        name: "environment",
        form: ValueForm::Own(ENVIRONMENT),
        schema: Some("A snapshot of variables; null for one that is not set."),
        empty: Empty::AsItsForm,
        read: read::environment,
        order: ReadOrder::Surroundings,
        stands: &[],
        row: Some(Row {
            variables: &[],
            default: "the process's",
            help: "a snapshot to use instead; nothing is then read from the process",
        }),
        parameter: None,
        about: None,
    },
    Setting {
        name: "workingDirectory",
        form: ValueForm::Text,
        schema: None,
        empty: Empty::IsRefused("leave it out for the process's own"),
        read: read::working_directory,
        order: ReadOrder::Surroundings,
        stands: &[],
        row: None,
        parameter: None,
        about: None,
    },
    Setting {
        name: "profile",
        form: ValueForm::Own(PROFILE),
        schema: Some("The name of the profile that says which tenant, and as whom."),
        empty: Empty::AndNullAreRefused(
            "leave it out for what variables and files say, else the default profile",
        ),
        read: |settings, fields, setting| {
            settings.profile = fields.string(setting.name)?;
            Ok(())
        },
        order: ReadOrder::Rest,
        stands: &[],
        row: Some(Row {
            variables: &[],
            default: "none",
            help: "a tenant by name; see below",
        }),
        parameter: Some("Profile"),
        about: Some(("none", "the tenant and credential by name")),
    },
    Setting {
        name: "source",
        form: ValueForm::Own(SOURCE),
        schema: Some("Where the pair is kept: a store that can be read."),
        empty: Empty::AndNullAreRefused(
            "name one store in it, or leave it out to go by variables and files",
        ),
        read: read::source,
        order: ReadOrder::Paths,
        stands: &[Stand::Profile],
        row: Some(Row {
            variables: &[],
            default: "none",
            help: "where the pair is kept, looked at first: `{\"file\"}`, `{\"command\"}`, `{\"keyring\"}` or `{\"commandLine\"}`, see docs/rotation.md",
        }),
        parameter: Some("Source"),
        about: Some(("none", "read for the pair at each call")),
    },
    Setting {
        name: "stateFolder",
        form: ValueForm::Text,
        schema: Some("The library's own folder; SAILPAT_HOME, else ~/.sailpat, by default."),
        empty: Empty::IsRefused("leave it out for SAILPAT_HOME, else ~/.sailpat"),
        read: read::state_folder,
        order: ReadOrder::Paths,
        stands: &[],
        row: Some(Row {
            variables: &["SAILPAT_HOME"],
            default: "`~/.sailpat`",
            help: "the library's own folder: profiles, change log, journals",
        }),
        parameter: None,
        about: None,
    },
    Setting {
        name: "changeLog",
        form: ValueForm::Flag,
        schema: Some(
            "Write every change to the change log; as SAILPAT_CHANGE_LOG says by default.",
        ),
        empty: Empty::AsItsForm,
        read: |settings, fields, setting| {
            settings.change_log = fields.boolean(setting.name)?;
            Ok(())
        },
        order: ReadOrder::Rest,
        stands: &[],
        row: Some(Row {
            variables: &["SAILPAT_CHANGE_LOG"],
            default: "`false`",
            help: "write every change to `changes.jsonl` there; what cannot be written down is not changed",
        }),
        parameter: Some("ChangeLog"),
        about: Some(("variable", "write every change down")),
    },
];

const PROXY: &str = r#"{"anyOf": [{"type": ["string", "null"], "pattern": "\\S"}, {"const": false}, {"type": "object", "required": ["url"], "properties": {"url": {"type": "string", "pattern": "\\S"}, "username": {"type": ["string", "null"], "pattern": "\\S"}, "password": {"type": ["string", "null"], "pattern": "\\S"}, "bypass": {"type": ["array", "null"], "minItems": 1, "items": {"type": "string", "pattern": "\\S"}}}, "additionalProperties": false}]}"#;
const RATE_LIMIT: &str = r#"{"anyOf": [{"type": "null"}, {"type": "object", "required": ["requests", "perSeconds"], "properties": {"requests": {"type": "integer", "minimum": 1, "maximum": 1000000}, "perSeconds": {"type": "number", "exclusiveMinimum": 0, "maximum": 3600}}, "additionalProperties": false}]}"#;
const HEADERS: &str = r#"{"type": ["object", "null"], "additionalProperties": {"type": ["string", "null"]}, "minProperties": 1}"#;
const ENVIRONMENT: &str =
    r#"{"type": ["object", "null"], "additionalProperties": {"type": ["string", "null"]}}"#;
const SOURCE: &str = r#"{"$ref": "urn:sailpat:schema:rotation#/$defs/storeIn"}"#;
const PROFILE: &str = r#"{"type": "string", "pattern": "\\S"}"#;
