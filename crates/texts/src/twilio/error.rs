//! What an answer that is no message means.

use platform::http;
use reqwest::StatusCode;

use super::wire::Refusal;
use crate::NotSent;

/// The call came to no answer.
pub(super) fn unreachable(error: &http::Error) -> NotSent {
    NotSent::Unreachable(match error {
        http::Error::Unreachable(_) => "no connection",
        http::Error::TimedOut => "it takes too long",
        http::Error::TooLarge { .. } => "the answer is too large",
    })
}

/// The vendor's own trouble and too many calls pass; everything else stays as it is.
pub(super) fn refused(status: StatusCode, body: &[u8]) -> NotSent {
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        return NotSent::Later(status.as_u16());
    }
    let code = serde_json::from_slice::<Refusal>(body).ok().and_then(|refusal| refusal.code);
    NotSent::Refused(code.unwrap_or_else(|| u32::from(status.as_u16())))
}
