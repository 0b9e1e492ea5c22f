//! The create request, in its two forms: the service's body alone, or `{"body":…}` with options beside it.
//!
//! A body comes from files, pipelines and other people; options are the caller's own, and one of them runs
//! programs. So they never share an object, and nothing that stands in a body is ever an option.

use std::sync::Arc;

use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::api::create::{self, Create};
use crate::api::fields::Fields;
use crate::api::version::Version;
use crate::client::settings::Settings;
use crate::client::{Answer, Client, Context, Options};
use crate::error::{Error, Result};
use crate::lifecycle::changes::{Change, logged};
use crate::lifecycle::rotation::destination::Destination;
use crate::ops::options::options;
use crate::ops::rotations;

/// What may stand beside a body.
const OPTIONS: &[&str] = &["apiVersion", "timeoutMs", "storeIn"];

/// A request as it was read.
struct CreateRequest {
    create: Create,
    destination: Option<Destination>,
}

pub async fn create(
    client: Arc<Client>,
    json: Zeroizing<String>,
    context: Context,
) -> Result<Answer> {
    let options = options_of(&json)?;
    let begun = client.begin(options, &context).await;
    let CreateRequest {
        create,
        destination,
    } = read(client.settings(), begun.version(), &json)?;
    if let Some(destination) = destination {
        return rotations::create_and_store(&client, create, destination, options, &context).await;
    }
    context.monitor.cancel.is_create();
    let change = Change::new("create", None, Some(&create.name));
    let work = client.create(&begun, &create, &context);
    logged(&client, &begun, change, work).await
}

/// The options beside a body, as far as they can be read; what is wrong with them, `read` says.
fn options_of(json: &str) -> Result<Options> {
    let mut fields = Fields::of_request(json)?;
    let has_options = fields.has("body");
    let options = has_options.then(|| options(&mut fields).unwrap_or_default());
    Ok(options.unwrap_or_default())
}

/// The member `body` decides which form it is: the service's own body has none.
fn read(settings: &Settings, version: &Version, json: &str) -> Result<CreateRequest> {
    let fields = Fields::of_request(json)?;
    if fields.has("body") {
        beside(settings, version, fields)
    } else {
        bare(version, fields, json)
    }
}

/// The service's body alone.
fn bare(version: &Version, fields: Fields<'_>, json: &str) -> Result<CreateRequest> {
    let create = create::from_fields(version, fields, json.trim(), Timestamp::now());
    Ok(CreateRequest {
        create: create.map_err(belongs_beside)?,
        destination: None,
    })
}

/// A body in `body`, and options beside it.
fn beside(settings: &Settings, version: &Version, mut fields: Fields<'_>) -> Result<CreateRequest> {
    let known = [&["body"], OPTIONS].concat();
    fields.only(&known).map_err(|error| {
        error.with_remedy("what is the service's goes into body, with name and scope")
    })?;
    options(&mut fields)?;
    let remedy = "name one store in it, or leave it out to get the secret in the reply";
    let destination = rotations::destination(&mut fields, settings, remedy)?;
    let text = match fields.raw_or_null("body").map(|body| body.get()) {
        Some(text) if text.starts_with('{') => text,
        _ => return Err(fields.breaks("body", "must be an object, with name and scope in it")),
    };
    // Read as a request of its own: its fields are named as the service names them.
    let body = Fields::of_request(text)?;
    Ok(CreateRequest {
        create: create::from_fields(version, body, text, Timestamp::now())?,
        destination,
    })
}

