//! Which calls begin what can be switched off: one table, read after the caller's rights and before every handler.
//!
//! **Invariants.** A line names an endpoint that begins the work; what goes on with it has none. Whose business the call is for is the
//! pass's of the visit in its path, else the caller's own.

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use identity::Caller;
use platform::switches::{Switch, Switches};
use types::{TenantId, VisitId};

use crate::router::API;

/// The endpoints that begin something.
pub const ROUTES: &[(&str, &str, Switch)] = &[
    ("POST", "/accounts", Switch::OpenAccounts),
    ("POST", "/accounts/by-code", Switch::OpenAccounts),
    ("POST", "/accounts/by-link", Switch::OpenAccounts),
    ("POST", "/accounts/codes", Switch::OpenAccounts),
    ("POST", "/accounts/links", Switch::OpenAccounts),
    ("POST", "/credit/top-ups", Switch::TopUps),
    ("POST", "/me/exports", Switch::Exports),
    ("POST", "/passes/exports", Switch::Exports),
    ("POST", "/stall-previews", Switch::NewVisits),
    ("POST", "/visits", Switch::NewVisits),
    ("POST", "/visits/{id}/recordings", Switch::Recordings),
];

/// Lets a call through to its handler where what it begins is not off.
pub async fn guard(State(switches): State<Switches>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str).unwrap_or_default();
    let path = path.strip_prefix(API).unwrap_or(path);
    let method = request.method().as_str();
    let line = ROUTES.iter().find(|(known, at, _)| *known == method && *at == path);
    match line {
        Some((.., switch)) if switches.is_off(*switch, business_of(&request)) => {
            switch.problem().into_response()
        }
        _ => next.run(request).await,
    }
}

/// For which business a call is.
fn business_of(request: &Request) -> Option<TenantId> {
    let caller = request.extensions().get::<Caller>()?;
    let visit = request.uri().path().split('/').skip_while(|part| *part != "visits").nth(1);
    let visit = visit.and_then(|id| id.parse::<VisitId>().ok());
    let pass = caller.passes().iter().find(|pass| Some(pass.visit) == visit);
    pass.map(|pass| pass.tenant).or_else(|| caller.business())
}
