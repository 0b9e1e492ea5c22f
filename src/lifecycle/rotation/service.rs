//! The few things that a rotation asks of the service, each one call with its own deadline. What a reply says is held
//! against what was asked.

use serde::Deserialize;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::api::create::Create;
use crate::api::id::TokenId;
use crate::api::list::{self, ListOwner};
use crate::api::patch;
use crate::api::token::Token;
use crate::client::reply::Shape;
use crate::client::{Begun, Client, Context, Options};
use crate::error::{Code, Error, Result};
use crate::lifecycle::changes::{Change, StepOf, logged};
use crate::store::Pair;

/// A credential and how to call with it.
#[derive(Clone, Copy)]
pub struct Caller<'c> {
    pub client: &'c Client,
    pub options: Options,
    pub context: &'c Context,
}

/// A token of a list that was just read.
#[derive(Clone, Debug)]
pub struct Listed {
    pub token: Token,
    /// A field whose value cannot be read.
    pub unreadable: Option<&'static str>,
    /// A field that the service shows of every token, and that is not there: it is not null, but unknown.
    pub missing: Option<&'static str>,
}

impl Listed {
    pub fn owner_id(&self) -> Option<&str> {
        self.token.owner.as_ref()?.id.as_deref()
    }
}

impl Caller<'_> {
    /// The same with another client.
    pub fn with<'x>(&self, client: &'x Client) -> Caller<'x>
    where
        Self: 'x,
    {
        Caller {
            client,
            options: self.options,
            context: self.context,
        }
    }

    async fn begin(&self) -> Begun {
        self.client.begin(self.options, self.context).await
    }

    /// Signs in anew, whatever bearer is cached.
    pub async fn sign_in(&self) -> Result<()> {
        let begun = self.begin().await;
        self.client.sign_in(&begun, self.context).await.map(drop)
    }

    /// One's own tokens, read now.
    pub async fn own_tokens(&self) -> Result<Vec<Listed>> {
        let begun = self.begin().await;
        let request = list::request(begun.version(), &ListOwner::Me, None);
        let answer = self
            .client
            .run(&begun, &request, Shape::Array, self.context)
            .await?;
        list::elements(&answer.data)?
            .into_iter()
            .map(read)
            .collect()
    }

    /// Makes a token.
    pub async fn create(&self, of: StepOf<'_>, create: &Create) -> Result<Pair> {
        let change = Change::new("create", None, Some(&create.name)).of(of);
        let begun = self.begin().await;
        let work = self.client.create(&begun, create, self.context);
        let answer = logged(self.client, &begun, change, work).await?;
        let data = Zeroizing::new(answer.data);
        let made: Made = serde_json::from_slice(&data).map_err(|_| {
            Error::new(
                Code::CreateLost,
                "the reply to the create holds no id and secret",
            )
        })?;
        Ok(Pair::new(made.id, made.secret))
    }

    /// Gives a token another name.
    pub async fn rename(&self, of: StepOf<'_>, id: &str, name: &str) -> Result<()> {
        let begun = self.begin().await;
        let request = patch::rename(begun.version(), &TokenId::parse("id", id.to_owned())?, name);
        let change = Change::new("update", Some(id), Some(name)).of(of);
        let work = self
            .client
            .run(&begun, &request, Shape::Object, self.context);
        let answer = logged(self.client, &begun, change, work).await?;
        let reply = serde_json::from_slice(&answer.data).ok();
        match reply.and_then(Token::read) {
            Some(token) if token.id == id && token.name == name => Ok(()),
            _ => Err(Error::new(
                Code::ReplyInvalid,
                format!("the reply to giving the token {id} its name shows another token or name"),
            )),
        }
    }

    /// Asks for a token to be removed. That the service says so, or knows none, is not yet that it is gone.
    pub async fn delete(&self, of: StepOf<'_>, id: &str) -> Result<()> {
        let change = Change::new("delete", Some(id), None).of(of);
        let id = TokenId::parse("id", id.to_owned())?;
        let begun = self.begin().await;
        let work = self.client.delete(&begun, &id, self.context);
        match logged(self.client, &begun, change, work).await {
            Ok(_) => Ok(()),
            Err(error) if error.code() == Code::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// A token; one with an odd value keeps what a rotation cannot do without. What has no id is no token, and then the
/// list is no list.
fn read(element: &RawValue) -> Result<Listed> {
    let token = Token::read(element).ok_or_else(|| {
        Error::new(
            Code::ReplyInvalid,
            "the list of one's own tokens holds what is no token",
        )
    })?;
    Ok(Listed {
        token,
        unreadable: Token::unreadable(element),
        missing: Token::missing(element),
    })
}

#[derive(Deserialize)]
struct Made {
    id: String,
    secret: Zeroizing<String>,
}
