//! The vendor's refusals as ours.

use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};

use super::wire::Refusal;
use crate::gateway::Error;

/// The longest sentence of the vendor's that is kept.
const DESCRIPTION_CHARS_MAX: usize = 200;

/// What an answer other than 2xx means.
pub(super) fn refusal(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Error {
    // Wrong keys (401) are the operator's to mend, and what waits for them then goes on: no refusal of this one thing.
    if status != StatusCode::BAD_REQUEST && status != StatusCode::NOT_FOUND {
        let seconds = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        return Error::Trouble { status: status.as_u16(), retry_after: seconds.map(Duration::from_secs) };
    }
    let description = serde_json::from_slice::<Refusal>(body).map(|refusal| refusal.error.description);
    let description: String = description.unwrap_or_default().chars().take(DESCRIPTION_CHARS_MAX).collect();
    if description.contains("does not exist") { Error::Unknown } else { Error::Refused(description) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_final_and_trouble_is_not() {
        let told = |status: u16, body: &str| {
            refusal(StatusCode::from_u16(status).unwrap(), &HeaderMap::new(), body.as_bytes())
        };
        let body = r#"{"error":{"code":"BAD_REQUEST_ERROR","description":"The id provided does not exist"}}"#;
        assert!(matches!(told(400, body), Error::Unknown));
        assert!(matches!(told(400, "<html>"), Error::Refused(text) if text.is_empty()));
        for status in [401, 409, 429, 500, 502, 504] {
            let trouble = told(status, body);
            assert!(matches!(trouble, Error::Trouble { .. }) && !trouble.is_final(), "{status}");
        }
    }

    #[test]
    fn the_wait_that_the_vendor_asks_for_is_kept() {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, "7".parse().unwrap())]);
        let error = refusal(StatusCode::TOO_MANY_REQUESTS, &headers, b"");
        assert!(matches!(error, Error::Trouble { retry_after: Some(wait), .. } if wait.as_secs() == 7));
    }
}
