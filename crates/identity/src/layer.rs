//! The middleware before every API call: foreign writes are refused, cookies become a [`Caller`].

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::{Router, http};
use platform::Problem;
use platform::problem::CROSS_SITE;
use secrecy::SecretString;

use crate::caller::Side;
use crate::connection::Connection;
use crate::cookies::Kind;
use crate::session::hash_token;
use crate::{Caller, Error, Identity, db};

impl Identity {
    /// Puts identity before every route of `router`: the whole API, and nothing that needs no caller.
    pub fn protect(&self, router: Router) -> Router {
        router.layer(from_fn_with_state(self.clone(), admit))
    }

    /// Finds out who calls: at most one statement for each cookie.
    pub(crate) async fn recognise(
        &self,
        extensions: &http::Extensions,
        headers: &HeaderMap,
    ) -> Result<Caller, Error> {
        let connection = Connection::of(extensions, headers, &self.config.trusted_proxies);
        let mut caller = Caller::nobody();
        let now = self.clock.now();
        if let Some(token) = Kind::Session.read(headers, connection.transport) {
            let mut database = self.db.acquire().await?;
            let known = db::sessions::recognise(&mut database, &hash_token(&token), now).await?;
            if let Some((signed_in, standing, trust)) = known {
                caller = Caller::standing(signed_in, standing).trusted(trust);
            }
        }
        if let Some(token) = Kind::Half.read(headers, connection.transport) {
            caller = caller.with_half(SecretString::from(token));
        }
        if let Some(token) = Kind::Guest.read(headers, connection.transport) {
            let mut database = self.db.acquire().await?;
            let passes = db::guests::recognise(&mut database, &hash_token(&token), now).await?;
            if !passes.is_empty() {
                caller = caller.with_guest(SecretString::from(token), passes);
            }
        }
        Ok(caller.on(Side::read(headers)).from(connection))
    }

    /// Other servers call these paths, with signatures of their own and without cookies.
    fn is_for_servers(&self, path: &str) -> bool {
        self.config.server_paths.iter().any(|prefix| path.starts_with(prefix))
    }
}

async fn admit(State(identity): State<Identity>, mut request: Request, next: Next) -> Response {
    let from_a_page = !identity.is_for_servers(request.uri().path());
    if from_a_page && !identity.origins.allow_write(request.method(), request.headers()) {
        let origin = request.headers().get("origin");
        tracing::warn!(?origin, path = request.uri().path(), "a write from another site was refused");
        return Problem::new(CROSS_SITE).into_response();
    }
    match identity.recognise(request.extensions(), request.headers()).await {
        Ok(caller) => request.extensions_mut().insert(caller),
        Err(error) => return error.into_response(),
    };
    next.run(request).await
}
