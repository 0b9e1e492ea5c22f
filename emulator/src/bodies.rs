//! The bodies of replies: whole ones, and those that show a fault on the wire.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::unfold;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Either, Full, StreamBody};
use hyper::body::Frame;

pub(crate) type Body = Either<Full<Bytes>, UnsyncBoxBody<Bytes, Closed>>;

/// The connection is to be closed here and now, on purpose.
#[derive(Debug)]
pub(crate) struct Closed;

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("closed on purpose")
    }
}

impl std::error::Error for Closed {}

pub(crate) fn whole(bytes: Bytes) -> Body {
    Either::Left(Full::new(bytes))
}

/// The bytes, then the connection is closed.
pub(crate) fn cut(bytes: Bytes) -> Body {
    stream(unfold(Some(bytes), |left| async {
        match left {
            Some(bytes) => Some((Ok(bytes), None)),
            None => {
                // One turn of the connection, in which it sends what it holds.
                tokio::task::yield_now().await;
                Some((Err(Closed), None))
            }
        }
    }))
}

/// So many bytes at a time, with a pause between.
pub(crate) fn drip(bytes: Bytes, at_a_time: usize, every: Duration) -> Body {
    let at_a_time = at_a_time.max(1);
    stream(unfold((bytes, true), move |(mut left, first)| async move {
        if left.is_empty() {
            return None;
        }
        if !first {
            tokio::time::sleep(every).await;
        }
        let piece = left.split_to(at_a_time.min(left.len()));
        Some((Ok(piece), (left, false)))
    }))
}

/// A JSON array of so many bytes (at least two), never all in memory, its length not announced.
pub(crate) fn array_of(size: u64) -> Body {
    const PIECE: &[u8] = &[b' '; 65_536];
    let inner = size.saturating_sub(2);
    let pieces = unfold((inner, false, false), |(left, opened, closed)| async move {
        let piece = match (opened, left, closed) {
            (false, ..) => Bytes::from_static(b"["),
            (true, 0, false) => Bytes::from_static(b"]"),
            (true, 0, true) => return None,
            (true, ..) => Bytes::from_static(PIECE).slice(..PIECE.len().min(left as usize)),
        };
        let spaces = if opened && left > 0 {
            piece.len() as u64
        } else {
            0
        };
        Some((Ok(piece), (left - spaces, true, opened && left == 0)))
    });
    stream(pieces)
}

fn stream<S>(pieces: S) -> Body
where
    S: futures_util::Stream<Item = Result<Bytes, Closed>> + Send + 'static,
{
    let frames = futures_util::StreamExt::map(pieces, |piece| piece.map(Frame::data));
    Either::Right(BodyExt::boxed_unsync(StreamBody::new(frames)))
}
