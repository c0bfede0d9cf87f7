//! The HTTP client that carries webhooks.

use std::time::Duration;

use rustls::{ClientConfig, RootCertStore};

/// A client for plain HTTP on this machine: it follows no redirect, asks no proxy and trusts no certificate.
pub(crate) fn client(user_agent: &str, answer_within: Duration) -> reqwest::Client {
    let ring = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(ring)
        .with_safe_default_protocol_versions()
        .expect("ring speaks the default protocol versions")
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .timeout(answer_within)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .user_agent(user_agent)
        .build()
        .expect("the client's options do not depend on the machine")
}
