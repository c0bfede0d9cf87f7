//! Outbound HTTP, with limits on time, size and redirects.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::Response;

/// How long the vendor may take to accept a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Why a vendor's answer could not be had.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Refused, unreachable, cut off, or not HTTP.
    #[error("the service could not be reached")]
    Unreachable(#[source] reqwest::Error),
    /// No answer in time: whether the call had an effect is not known.
    #[error("the service did not answer in time")]
    TimedOut,
    /// The answer is larger than the caller takes.
    #[error("the service answered with more than {bytes_max} bytes")]
    TooLarge {
        /// The limit.
        bytes_max: usize,
    },
}

impl From<reqwest::Error> for Error {
    fn from(error: reqwest::Error) -> Self {
        if error.is_timeout() { Self::TimedOut } else { Self::Unreachable(error.without_url()) }
    }
}

/// A client for one vendor: whole calls end within `timeout`, redirects are not followed, proxies are not guessed.
///
/// # Panics
/// Where the TLS back end cannot be set up, which is a broken build.
pub fn client(timeout: Duration) -> reqwest::Client {
    // A second call finds the provider installed, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(timeout)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .user_agent(concat!("vyapar/", env!("CARGO_PKG_VERSION")))
        .build()
        .expect("a client with ring as its TLS provider can be built")
}

/// Reads a whole answer of at most `bytes_max`, counting as it arrives.
///
/// # Errors
/// See [`Error`].
pub async fn read_body(mut response: Response, bytes_max: usize) -> Result<Bytes, Error> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > bytes_max {
            return Err(Error::TooLarge { bytes_max });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}
