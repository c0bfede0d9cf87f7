//! An issuer of OpenID Connect: where it sends people, and what it says of them when they come back.
//!
//! **Invariants.** A person is known by issuer and subject, never by an address. What an issuer says is believed where its own key
//! signed it (RS256 or ES256, never `none` and never with our secret), for us, in answer to our question.

use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreJwsSigningAlgorithm, CoreProviderMetadata,
};
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, IssuerUrl, Nonce, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, Scope, TokenResponse,
};
use secrecy::ExposeSecret;
use tokio::sync::Mutex;

use super::outbound::Outbound;
use crate::config::OpenId;

/// For how long an issuer's document and keys count.
const KNOWN_FOR: TimeDelta = TimeDelta::minutes(10);
/// The longest name of an account that is kept, in characters.
const SHOWN_CHARS_MAX: usize = 100;

/// An issuer that the configuration names.
#[derive(Debug)]
pub(crate) struct Issuer {
    pub config: OpenId,
    outbound: Outbound,
    known: Mutex<Option<(DateTime<Utc>, CoreProviderMetadata)>>,
}

/// What a sign-in is bound to: drawn by us, kept on the server.
#[derive(Debug, Clone)]
pub(crate) struct Binding {
    /// Comes back with the browser.
    pub state: String,
    /// Comes back inside of what the issuer signs.
    pub nonce: String,
    /// Of which the issuer is told the hash first, and the value when the code is redeemed (PKCE).
    pub verifier: String,
    /// Where the issuer sends the browser back to.
    pub redirect: String,
}

/// Who somebody is at an issuer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outsider {
    /// The issuer's own address.
    pub issuer: String,
    /// What the issuer calls the person.
    pub subject: String,
    /// What the person knows the account by: an address or a name; empty where the issuer says none.
    pub shown_as: String,
}

/// Why a sign-in at an issuer came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum OpenIdError {
    /// The issuer cannot be reached, or its document cannot be used.
    #[error("the issuer cannot be used: {0}")]
    Unreachable(String),
    /// What came back is not what was asked for.
    #[error("what the issuer says is not believed: {0}")]
    Refused(String),
}

impl Issuer {
    pub fn new(config: OpenId) -> Self {
        Self { outbound: Outbound::to(&config.issuer), known: Mutex::default(), config }
    }

    /// The page of the issuer that a browser is sent to.
    pub async fn page(&self, binding: &Binding, now: DateTime<Utc>) -> Result<String, OpenIdError> {
        let redirect = RedirectUrl::new(binding.redirect.clone()).map_err(unreachable)?;
        let challenge =
            PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(binding.verifier.clone()));
        let (id, secret) = self.credentials().await?;
        let client = CoreClient::from_provider_metadata(self.document(now).await?, id, secret);
        let client = client.set_redirect_uri(redirect);
        let (state, nonce) = (binding.state.clone(), binding.nonce.clone());
        let mut request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                || CsrfToken::new(state),
                || Nonce::new(nonce),
            )
            .add_scope(Scope::new("email".to_owned()))
            .set_pkce_challenge(challenge);
        if self.config.form_post {
            request = request.add_extra_param("response_mode", "form_post");
        }
        Ok(request.url().0.into())
    }

    /// Redeems a code; gives who the issuer says it is.
    pub async fn redeem(
        &self,
        code: String,
        binding: &Binding,
        now: DateTime<Utc>,
    ) -> Result<Outsider, OpenIdError> {
        let redirect = RedirectUrl::new(binding.redirect.clone()).map_err(unreachable)?;
        let (id, secret) = self.credentials().await?;
        let client = CoreClient::from_provider_metadata(self.document(now).await?, id, secret);
        let client = client.set_redirect_uri(redirect);
        let request = client.exchange_code(AuthorizationCode::new(code)).map_err(unreachable)?;
        let verifier = PkceCodeVerifier::new(binding.verifier.clone());
        let answer = request.set_pkce_verifier(verifier).request_async(&self.outbound).await;
        let tokens = answer.map_err(refused)?;
        let token = tokens.id_token().ok_or_else(|| OpenIdError::Refused("it signed nothing".to_owned()))?;
        let verifier = client
            .id_token_verifier()
            .set_allowed_algs([
                CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
                CoreJwsSigningAlgorithm::EcdsaP256Sha256,
            ])
            .set_time_fn(move || now);
        let claims = token.claims(&verifier, &Nonce::new(binding.nonce.clone())).map_err(refused)?;
        let shown_as = claims.email().map(|email| email.as_str()).unwrap_or_default();
        Ok(Outsider {
            issuer: claims.issuer().as_str().to_owned(),
            subject: claims.subject().as_str().to_owned(),
            shown_as: shown_as.chars().take(SHOWN_CHARS_MAX).collect(),
        })
    }

    async fn credentials(&self) -> Result<(ClientId, Option<ClientSecret>), OpenIdError> {
        let secret = match (&self.config.client_secret_file, &self.config.client_secret) {
            (Some(file), _) => Some(tokio::fs::read_to_string(file).await.map_err(unreachable)?),
            (None, secret) => secret.as_ref().map(|secret| secret.expose_secret().to_owned()),
        };
        let secret = secret.map(|secret| ClientSecret::new(secret.trim().to_owned()));
        Ok((ClientId::new(self.config.client_id.clone()), secret))
    }

    /// The issuer's document with its keys, looked up again after a while.
    async fn document(&self, now: DateTime<Utc>) -> Result<CoreProviderMetadata, OpenIdError> {
        let mut known = self.known.lock().await;
        if let Some((_, document)) = known.as_ref().filter(|(at, _)| now - *at < KNOWN_FOR) {
            return Ok(document.clone());
        }
        let issuer = IssuerUrl::new(self.config.issuer.clone()).map_err(unreachable)?;
        let document =
            CoreProviderMetadata::discover_async(issuer, &self.outbound).await.map_err(unreachable)?;
        *known = Some((now, document.clone()));
        Ok(document)
    }
}

fn unreachable(error: impl std::error::Error) -> OpenIdError {
    OpenIdError::Unreachable(chain(&error))
}

fn refused(error: impl std::error::Error) -> OpenIdError {
    OpenIdError::Refused(chain(&error))
}

/// What went wrong and why, for the log.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(below) = source {
        text = format!("{text}: {below}");
        source = below.source();
    }
    text
}