/// Where an option goes that was put into a body.
fn belongs_beside(error: Error) -> Error {
    let option = error.detail().field.clone();
    match option.filter(|field| OPTIONS.contains(&field.as_str())) {
        Some(option) => error.with_remedy(format!(
            "an option goes beside the body: {{\"body\":{{…}},\"{option}\":…}}"
        )),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use crate::api::version;

    use super::*;

    fn asked(json: &str) -> Result<CreateRequest> {
        read(&Settings::default(), version::default_version(), json)
    }

    fn refusal(json: &str) -> (String, String, String) {
        let error = asked(json).err().unwrap();
        let detail = error.detail().clone();
        assert_eq!(detail.code, crate::error::Code::InvalidRequest, "{json}");
        (
            detail.message,
            detail.field.unwrap_or_default(),
            detail.remedy.unwrap_or_default(),
        )
    }

    const KNOWN: &str =
        "is not a known field; known are name, scope, accessTokenValiditySeconds, expirationDate";

    #[test]
    fn the_body_is_sent_as_it_was_given_alone_and_beside_options() {
        let body = "{ \"name\" : \"n\\u00e4\",\n \"scope\":[ \"a\" ] }";
        for json in [
            body.to_owned(),
            format!(" {body}\n"),
            format!("{{\"body\": {body} , \"timeoutMs\":5}}"),
        ] {
            let create = asked(&json).unwrap().create;
            let sent = create.request(version::default_version()).body.unwrap();
            assert_eq!(sent.bytes.as_slice(), body.as_bytes(), "{json}");
        }
    }

    #[test]
    fn options_beside_the_body_count() {
        let json = r#"{"apiVersion":"v2025","body":{"name":"n","userAwareTokenNeverExpires":true},"timeoutMs":1500,"storeIn":{"caller":true}}"#;
        let options = options_of(json).unwrap();
        assert_eq!(options.version.unwrap().name, "v2025");
        assert_eq!(options.timeout.unwrap().as_millis(), 1500);
        let asked = read(&Settings::default(), options.version.unwrap(), json).unwrap();
        assert!(matches!(asked.destination, Some(Destination::Caller)));
    }

    #[test]
    fn no_option_in_a_body_counts_and_a_bare_ones_remedy_says_where_it_goes() {
        for (option, value) in [
            ("storeIn", r#"{"command":["touch","planted"]}"#),
            ("apiVersion", r#""v2025""#),
            ("timeoutMs", "5"),
            ("storeIn", "null"),
        ] {
            let body = format!(r#"{{"name":"n","{option}":{value}}}"#);
            let remedy =
                format!("an option goes beside the body: {{\"body\":{{…}},\"{option}\":…}}");
            let message = format!("{option}: {KNOWN}");
            let expected = (message.clone(), option.to_owned(), remedy);
            assert_eq!(refusal(&body), expected);
            let expected = (message, option.to_owned(), String::new());
            assert_eq!(refusal(&format!(r#"{{"body":{body}}}"#)), expected);
        }
    }

    #[test]
    fn inside_body_complaints_speak_of_the_services_own_fields() {
        for (body, message, field) in [
            ("{}", "name: is required".to_owned(), "name"),
            (
                r#"{"name":""}"#,
                "name: must not be empty".to_owned(),
                "name",
            ),
            (r#"{"name":"n","x":1}"#, format!("x: {KNOWN}"), "x"),
            (
                r#"{"name":"n","body":{}}"#,
                format!("body: {KNOWN}"),
                "body",
            ),
            (
                r#"{"name":"n","name":"m"}"#,
                "name: stands there twice".to_owned(),
                "name",
            ),
        ] {
            let found = refusal(&format!(r#"{{"body":{body},"storeIn":{{"caller":true}}}}"#));
            assert_eq!(found, (message, field.to_owned(), String::new()));
        }
    }

    #[test]
    fn beside_the_body_only_options_may_stand() {
        for field in ["name", "body2", "confirm"] {
            let (message, named, remedy) = refusal(&format!(r#"{{"{field}":"n","body":{{}}}}"#));
            assert_eq!(
                message,
                format!(
                    "{field}: is not a known field; known are body, apiVersion, timeoutMs, storeIn"
                )
            );
            assert_eq!(named, field);
            assert!(remedy.contains("goes into body"), "{remedy}");
        }
        for body in ["null", "[]", "\"{}\"", "5"] {
            let (message, field, _) = refusal(&format!(r#"{{"body":{body}}}"#));
            assert_eq!(
                message,
                "body: must be an object, with name and scope in it"
            );
            assert_eq!(field, "body");
        }
        let (message, field, _) = refusal(r#"{"body":{"name":"a"},"body":{"name":"b"}}"#);
        assert_eq!(
            (message.as_str(), field.as_str()),
            ("body: stands there twice", "body")
        );
    }
}
