//! The vendor's refusals as ours.

use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};

use super::wire::Refusal;
use crate::gateway::Error;

/// The longest sentence of the vendor's that is kept.
const MESSAGE_CHARS_MAX: usize = 200;

/// What an answer other than 2xx means.
pub(super) fn refusal(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Error {
    // Wrong keys (401, 403) are the operator's to mend, and what waits for them then goes on: no refusal of this one thing.
    // 409 is a key that is in use: the same is being worked on.
    let about_this =
        matches!(status, StatusCode::BAD_REQUEST | StatusCode::PAYMENT_REQUIRED | StatusCode::NOT_FOUND);
    if !about_this {
        let seconds = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        return Error::Trouble { status: status.as_u16(), retry_after: seconds.map(Duration::from_secs) };
    }
    let refusal = serde_json::from_slice::<Refusal>(body).map(|refusal| refusal.error).unwrap_or_default();
    if refusal.code.as_deref() == Some("resource_missing") {
        return Error::Unknown;
    }
    let code = refusal.decline_code.or(refusal.code).map(|code| format!("{code}: ")).unwrap_or_default();
    Error::Refused(format!("{code}{}", refusal.message).chars().take(MESSAGE_CHARS_MAX).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(status: u16, body: &str) -> Error {
        refusal(StatusCode::from_u16(status).unwrap(), &HeaderMap::new(), body.as_bytes())
    }

    #[test]
    fn a_refusal_is_final_and_trouble_is_not() {
        let missing = r#"{"error":{"type":"invalid_request_error","code":"resource_missing","message":"No such payment_intent: 'pi_1'"}}"#;
        assert!(matches!(told(404, missing), Error::Unknown));
        assert!(matches!(told(400, "<html>"), Error::Refused(text) if text.is_empty()));
        for status in [401, 403, 409, 429, 500, 502, 503] {
            let trouble = told(status, missing);
            assert!(matches!(trouble, Error::Trouble { .. }) && !trouble.is_final(), "{status}");
        }
    }

    #[test]
    fn a_banks_no_is_told_with_its_code() {
        let declined = r#"{"error":{"type":"card_error","code":"card_declined","decline_code":"insufficient_funds","message":"Your card has insufficient funds."}}"#;
        let Error::Refused(why) = told(402, declined) else { panic!("a decline is final") };
        assert_eq!(why, "insufficient_funds: Your card has insufficient funds.");
    }
}
