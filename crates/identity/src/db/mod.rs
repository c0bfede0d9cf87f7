//! Every SQL statement of this context.
//!
//! Lock order: `sign_in_failures` by subject, then the `letters` and `texts` whose link or code is used, then the business (`tenants`), its `members`, `crews` with theirs, `invitations` and `api_keys`, then `people` by id,
//! then `second_factors`, `passkeys` and `recovery_codes`, `outside_accounts`, then `half_sign_ins`, then `sessions`, `app_tokens`, then `account_acts`, then the chain of the audit trail. A guest's pass is written last in the transaction of its visit and waits for nobody.

pub(crate) mod account_acts;
pub(crate) mod accounts;
pub(crate) mod api_keys;
pub(crate) mod app_tokens;
pub(crate) mod audit;
pub(crate) mod consents;
pub(crate) mod crews;
pub(crate) mod factors;
pub(crate) mod guests;
pub(crate) mod half_sign_ins;
pub(crate) mod invitations;
pub(crate) mod kept_visits;
pub(crate) mod letters;
pub(crate) mod members;
pub(crate) mod openid;
pub(crate) mod operators;
pub(crate) mod passkeys;
pub(crate) mod people;
pub(crate) mod personal;
pub(crate) mod phones;
pub(crate) mod pictures;
mod private;
pub(crate) mod sessions;
pub(crate) mod texts;
pub(crate) mod throttle;
