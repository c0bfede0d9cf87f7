//! The middleware before every API call: writes of foreign pages are refused, a key, a token or cookies become a [`Caller`].

use axum::extract::{MatchedPath, Request, State};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::{Router, http};
use platform::Problem;
use platform::problem::CROSS_SITE;
use secrecy::SecretString;

use crate::api_key::{BEGINS, Calling, signature};
use crate::caller::Side;
use crate::connection::Connection;
use crate::cookies::Kind;
use crate::kept_visits::KEPT_MAX;
use crate::origin::Origins;
use crate::session::hash_token;
use crate::{Caller, Error, Identity, app_token, db, page_token};

impl Identity {
    /// Puts identity before every route of `router`: the whole API, and nothing that needs no caller.
    pub fn protect(&self, router: Router) -> Router {
        router.layer(from_fn_with_state(self.clone(), admit))
    }

    /// Finds out who calls: at most one statement for each cookie and one for a person who buys, two for a token.
    pub(crate) async fn recognise(
        &self,
        extensions: &http::Extensions,
        headers: &HeaderMap,
    ) -> Result<Caller, Error> {
        let connection = Connection::of(extensions, headers, &self.config.trusted_proxies);
        let mut caller = Caller::nobody();
        let now = self.clock.now();
        if let Some(token) = bearer(headers, BEGINS) {
            // A key stands for itself: cookies beside it say nothing.
            let mut database = self.db.ready().await?;
            let known = db::api_keys::recognise(&mut database, &self.fields, &hash_token(token), now).await?;
            database.done();
            let (signed_in, standing, trust, key) = known.ok_or(Error::WrongKey)?;
            return Ok(Caller::standing(signed_in, standing).trusted(trust).by_key(key).from(connection));
        }
        if let Some(token) = bearer(headers, app_token::BEGINS) {
            let mut database = self.db.ready().await?;
            let session = db::app_tokens::session_of(&mut database, &hash_token(token), now).await?;
            let session =
                session.and_then(|hash| <[u8; 32]>::try_from(hash).ok()).ok_or(Error::WrongToken)?;
            let known = db::sessions::recognise(&mut database, &self.fields, &session, now).await?;
            database.done();
            let (signed_in, standing, trust) = known.ok_or(Error::WrongToken)?;
            return Ok(Caller::standing(signed_in, standing).trusted(trust).by_app().from(connection));
        }
        if let Some(token) = Kind::Session.read(headers, connection.transport) {
            let mut database = self.db.ready().await?;
            let known =
                db::sessions::recognise(&mut database, &self.fields, &hash_token(&token), now).await?;
            database.done();
            if let Some((signed_in, standing, trust)) = known {
                caller = Caller::standing(signed_in, standing).trusted(trust);
            }
        }
        if let Some(token) = Kind::Half.read(headers, connection.transport) {
            caller = caller.with_half(SecretString::from(token));
        }
        if let Some(token) = Kind::OpenId.read(headers, connection.transport) {
            caller = caller.with_openid(SecretString::from(token));
        }
        if let Some(token) = Kind::Guest.read(headers, connection.transport) {
            let mut database = self.db.ready().await?;
            let passes = db::guests::recognise(&mut database, &hash_token(&token), now).await?;
            database.done();
            if !passes.is_empty() {
                caller = caller.with_guest(SecretString::from(token), passes);
            }
        }
        let side = Side::read(headers);
        let buys = matches!(side, Some(Side::Buyer));
        let person = caller.signed_in().ok().filter(|_| buys).map(|known| known.person.id);
        if let Some(person) = person {
            let mut database = self.db.ready().await?;
            let kept = db::kept_visits::passes(&mut database, person, KEPT_MAX).await?;
            database.done();
            caller = caller.keeping(kept);
        }
        Ok(caller.on(side).from(connection))
    }

    /// Where a key's request says that it is signed, checks that, once.
    async fn recognise_signature(
        &self,
        caller: Caller,
        request: Request,
    ) -> Result<(Caller, Request), Error> {
        let Some(key) = caller.calling().filter(|_| signature::is_there(request.headers())).cloned() else {
            return Ok((caller, request));
        };
        let (request, checked) = signature::check(request, &key, self.clock.now()).await?;
        if !db::api_keys::spend_nonce(&mut *self.db.acquire().await?, key.id, &checked).await? {
            tracing::warn!(key = %key.id, "a signed request came twice");
            return Err(Error::WrongSignature);
        }
        Ok((caller.by_key(Calling { signed: true, ..key }), request))
    }

    /// Whether another site's page may have caused the request, which would change something. A page of ours comes from here, and says so
    /// by its token; a program shows who it is, and carries no cookies that it did not choose to carry.
    fn is_forged(&self, request: &Request) -> bool {
        let (method, headers) = (request.method(), request.headers());
        if !self.origins.allow_write(method, headers) {
            return true;
        }
        // A password for a proxy in front is sent by browsers by themselves, as cookies are.
        let shows_who = bearer(headers, BEGINS).or_else(|| bearer(headers, app_token::BEGINS)).is_some();
        if method.is_safe() || shows_who || !Origins::are_named(headers) {
            return false;
        }
        let connection = Connection::of(request.extensions(), headers, &self.config.trusted_proxies);
        !page_token::is_ours(headers, connection.transport)
    }

    /// Other servers call these endpoints, with signatures of their own and without cookies.
    fn is_for_servers(&self, route: &str) -> bool {
        self.config.server_paths.iter().any(|prefix| route.starts_with(prefix))
    }
}

/// The key or token of this kind that a request carries.
fn bearer<'h>(headers: &'h HeaderMap, begins: &str) -> Option<&'h str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    value.strip_prefix("Bearer ").map(str::trim).filter(|token| token.starts_with(begins))
}

async fn admit(State(identity): State<Identity>, request: Request, next: Next) -> Response {
    // The pattern of the endpoint as the outermost router has it: below a prefix the path itself lacks that, and keys stand in paths.
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str).unwrap_or_default();
    if !identity.is_for_servers(route) && identity.is_forged(&request) {
        let origin = request.headers().get("origin");
        tracing::warn!(?origin, route, "a write from another site was refused");
        return Problem::new(CROSS_SITE).into_response();
    }
    let known = match identity.recognise(request.extensions(), request.headers()).await {
        Ok(caller) => identity.recognise_signature(caller, request).await,
        Err(error) => Err(error),
    };
    match known {
        Ok((caller, mut request)) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(error) => error.into_response(),
    }
}
