//! What each endpoint of the API asks of its caller: one table, read before every handler and written into the document.
//!
//! What is asked of a member is done behind the fence of [`platform::tenancy`]: on connections that see that business's rows alone.
//!
//! **Invariants.** The table decides before a body is read. An endpoint without a line is for those alone who may do everything, and
//! a test fails. What a handler looks at afterwards is whose rows they are: the caller's business, the caller's visit.

use std::collections::HashMap;
use std::sync::LazyLock;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use identity::Permission::{
    AnswerPeople, ChangePayee, ChangePrices, ChangeShop, CountStock, FindPeople, LockPeople, ManageOperators,
    ManageProviders, ManageTeam, MendWork, Moderate, MoveMoney, OverseeMoney, OverseeShops, ReadMoney,
    ReadShop, ReadTeam, RunMoney, Sell, SetSwitches, SetTerms, StopMoney,
};
use identity::{Caller, Error, Permission};
use platform::problem::METHOD_NOT_ALLOWED;
use platform::{Problem, tenancy};
use serde_json::{Value, json};
use types::TenantId;
use utoipa::openapi::OpenApi;
use utoipa::openapi::extensions::Extensions;

use crate::router::API;

/// What an endpoint asks of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: anybody may call, or the handler knows by a signature or a ticket in the call.
    Nothing,
    /// Somebody who is signed in.
    SignedIn,
    /// Somebody who belongs to a business, whatever the role.
    Membership,
    /// A buyer with a pass.
    Buyer,
    /// A member of a business who may do this.
    Member(Permission),
    /// A buyer with a pass, or a member who may do this.
    Either(Permission),
    /// Somebody who runs the installation and may do this.
    Operator(Permission),
    /// A member who may do the first, or somebody who runs the installation and may do the second.
    MemberOrOperator(Permission, Permission),
    /// The same, by somebody who showed within ten minutes that it is they: it moves money elsewhere, gives rights or guards an
    /// account.
    Confirmed(&'static Needs),
}

use Needs::{Buyer, Confirmed, Either, Member, MemberOrOperator, Membership, Nothing, Operator, SignedIn};

