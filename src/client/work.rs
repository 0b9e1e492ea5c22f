//! What a call is for: each operation as what it sends and what it makes of the reply. How a call is made, with which
//! settings and in which time, it does not know.

use std::sync::Arc;

use crate::api::create;
use crate::api::id::TokenId;
use crate::api::list::{self, ListOwner};
use crate::api::request::{self, Request};
use crate::client::Answer;
use crate::client::attempts::Undelivered;
use crate::client::call::Call;
use crate::client::credential;
use crate::client::lost;
use crate::client::redact::{self, Redactor};
use crate::client::reply::{self, Shape};
use crate::client::send::{Pace, send};
use crate::client::signin::{self, SignedIn};
use crate::client::transport::Raw;
use crate::error::{Code, Error, Result};

/// One operation.
pub trait Work: Send + Sync {
    type Done: Send;
    /// Whether a token is made, whose secret stands in the data alone.
    const CREATES: bool = false;

    /// Does it, once.
    fn perform(&self, call: &Call<'_>) -> impl Future<Output = Result<Self::Done>> + Send;

    /// What leaves the call, without its secrets; errors are seen to by whoever makes it.
    fn without_secrets(&self, done: Self::Done, redactor: Redactor) -> Self::Done;

    /// Whether it may be done again with another credential, after this error: it is what a process sees whose
    /// credential was rotated by another one.
    fn may_go_again(&self, error: &Error) -> bool {
        error.code() == Code::SignInFailed || error.code() == Code::Unauthorized
    }
}

/// A token is made.
pub struct CreateToken<'w>(pub &'w create::Create);

impl Work for CreateToken<'_> {
    type Done = Answer;
    const CREATES: bool = true;

    async fn perform(&self, call: &Call<'_>) -> Result<Answer> {
        let raw = lost::create(call, self.0).await?;
        answer(call, raw, Shape::Object)
    }

    /// One that was sent is not sent again.
    fn may_go_again(&self, error: &Error) -> bool {
        error.code() == Code::SignInFailed
    }

    fn without_secrets(&self, answer: Answer, redactor: Redactor) -> Answer {
        redact::answer(answer, redactor, Self::CREATES)
    }
}

/// A request with one reply and no story of its own.
pub struct RunRequest<'w>(pub &'w Request, pub Shape);

impl Work for RunRequest<'_> {
    type Done = Answer;

    async fn perform(&self, call: &Call<'_>) -> Result<Answer> {
        match send(call, Pace::Kept, self.0).await {
            Ok(delivered) => answer(call, delivered.raw, self.1),
            Err(undelivered) => Err(told_what_may_have_happened(self.0, undelivered)),
        }
    }

    fn without_secrets(&self, answer: Answer, redactor: Redactor) -> Answer {
        redact::answer(answer, redactor, Self::CREATES)
    }
}

pub struct GetToken<'w>(pub &'w TokenId);

impl Work for GetToken<'_> {
    type Done = Answer;

    async fn perform(&self, call: &Call<'_>) -> Result<Answer> {
        find(call, self.0).await
    }

    fn without_secrets(&self, answer: Answer, redactor: Redactor) -> Answer {
        redact::answer(answer, redactor, Self::CREATES)
    }
}

pub struct DeleteToken<'w>(pub &'w TokenId);

impl Work for DeleteToken<'_> {
    type Done = Answer;

    async fn perform(&self, call: &Call<'_>) -> Result<Answer> {
        let request = request::delete(call.version, self.0);
        match send(call, Pace::Kept, &request).await {
            Ok(delivered) => answer(call, delivered.raw, Shape::Nothing),
            Err(undelivered) => gone(call, undelivered),
        }
    }

    fn without_secrets(&self, answer: Answer, redactor: Redactor) -> Answer {
        redact::answer(answer, redactor, Self::CREATES)
    }
}

/// A good bearer, and the URL that it is from.
pub struct GetBearer;

impl Work for GetBearer {
    type Done = (Arc<credential::Bearer>, String);

    async fn perform(&self, call: &Call<'_>) -> Result<Self::Done> {
        let (bearer, _) = signin::bearer(call).await?;
        Ok((bearer, call.resolved.token_url.as_str().to_owned()))
    }

    /// It was asked for.
    fn without_secrets(&self, done: Self::Done, _: Redactor) -> Self::Done {
        done
    }
}

/// A sign-in, whatever is cached.
pub struct SignIn;

impl Work for SignIn {
    type Done = SignedIn;

    async fn perform(&self, call: &Call<'_>) -> Result<SignedIn> {
        signin::anew(call).await
    }

    /// It holds none.
    fn without_secrets(&self, done: SignedIn, _: Redactor) -> SignedIn {
        done
    }
}

async fn find(call: &Call<'_>, id: &TokenId) -> Result<Answer> {
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

fn gone(call: &Call<'_>, undelivered: Undelivered) -> Result<Answer> {
    let detail = undelivered.error.detail();
    if !(undelivered.lost_before && detail.status == Some(404)) {
        return Err(undelivered.error);
    }
    Ok(Answer {
            status: Some(204),
            data: Vec::new(),
            request_id: detail.tracking_id.clone(),
            deprecated: false,
            note: Some("an earlier attempt, whose reply was lost, may have removed the token: this one found none (404)".to_owned()),
            headers: detail.headers.clone().filter(|_| call.settings.reply_headers),
            handed: None,
        })
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
            answer(
                call,
                Raw {
                    body: data,
                    ..delivered.raw
                },
                Shape::Object,
            )
        })
        .transpose()
}

fn answer(call: &Call<'_>, raw: Raw, shape: Shape) -> Result<Answer> {
    reply::check(&raw, shape)?;
    Ok(Answer {
        status: Some(raw.status),
        request_id: reply::request_id(&raw.headers),
        deprecated: reply::is_deprecated(&raw.headers),
        note: None,
        headers: call
            .settings
            .reply_headers
            .then(|| reply::all_headers(&raw.headers)),
        data: if shape == Shape::Nothing {
            Vec::new()
        } else {
            raw.body
        },
        handed: None,
    })
}

/// A change that may have been made, and must not be made twice, is not called retryable.
fn told_what_may_have_happened(request: &Request, undelivered: Undelivered) -> Error {
    let mut error = undelivered.error;
    if undelivered.may_have_acted && !request.repeatable {
        let detail = error.detail_mut();
        detail.retryable = false;
        detail
            .message
            .push_str("; whether the change was made is not known");
        detail.remedy = Some("look at the token before you change it again".to_owned());
    }
    error
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
