//! One token by its id: among one's own first, then in the whole tenant.

use crate::api::id::TokenId;
use crate::api::list::{self, ListOwner};
use crate::client::answer::Answer;
use crate::client::call::Call;
use crate::client::reply::{self, Shape};
use crate::client::send::{Pace, send};
use crate::client::transport::Raw;
use crate::error::{Code, Error, Result};

pub async fn find(call: &Call<'_>, id: &TokenId) -> Result<Answer> {
    match find_in(call, &ListOwner::Me, id).await {
        Ok(Some(answer)) => return Ok(answer),
        Ok(None) => {}
        Err(error) if error.code() == Code::Forbidden => {}
        Err(error) => return Err(error),
    }
    match find_in(call, &ListOwner::Everyone, id).await {
        Ok(Some(answer)) => Ok(answer),
        Ok(None) => Err(not_found()),
        Err(error) if error.code() == Code::Forbidden => Err(not_visible(error)),
        Err(error) => Err(error),
    }
}

async fn find_in(call: &Call<'_>, owner: &ListOwner, id: &TokenId) -> Result<Option<Answer>> {
    let request = list::request(call.version, owner, None);
    let delivered = send(call, Pace::Kept, &request)
        .await
        .map_err(|lost| lost.error)?;
    reply::check(&delivered.raw, Shape::Array)?;
    let found = list::find(&delivered.raw.body, id)?.map(|token| token.get().as_bytes().to_vec());
    found
        .map(|data| {
            Answer::of(
                Raw {
                    body: data,
                    ..delivered.raw
                },
                Shape::Object,
                call.settings.reply_headers,
            )
        })
        .transpose()
}

fn not_found() -> Error {
    Error::new(
        Code::NotFound,
        "no token of this id: neither among one's own nor in the tenant",
    )
    .with_field("id")
    .with_remedy("check the id with a list")
}

fn not_visible(mut error: Error) -> Error {
    let detail = error.detail_mut();
    detail.code = Code::NotVisible;
    detail.message = "the token is not among one's own, and the tenant's may not be listed (403): \
                      whether it exists cannot be seen"
        .to_owned();
    detail.remedy =
        Some("use a credential with the right idn:all-personal-access-tokens:read".to_owned());
    error
}
