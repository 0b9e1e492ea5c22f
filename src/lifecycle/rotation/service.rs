//! The few things that a rotation asks of the service, each one call with its own deadline.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::api::fields::Fields;
use crate::api::id::TokenId;
use crate::api::list::{self, Owner};
use crate::api::token::Token;
use crate::api::{create, patch};
use crate::client::reply::Shape;
use crate::client::{Client, Context, Options};
use crate::error::{Code, Error, Result};
use crate::lifecycle::changes::{Change, logged};
use crate::lifecycle::rotation::marker;
use crate::store::Pair;

/// A credential and how to call with it.
#[derive(Clone, Copy)]
pub struct Caller<'c> {
    pub client: &'c Client,
    pub options: Options,
    pub context: &'c Context,
}

impl Caller<'_> {
    /// One's own tokens.
    pub async fn own_tokens(&self) -> Result<Vec<Token>> {
        let version = self.client.version(&self.options);
        let request = list::request(version, &Owner::Me, None);
        let answer = self
            .client
            .run(&request, Shape::Array, self.options, self.context)
            .await?;
        Ok(list::elements(&answer.data)?
            .into_iter()
            .filter_map(read)
            .collect())
    }

    /// Makes a token; the body is the service's own.
    pub async fn create(&self, rotation: &str, body: &Value, now: Timestamp) -> Result<Pair> {
        let text = body.to_string();
        let version = self.client.version(&self.options);
        let create = create::from_fields(version, Fields::of_request(&text)?, &text, now)?;
        let change = Change::new("create", None, Some(&create.name)).of_rotation(rotation);
        let work = self.client.create(&create, self.options, self.context);
        let answer = logged(self.client, change, work).await?;
        let data = Zeroizing::new(answer.data);
        let made: Made = serde_json::from_slice(&data).map_err(|_| {
            // The token is there, but nobody knows its secret: found again by its name.
            Error::new(
                Code::CreateLost,
                "the reply to the create holds no id and secret",
            )
        })?;
        Ok(Pair::new(made.id, made.secret))
    }

    pub async fn rename(&self, rotation: &str, id: &str, name: &str) -> Result<()> {
        let patch = json!({"id": id, "patch": [{"op": "replace", "path": "/name", "value": name}]});
        let text = patch.to_string();
        let version = self.client.version(&self.options);
        let request = patch::from_fields(version, Fields::of_request(&text)?)?;
        let change = Change::new("update", Some(id), Some(name)).of_rotation(rotation);
        let work = self
            .client
            .run(&request, Shape::Object, self.options, self.context);
        logged(self.client, change, work).await.map(drop)
    }

    /// Removes a token; one that is gone already is fine.
    pub async fn delete(&self, rotation: &str, id: &str) -> Result<()> {
        let change = Change::new("delete", Some(id), None).of_rotation(rotation);
        let id = TokenId::parse("id", id.to_owned())?;
        let work = self.client.delete(&id, self.options, self.context);
        match logged(self.client, change, work).await {
            Ok(_) => Ok(()),
            Err(error) if error.code() == Code::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Removes what a rotation made, but for one token.
    pub async fn sweep(&self, rotation: &str, keep: Option<&str>) -> Result<()> {
        for token in self.own_tokens().await? {
            if marker::is_of(&token.name, rotation) && Some(token.id.as_str()) != keep {
                self.delete(rotation, &token.id).await?;
            }
        }
        Ok(())
    }
}

/// A token; one with an odd value keeps what a rotation cannot do without.
fn read(element: &RawValue) -> Option<Token> {
    #[derive(Deserialize)]
    struct Sketch {
        id: String,
        name: Option<String>,
    }
    serde_json::from_str(element.get()).ok().or_else(|| {
        let sketch: Sketch = serde_json::from_str(element.get()).ok()?;
        let name = sketch.name.unwrap_or_default();
        serde_json::from_value(json!({"id": sketch.id, "name": name})).ok()
    })
}

#[derive(Deserialize)]
struct Made {
    id: String,
    secret: Zeroizing<String>,
}
