//! How often one caller may call: a wide limit on everything, and a narrow one on what costs much.
//!
//! **Invariants.** A limit counts by key, or by account, where one is known; else by the guest of a phone; else by network (one IPv4 address, one IPv6
//! household). What costs much counts by business, whoever of its members asks. The limits are those of this process: with several
//! servers each lets through as much. What must hold over hours and servers (guesses at passwords) has rows in its context's tables,
//! and what a visit may say has limits of its own in `negotiation`.
//!
//! **Deliberately absent**: limits on what servers of gateways send; their signatures are looked at, and a message refused is sent again.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use identity::Caller;
use platform::limit::{Limiter, TooMany};
use platform::{Clock, Problem};
use types::{ApiKeyId, GuestId, PersonId, TenantId};

use crate::router::API;

/// What takes much more than reading rows: papers that are set, files that are read or written line by line.
pub const COSTLY: &[(&str, &str)] = &[
    ("GET", "/credit/usage.csv"),
    ("GET", "/disputes/{id}/evidence.pdf"),
    ("GET", "/operator/tcs/{month}/csv"),
    ("GET", "/orders/{id}/document.pdf"),
    ("GET", "/orders/{id}/payment-request.pdf"),
    ("GET", "/plan/invoices/{id}/invoice.pdf"),
    ("GET", "/passes/exports/{key}"),
    ("POST", "/disputes/{id}/contest"),
    ("POST", "/operator/payout-runs/{id}/file"),
    ("POST", "/operator/reconciliations/bank-files"),
    ("POST", "/operator/reconciliations/files"),
    ("POST", "/operator/top-ups/bank-file"),
    ("POST", "/passes/exports"),
    ("POST", "/passes/exports/{key}/file"),
    ("PUT", "/me/picture"),
];
/// The paths that servers call.
const SERVERS: &str = "/webhooks/";

/// The limits of this process. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Limits(Arc<Buckets>);

#[derive(Debug)]
struct Buckets {
    known: Limiter<Who>,
    strangers: Limiter<Who>,
    costly: Limiter<Who>,
    keys: Limiter<Who>,
}

/// By whom is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Who {
    Person(PersonId),
    Business(TenantId),
    Guest(GuestId),
    Network([u8; 16]),
    Key(ApiKeyId),
}

impl Limits {
    /// On this clock. An account or guest may call 600 times at once and 20 times a second; a network without either 1,000 and 100
    /// times, because many share one; a key 600 times and then 10 a second; what costs much is done 20 times at once and then once in two seconds.
    pub fn new(clock: &Clock) -> Self {
        Self(Arc::new(Buckets {
            known: Limiter::new(clock.clone(), 600, Duration::from_millis(50)),
            strangers: Limiter::new(clock.clone(), 1_000, Duration::from_millis(10)),
            costly: Limiter::new(clock.clone(), 20, Duration::from_secs(2)),
            keys: Limiter::new(clock.clone(), 600, Duration::from_millis(100)),
        }))
    }

    fn check(&self, caller: &Caller, (_, path): (&str, &str)) -> Result<(), TooMany> {
        if path.starts_with(SERVERS) {
            return Ok(());
        }
        match who(caller) {
            who @ Who::Network(_) => self.0.strangers.check(&who),
            who @ Who::Key(_) => self.0.keys.check(&who),
            who => self.0.known.check(&who),
        }
    }

    fn check_costly(&self, caller: &Caller, endpoint: (&str, &str)) -> Result<(), TooMany> {
        if !COSTLY.contains(&endpoint) {
            return Ok(());
        }
        self.0.costly.check(&caller.business().map_or_else(|| who(caller), Who::Business))
    }
}

fn who(caller: &Caller) -> Who {
    if let Some(key) = caller.key() {
        return Who::Key(key);
    }
    match (caller.signed_in(), caller.passes().first()) {
        (Ok(signed_in), _) => Who::Person(signed_in.person.id),
        (Err(_), Some(pass)) => Who::Guest(pass.guest),
        (Err(_), None) => Who::Network(caller.connection().network()),
    }
}

/// Lets a call through, or says when to come again.
pub async fn guard(State(limits): State<Limits>, request: Request, next: Next) -> Response {
    let checked = with_endpoint(&request, |caller, endpoint| limits.check(caller, endpoint));
    go_on(checked, request, next).await
}

/// The same for what costs much; to be asked once it is clear that the caller may.
pub async fn guard_costly(State(limits): State<Limits>, request: Request, next: Next) -> Response {
    let checked = with_endpoint(&request, |caller, endpoint| limits.check_costly(caller, endpoint));
    go_on(checked, request, next).await
}

fn with_endpoint(
    request: &Request,
    check: impl FnOnce(&Caller, (&str, &str)) -> Result<(), TooMany>,
) -> Result<(), TooMany> {
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str).unwrap_or_default();
    let path = path.strip_prefix(API).unwrap_or(path);
    let caller = request.extensions().get::<Caller>();
    caller.map_or(Ok(()), |caller| check(caller, (request.method().as_str(), path)))
}

async fn go_on(checked: Result<(), TooMany>, request: Request, next: Next) -> Response {
    match checked {
        Ok(()) => next.run(request).await,
        Err(refused) => Problem::from(refused).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use identity::{Person, SignedIn};
    use types::{Language, SessionId};
    use uuid::Uuid;

    use super::*;
    use crate::permissions::ROUTES;

    const PAPER: (&str, &str) = ("GET", "/orders/{id}/document.pdf");

    fn member(person: u128) -> Caller {
        let person = Person {
            id: PersonId::from_uuid(Uuid::from_u128(person)),
            name: "Meena".to_owned(),
            phone: Some("9876543210".parse().unwrap()),
            email: None,
            time_zone: identity::TimeZone::default(),
            language: Language::Tamil,
            tenant: Some(TenantId::from_uuid(Uuid::from_u128(9))),
            operator: false,
        };
        Caller::person(SignedIn { session: SessionId::from_uuid(Uuid::from_u128(2)), person })
    }

    #[test]
    fn every_costly_endpoint_is_one_that_there_is() {
        for (method, path) in COSTLY {
            assert!(ROUTES.iter().any(|(m, p, _)| (m, p) == (method, path)), "{method} {path}");
        }
    }

    #[test]
    fn members_of_a_business_share_what_costs_much_and_read_on() {
        let clock = Clock::manual(chrono::DateTime::UNIX_EPOCH + chrono::TimeDelta::days(20_000));
        let limits = Limits::new(&clock);
        let papers = (0..40).filter(|n| limits.check_costly(&member(n % 2), PAPER).is_ok()).count();
        assert_eq!(papers, 20);
        assert!(limits.check_costly(&member(1), ("GET", "/orders")).is_ok());
        clock.advance(chrono::TimeDelta::seconds(2));
        assert!(limits.check_costly(&member(1), PAPER).is_ok());
        assert!(limits.check_costly(&member(0), PAPER).is_err());
    }

    #[test]
    fn whoever_floods_waits_and_nobody_else() {
        let clock = Clock::manual(chrono::DateTime::UNIX_EPOCH + chrono::TimeDelta::days(20_000));
        let limits = Limits::new(&clock);
        let call = |caller: &Caller| limits.check(caller, ("GET", "/me")).is_ok();
        assert_eq!((0..2_000).filter(|_| call(&member(1))).count(), 600);
        assert!(call(&member(2)));
        assert_eq!((0..2_000).filter(|_| call(&Caller::nobody())).count(), 1_000);
        assert!(limits.check(&Caller::nobody(), ("POST", "/webhooks/razorpay")).is_ok());
    }
}