/// Every endpoint: method, path below the API, what it needs. By path.
pub const ROUTES: &[(&str, &str, Needs)] = &[
    ("POST", "/accounts", Nothing),
    ("POST", "/accounts/by-code", Nothing),
    ("POST", "/accounts/by-link", Nothing),
    ("POST", "/accounts/codes", Nothing),
    ("POST", "/accounts/links", Nothing),
    ("GET", "/api-keys", Member(ManageTeam)),
    ("POST", "/api-keys", Confirmed(&Member(ManageTeam))),
    ("DELETE", "/api-keys/{key}", Member(ManageTeam)),
    ("GET", "/audit", Member(ManageTeam)),
    ("GET", "/businesses", SignedIn),
    ("POST", "/businesses", SignedIn),
    ("GET", "/capabilities", Nothing),
    // Whoever sells sees why nobody speaks any more.
    ("GET", "/credit", Member(ReadShop)),
    ("GET", "/credit/members", Member(ManageTeam)),
    ("PUT", "/credit/members/{person}/limit", Member(ManageTeam)),
    ("GET", "/credit/recharge", Member(ReadMoney)),
    ("PUT", "/credit/recharge", Member(MoveMoney)),
    ("GET", "/credit/refunds", Member(ReadMoney)),
    ("POST", "/credit/refunds", Member(MoveMoney)),
    ("POST", "/credit/settlements", Member(MoveMoney)),
    ("GET", "/credit/top-ups", Member(ReadMoney)),
    ("POST", "/credit/top-ups", Member(MoveMoney)),
    ("GET", "/credit/top-ups/{id}", Member(ReadMoney)),
    ("POST", "/credit/top-ups/{id}/payment/checkout", Member(MoveMoney)),
    ("POST", "/credit/top-ups/{id}/payment/returned", Member(MoveMoney)),
    ("PUT", "/credit/top-ups/{id}/utr", Member(MoveMoney)),
    ("GET", "/credit/usage", Member(ReadMoney)),
    ("GET", "/credit/usage.csv", Member(ReadMoney)),
    ("GET", "/credit/usage/days", Member(ReadMoney)),
    ("GET", "/disputes", Member(ReadMoney)),
    ("GET", "/disputes/{id}", Member(ReadMoney)),
    ("POST", "/disputes/{id}/accept", MemberOrOperator(MoveMoney, RunMoney)),
    ("POST", "/disputes/{id}/contest", MemberOrOperator(MoveMoney, RunMoney)),
    ("GET", "/disputes/{id}/evidence", MemberOrOperator(ReadMoney, OverseeMoney)),
    ("GET", "/disputes/{id}/evidence.pdf", MemberOrOperator(ReadMoney, OverseeMoney)),
    ("GET", "/documents", Either(ReadShop)),
    ("GET", "/documents/{id}/e-invoice", Member(ReadShop)),
    ("GET", "/goods", Member(ReadShop)),
    ("POST", "/invitations/accept", SignedIn),
    ("POST", "/invitations/look", Nothing),
    ("POST", "/links/look", Nothing),
    ("GET", "/me", Nothing),
    ("PATCH", "/me", SignedIn),
    ("GET", "/me/acts", SignedIn),
    ("POST", "/me/confirmations", SignedIn),
    ("GET", "/me/consents", SignedIn),
    ("PUT", "/me/consents/{purpose}", SignedIn),
    ("POST", "/me/email", Confirmed(&SignedIn)),
    // Whoever follows the link was asked before it was sent.
    ("PUT", "/me/email", SignedIn),
    ("GET", "/me/erasure", SignedIn),
    ("PUT", "/me/erasure", Confirmed(&SignedIn)),
    // Whoever thinks better of it is not stopped by a question.
    ("DELETE", "/me/erasure", SignedIn),
    ("GET", "/me/exports", SignedIn),
    ("POST", "/me/exports", Confirmed(&SignedIn)),
    ("POST", "/me/exports/{key}/file", Confirmed(&SignedIn)),
    ("GET", "/me/grievances", SignedIn),
    ("POST", "/me/grievances", SignedIn),
    // The password before it is part of the call.
    ("PUT", "/me/password", SignedIn),
    ("GET", "/me/outside-accounts", SignedIn),
    ("POST", "/me/outside-accounts", Confirmed(&SignedIn)),
    ("DELETE", "/me/outside-accounts/{account}", Confirmed(&SignedIn)),
    ("GET", "/me/passkeys", SignedIn),
    ("POST", "/me/passkeys", Confirmed(&SignedIn)),
    ("POST", "/me/passkeys/questions", Confirmed(&SignedIn)),
    ("DELETE", "/me/passkeys/{passkey}", Confirmed(&SignedIn)),
    ("POST", "/me/phone", Confirmed(&SignedIn)),
    // Whoever has the code was asked before it was sent.
    ("PUT", "/me/phone", SignedIn),
    ("PUT", "/me/picture", SignedIn),
    ("DELETE", "/me/picture", SignedIn),
    ("GET", "/me/second-factor", SignedIn),
    ("PUT", "/me/second-factor", Confirmed(&SignedIn)),
    ("DELETE", "/me/second-factor", Confirmed(&SignedIn)),
    ("POST", "/me/second-factor/enrolments", Confirmed(&SignedIn)),
    ("POST", "/me/second-factor/recovery-codes", Confirmed(&SignedIn)),
    ("GET", "/me/sessions", SignedIn),
    ("DELETE", "/me/sessions", SignedIn),
    ("DELETE", "/me/sessions/{session}", SignedIn),
    ("GET", "/me/visits", SignedIn),
    ("POST", "/me/visits", SignedIn),
    ("GET", "/openapi.json", Nothing),
    ("POST", "/operator/accounts/search", Operator(FindPeople)),
    ("GET", "/operator/accounts/{person}/erasure", Operator(FindPeople)),
    ("PUT", "/operator/accounts/{person}/lock", Confirmed(&Operator(LockPeople))),
    ("POST", "/operator/accounts/{person}/restore", Operator(LockPeople)),
    ("POST", "/operator/accounts/{person}/sign-out", Operator(LockPeople)),
    ("GET", "/operator/audit", Operator(ManageOperators)),
    ("GET", "/operator/commission", Operator(OverseeMoney)),
    ("POST", "/operator/commission", Operator(SetTerms)),
    ("GET", "/operator/coupons", Operator(OverseeMoney)),
    ("POST", "/operator/coupons", Operator(SetTerms)),
    ("PUT", "/operator/coupons/{id}/ended", Operator(SetTerms)),
    ("GET", "/operator/credits", Operator(OverseeMoney)),
    ("PUT", "/operator/credits/{tenant}/freeze", Operator(StopMoney)),
    ("POST", "/operator/credits/{tenant}/grants", Operator(RunMoney)),
    ("GET", "/operator/disputes", Operator(OverseeShops)),
    ("GET", "/operator/exceptions", Operator(OverseeMoney)),
    ("POST", "/operator/exceptions/{id}/dismiss", Operator(RunMoney)),
    ("POST", "/operator/exceptions/{id}/repair", Operator(RunMoney)),
    ("GET", "/operator/grievances", Operator(AnswerPeople)),
    ("POST", "/operator/grievances/{id}/answer", Operator(AnswerPeople)),
    ("GET", "/operator/jobs", Operator(MendWork)),
    ("POST", "/operator/jobs/{id}/revive", Operator(MendWork)),
    ("GET", "/operator/orders", Operator(OverseeShops)),
    ("GET", "/operator/orders/{id}/lines", Operator(OverseeShops)),
    ("POST", "/operator/orders/{id}/refunds", Operator(RunMoney)),
    ("POST", "/operator/orders/{id}/refunds/preview", Operator(RunMoney)),
    ("GET", "/operator/payout-runs", Operator(OverseeMoney)),
    ("POST", "/operator/payout-runs", Confirmed(&Operator(RunMoney))),
    ("POST", "/operator/payout-runs/{id}/file", Confirmed(&Operator(RunMoney))),
    ("GET", "/operator/payouts", Operator(OverseeMoney)),
    ("GET", "/operator/payouts/due", Operator(OverseeMoney)),
    ("POST", "/operator/payouts/{id}/cancel", Operator(RunMoney)),
    ("POST", "/operator/payouts/{id}/paid", Operator(RunMoney)),
    ("POST", "/operator/payouts/{id}/retry", Operator(RunMoney)),
    ("POST", "/operator/payouts/{id}/returned", Operator(RunMoney)),
    ("GET", "/operator/people", Operator(ManageOperators)),
    ("POST", "/operator/people", Confirmed(&Operator(ManageOperators))),
    ("PUT", "/operator/people/{person}", Confirmed(&Operator(ManageOperators))),
    ("GET", "/operator/plans", Operator(OverseeMoney)),
    ("POST", "/operator/plans", Operator(SetTerms)),
    ("PUT", "/operator/plans/{id}/offered", Operator(SetTerms)),
    ("GET", "/operator/prices", Operator(OverseeMoney)),
    ("POST", "/operator/prices", Operator(SetTerms)),
    ("GET", "/operator/providers", Operator(ManageProviders)),
    ("POST", "/operator/providers", Confirmed(&Operator(ManageProviders))),
    ("PUT", "/operator/providers/order", Confirmed(&Operator(ManageProviders))),
    ("PUT", "/operator/providers/{id}/enabled", Confirmed(&Operator(ManageProviders))),
    ("POST", "/operator/providers/{id}/end", Confirmed(&Operator(ManageProviders))),
    ("POST", "/operator/providers/{id}/try", Operator(ManageProviders)),
    ("GET", "/operator/reconciliations", Operator(OverseeMoney)),
    ("POST", "/operator/reconciliations", Operator(RunMoney)),
    ("POST", "/operator/reconciliations/bank-files", Operator(RunMoney)),
    ("POST", "/operator/reconciliations/files", Operator(RunMoney)),
    ("GET", "/operator/refunds", Operator(OverseeMoney)),
    ("POST", "/operator/refunds/{id}/retry", Operator(RunMoney)),
    ("GET", "/operator/reports", Operator(Moderate)),
    ("POST", "/operator/reports/{tenant}/{id}/decision", Confirmed(&Operator(Moderate))),
    ("POST", "/operator/reports/{tenant}/{id}/look", Operator(Moderate)),
    ("GET", "/operator/revenue", Operator(OverseeMoney)),
    ("PUT", "/operator/stalls/{tenant}/closed", Confirmed(&Operator(Moderate))),
    ("GET", "/operator/switches", Operator(SetSwitches)),
    ("PUT", "/operator/switches/{switch}", Confirmed(&Operator(SetSwitches))),
    ("GET", "/operator/tcs", Operator(OverseeMoney)),
    ("POST", "/operator/tcs", Operator(SetTerms)),
    ("GET", "/operator/tcs-months", Operator(OverseeMoney)),
    ("GET", "/operator/tcs/{month}", Operator(OverseeMoney)),
    ("GET", "/operator/tcs/{month}/csv", Operator(OverseeMoney)),
    ("PUT", "/operator/tcs/{month}/payment", Operator(RunMoney)),
    ("GET", "/operator/top-ups", Operator(OverseeMoney)),
    ("POST", "/operator/top-ups/bank-file", Operator(RunMoney)),
    ("POST", "/operator/top-ups/{tenant}/{id}/confirm", Operator(RunMoney)),
    ("POST", "/operator/top-ups/{tenant}/{id}/refuse", Operator(RunMoney)),
    ("PUT", "/operator/vendors/{tenant}/hold", Operator(StopMoney)),
    ("GET", "/operator/visits", Operator(OverseeShops)),
    ("GET", "/operator/webhooks", Operator(MendWork)),
    ("POST", "/operator/webhooks/{id}/replay", Operator(MendWork)),
    ("GET", "/orders", Either(ReadShop)),
    ("GET", "/orders/{id}", Either(ReadShop)),
    ("POST", "/orders/{id}/cancel", Either(Sell)),
    ("GET", "/orders/{id}/document", Either(ReadShop)),
    ("GET", "/orders/{id}/document.pdf", Either(ReadShop)),
    ("POST", "/orders/{id}/hand-over", Member(Sell)),
    ("GET", "/orders/{id}/payment", Either(ReadShop)),
    ("GET", "/orders/{id}/payment-request.pdf", Either(ReadShop)),
    ("POST", "/orders/{id}/payment/checkout", Either(Sell)),
    ("POST", "/orders/{id}/payment/received", Member(Sell)),
    ("POST", "/orders/{id}/payment/returned", Either(Sell)),
    ("PUT", "/orders/{id}/place-of-supply", Member(Sell)),
    ("PUT", "/orders/{id}/recipient", Either(Sell)),
    ("DELETE", "/orders/{id}/recipient", Either(Sell)),
    ("POST", "/orders/{id}/refunds", Member(MoveMoney)),
    ("POST", "/orders/{id}/refunds/preview", Member(MoveMoney)),
    ("DELETE", "/passes", Buyer),
    ("GET", "/passes/consents", Buyer),
    ("PUT", "/passes/consents/{purpose}", Buyer),
    ("GET", "/passes/exports", Buyer),
    ("POST", "/passes/exports", Buyer),
    ("GET", "/passes/exports/{key}", Buyer),
    ("POST", "/passes/exports/{key}/file", Buyer),
    ("GET", "/passes/grievances", Buyer),
    ("POST", "/passes/grievances", Buyer),
    ("POST", "/password-resets", Nothing),
    ("PUT", "/password-resets", Nothing),
    ("POST", "/password-resets/codes", Nothing),
    ("PUT", "/password-resets/codes", Nothing),
    ("GET", "/people/pictures/{name}", SignedIn),
    ("GET", "/payment-methods", Member(ReadMoney)),
    ("DELETE", "/payment-methods/{id}", Member(MoveMoney)),
    ("POST", "/payment-methods/{id}/default", Member(MoveMoney)),
    ("POST", "/payment-methods/pages", Member(MoveMoney)),
    ("GET", "/payment-methods/pages/{id}", Member(MoveMoney)),
    ("POST", "/payment-methods/pages/{id}/returned", Member(MoveMoney)),
    ("GET", "/payment-methods/terms", Member(ReadMoney)),
    ("GET", "/payment-profile", Member(ReadShop)),
    ("PUT", "/payment-profile", Confirmed(&Member(ChangePayee))),
    ("GET", "/payout-account", Member(ReadMoney)),
    ("PUT", "/payout-account", Confirmed(&Member(ChangePayee))),
    ("GET", "/payouts", Member(ReadMoney)),
    ("GET", "/plan", Member(ReadMoney)),
    ("PUT", "/plan", Member(MoveMoney)),
    ("PUT", "/plan/cancellation", Member(MoveMoney)),
    ("GET", "/plan/invoices", Member(ReadMoney)),
    ("GET", "/plan/invoices/{id}/invoice.pdf", Member(ReadMoney)),
    ("POST", "/plan/payment", Member(MoveMoney)),
    ("POST", "/plan/quote", Member(ReadMoney)),
    ("GET", "/plans", Member(ReadMoney)),
    ("GET", "/products", Member(ReadShop)),
    ("POST", "/products", Member(ChangePrices)),
    ("GET", "/products/room", Member(ReadShop)),
    ("GET", "/products/{id}", Member(ReadShop)),
    ("DELETE", "/products/{id}", Member(ChangePrices)),
    ("PATCH", "/products/{id}", Member(ChangePrices)),
    ("GET", "/products/{id}/stock-movements", Member(ReadShop)),
    ("POST", "/products/{id}/stock-movements", Member(CountStock)),
    ("POST", "/push-subscriptions", Member(ReadShop)),
    ("DELETE", "/push-subscriptions", Member(ReadShop)),
    ("GET", "/retention", Nothing),
    ("POST", "/sessions", Nothing),
    ("DELETE", "/sessions/current", Nothing),
    ("PUT", "/sessions/current/business", SignedIn),
    ("POST", "/sessions/openid", Nothing),
    // What an issuer signed is its own proof, bound to the browser by a cookie.
    ("GET", "/sessions/openid/return", Nothing),
    ("POST", "/sessions/openid/return", Nothing),
    // The answer of a passkey is its own proof.
    ("POST", "/sessions/passkey", Nothing),
    ("POST", "/sessions/passkey-questions", Nothing),
    ("POST", "/sessions/second-step", Nothing),
    ("GET", "/socket", Nothing),
    ("POST", "/socket-tickets", Either(ReadShop)),
    ("GET", "/stall", Member(ReadShop)),
    ("PUT", "/stall", Member(ChangeShop)),
    ("POST", "/stall-previews", Nothing),
    ("GET", "/stall/notices", Member(ReadShop)),
    ("GET", "/stall/qr", Member(ReadShop)),
    ("GET", "/tax-profile", Member(ReadShop)),
    ("PUT", "/tax-profile", Member(ChangeShop)),
    ("GET", "/team", Member(ReadTeam)),
    ("GET", "/team/acts", Member(ManageTeam)),
    ("POST", "/team/crews", Member(ManageTeam)),
    ("PATCH", "/team/crews/{crew}", Member(ManageTeam)),
    ("DELETE", "/team/crews/{crew}", Member(ManageTeam)),
    ("PUT", "/team/crews/{crew}/members/{person}", Member(ManageTeam)),
    ("DELETE", "/team/crews/{crew}/members/{person}", Member(ManageTeam)),
    ("POST", "/team/invitations", Confirmed(&Member(ManageTeam))),
    ("DELETE", "/team/invitations/{id}", Member(ManageTeam)),
    ("POST", "/team/leave", Membership),
    ("DELETE", "/team/members/{person}", Confirmed(&Member(ManageTeam))),
    ("PUT", "/team/members/{person}/role", Confirmed(&Member(ManageTeam))),
    ("PUT", "/team/name", Member(ManageTeam)),
    ("PUT", "/team/second-factor", Confirmed(&Member(ManageTeam))),
    ("POST", "/tokens", Nothing),
    // The token in it is its own proof.
    ("POST", "/tokens/exchanges", Nothing),
    ("GET", "/visits", Either(ReadShop)),
    ("POST", "/visits", Nothing),
    ("GET", "/visits/{id}", Either(ReadShop)),
    ("PATCH", "/visits/{id}", Either(Sell)),
    ("POST", "/visits/{id}/acceptances", Either(Sell)),
    ("PUT", "/visits/{id}/crew", Member(Sell)),
    ("POST", "/visits/{id}/leave", Either(Sell)),
    ("GET", "/visits/{id}/messages", Either(ReadShop)),
    ("POST", "/visits/{id}/messages", Either(Sell)),
    ("GET", "/visits/{id}/messages/{message}/recording", Either(ReadShop)),
    ("GET", "/visits/{id}/messages/{message}/speech", Either(ReadShop)),
    ("POST", "/visits/{id}/offers", Either(Sell)),
    ("POST", "/visits/{id}/offers/{offer}/decline", Either(Sell)),
    ("POST", "/visits/{id}/offers/{offer}/withdraw", Either(Sell)),
    ("POST", "/visits/{id}/read-backs/{read_back}/confirm", Either(Sell)),
    ("POST", "/visits/{id}/read-backs/{read_back}/dismiss", Either(Sell)),
    ("GET", "/visits/{id}/read-backs/{read_back}/speech", Either(ReadShop)),
    ("POST", "/visits/{id}/recordings", Either(Sell)),
    ("GET", "/visits/{id}/reports", Either(ReadShop)),
    ("POST", "/visits/{id}/reports", Either(Sell)),
    ("GET", "/wallet", Member(ReadMoney)),
    ("POST", "/webhooks/razorpay", Nothing),
    ("POST", "/webhooks/razorpayx", Nothing),
    ("POST", "/webhooks/stripe", Nothing),
];

