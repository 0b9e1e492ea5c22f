//! What a call is for: each operation as what it sends and what it makes of the reply. How a call is made, with which
//! settings and in which time, it does not know.

use std::sync::Arc;

use crate::api::create;
use crate::api::id::TokenId;
use crate::api::request::{self, Request};
use crate::client::answer::Answer;
use crate::client::attempts::Undelivered;
use crate::client::call::Call;
use crate::client::credential;
use crate::client::find;
use crate::client::lost;
use crate::client::redact::{self, Redactor};
use crate::client::reply::Shape;
use crate::client::send::{Pace, send};
use crate::client::signin::{self, SignedIn};
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
        Answer::of(raw, Shape::Object, call.settings.reply_headers)
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
            Ok(delivered) => Answer::of(delivered.raw, self.1, call.settings.reply_headers),
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
        find::find(call, self.0).await
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
            Ok(delivered) => Answer::of(delivered.raw, Shape::Nothing, call.settings.reply_headers),
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
