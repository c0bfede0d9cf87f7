//! Calls to issuers: to public addresses over TLS, or to the very origin of an issuer that the configuration puts on this machine.

use std::net::IpAddr;
use std::pin::Pin;
use std::time::Duration;

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use platform::http::{self, client, client_for_public_hosts, is_public_https};

/// How long one call may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The largest answer: key sets are small.
const BYTES_MAX: usize = 256 * 1024;

/// A client for one issuer.
#[derive(Debug, Clone)]
pub(super) struct Outbound {
    client: reqwest::Client,
    /// Scheme, host and port of an issuer on this machine: it may send us nowhere else.
    only: Option<String>,
}

/// Why a call was not made or not answered.
#[derive(Debug, thiserror::Error)]
pub(super) enum CallError {
    /// The issuer's document names an address that is never called.
    #[error("the issuer names an address that may not be called")]
    Forbidden,
    /// No whole answer came.
    #[error(transparent)]
    Http(#[from] http::Error),
    /// The answer cannot be handed on.
    #[error("the answer cannot be read")]
    Unreadable(#[from] axum::http::Error),
}

impl Outbound {
    /// A client for the issuer at this address.
    pub fn to(issuer: &str) -> Self {
        let url = issuer.parse::<reqwest::Url>().ok();
        match url.filter(is_on_this_machine) {
            Some(url) => Self { client: client(TIMEOUT), only: Some(url.origin().ascii_serialization()) },
            None => Self { client: client_for_public_hosts(TIMEOUT), only: None },
        }
    }

    fn allows(&self, url: &reqwest::Url) -> bool {
        match &self.only {
            Some(origin) => url.origin().ascii_serialization() == *origin,
            None => is_public_https(url),
        }
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, CallError> {
        let request = reqwest::Request::try_from(request).map_err(http::Error::from)?;
        if !self.allows(request.url()) {
            return Err(CallError::Forbidden);
        }
        let answer = self.client.execute(request).await.map_err(http::Error::from)?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = http::read_body(answer, BYTES_MAX).await?;
        let mut response = axum::http::Response::builder().status(status).body(body.to_vec())?;
        *response.headers_mut() = headers;
        Ok(response)
    }
}

impl<'c> AsyncHttpClient<'c> for Outbound {
    type Error = CallError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, CallError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

fn is_on_this_machine(url: &reqwest::Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let numbers = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || numbers.is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may_call(issuer: &str, url: &str) -> bool {
        Outbound::to(issuer).allows(&url.parse().unwrap())
    }

    #[test]
    fn an_issuer_leads_to_public_addresses_alone() {
        assert!(may_call("https://accounts.google.com", "https://oauth2.googleapis.com/token"));
        for inside in [
            "http://oauth2.googleapis.com/token",
            "https://169.254.169.254/",
            "https://10.0.0.1/",
            "https://localhost/",
        ] {
            assert!(!may_call("https://accounts.google.com", inside), "{inside}");
        }
    }

    #[test]
    fn an_issuer_on_this_machine_leads_to_itself_alone() {
        assert!(may_call("http://127.0.0.1:4500", "http://127.0.0.1:4500/token"));
        assert!(!may_call("http://127.0.0.1:4500", "http://127.0.0.1:5432/"));
        assert!(!may_call("http://127.0.0.1:4500", "https://accounts.google.com/token"));
    }
}