static TABLE: LazyLock<HashMap<(&str, &str), Needs>> =
    LazyLock::new(|| ROUTES.iter().map(|(method, path, needs)| ((*method, *path), *needs)).collect());

impl Needs {
    /// What an endpoint needs; none for one without a line.
    pub fn of(method: &str, path: &str) -> Option<Self> {
        // Whoever may read may ask for the head alone.
        let method = if method == "HEAD" { "GET" } else { method };
        TABLE.get(&(method, path)).copied()
    }

    /// What a path without a line needs: all there is.
    fn everything(path: &str) -> Option<Self> {
        let known = ROUTES.iter().any(|(_, known, _)| *known == path);
        let needs =
            if path.starts_with("/operator/") { Operator(ManageOperators) } else { Member(ChangePayee) };
        // A known path is only called by a method that it does not take.
        Some(needs).filter(|_| !known)
    }

    /// Lets the caller through, or says why not.
    ///
    /// # Errors
    /// As the caller's own checks.
    pub fn check(self, caller: &Caller) -> Result<(), Error> {
        match self {
            Buyer if caller.passes().is_empty() => Err(Error::NoPass),
            Nothing | Buyer => Ok(()),
            SignedIn => caller.signed_in().map(drop),
            // A key belongs to nobody: what is asked of a person is not asked of it.
            Membership => caller.signed_in().and_then(|_| caller.vendor()).map(drop),
            Member(permission) => caller.member(permission).map(drop),
            Either(permission) => caller.either(permission),
            Operator(permission) => caller.operate(permission).map(drop),
            Confirmed(needs) => needs.check(caller).and_then(|()| caller.shown_again()),
            MemberOrOperator(own, all) => {
                caller.operate(all).map(drop).or_else(|_| caller.member(own).map(drop))
            }
        }
    }

    /// The business whose rows alone the call is about: where it is made as a member.
    fn fenced(self, caller: &Caller) -> Option<TenantId> {
        match self {
            Member(_) | Either(_) => caller.acts_for(),
            MemberOrOperator(_, all) => {
                let oversees = caller.roles().operator.is_some_and(|role| role.may(all));
                caller.acts_for().filter(|_| !oversees)
            }
            Confirmed(needs) => needs.fenced(caller),
            // Whoever leaves a business goes over to another.
            Membership | Nothing | SignedIn | Buyer | Operator(_) => None,
        }
    }

    /// What it needs, in the document.
    fn described(self) -> Value {
        match self {
            Nothing => json!("nothing"),
            SignedIn => json!("signed_in"),
            Membership => json!("membership"),
            Member(permission) => json!({ "member": permission }),
            Buyer => json!("buyer"),
            Either(permission) => json!({ "member_or_buyer": permission }),
            Operator(permission) => json!({ "operator": permission }),
            MemberOrOperator(own, all) => json!({ "member": own, "operator": all }),
            Confirmed(needs) => json!({ "confirmed": needs.described() }),
        }
    }
}

/// Lets a call through to its handler where the table says so.
pub async fn guard(request: Request, next: Next) -> Response {
    let Some(matched) = request.extensions().get::<MatchedPath>() else {
        // No endpoint: the answer is that there is none.
        return next.run(request).await;
    };
    let path = matched.as_str().strip_prefix(API).unwrap_or(matched.as_str());
    let needs = Needs::of(request.method().as_str(), path).or_else(|| Needs::everything(path));
    let checked = match (needs, request.extensions().get::<Caller>()) {
        (None, _) => Err(Problem::new(METHOD_NOT_ALLOWED)),
        (Some(Nothing), _) => Ok(None),
        (Some(_), None) => Err(Error::Unprotected.into()),
        (Some(needs), Some(caller)) => {
            needs.check(caller).map(|()| needs.fenced(caller)).map_err(Problem::from)
        }
    };
    match checked {
        Ok(Some(business)) => tenancy::on_behalf_of(business, next.run(request)).await,
        Ok(None) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

/// Writes into the document what each endpoint needs, as `x-needs`.
pub fn describe(document: &mut OpenApi) {
    for (path, item) in &mut document.paths.paths {
        let operations = [
            ("GET", &mut item.get),
            ("PUT", &mut item.put),
            ("POST", &mut item.post),
            ("DELETE", &mut item.delete),
            ("PATCH", &mut item.patch),
        ];
        for (method, operation) in operations {
            let Some(operation) = operation else { continue };
            let Some(needs) = Needs::of(method, path) else { continue };
            let said = Extensions::builder().add("x-needs", needs.described()).build();
            operation.extensions.get_or_insert_default().merge(said);
        }
    }
}
