//! Whose rows are in this context's tables; and what stands in the way of ending an account.

use platform::fields::{EMAIL_ADDRESSES, Fields, PHONE_NUMBERS};
use platform::personal::{Fate, GUEST, NONE, PERSON, SealedColumn, Table};
use sqlx::PgConnection;
use types::{PersonId, TenantId};

use super::private;
use crate::closing::OwnedBusiness;

const CHAIN: Fate =
    Fate::Stays("a chain of hashes, which breaks where an entry is changed; it holds ids alone, no names");
const PROOF: Fate = Fate::Stays("it shows what was agreed to; it holds ids alone, no names");
const ID: &[(&str, &str)] = &[("id", "uuid")];
const TENANT_AND_ID: &[(&str, &str)] = &[("tenant_id", "uuid"), ("id", "uuid")];
const SECRET: &str = "it would let somebody in";

/// Every table, in the order in which rows can go.
pub(crate) const TABLES: &[Table] = &[
    Table::new("half_sign_ins", "Sign-ins that waited for a code.").person(PERSON, Fate::Goes).secret(SECRET),
    Table::new("app_tokens", "Tokens of programs that are signed in.")
        .person("session_id in (select id from sessions where person_id = $1)", Fate::Goes)
        .secret(SECRET),
    Table::new("sessions", "Devices that are signed in.")
        .person(PERSON, Fate::Goes)
        .business_where("tenant_id = any($2)", Fate::Goes)
        .without(&["token_hash"], SECRET),
    Table::new("passkey_questions", "Questions that a passkey was to answer.")
        .person(PERSON, Fate::Goes)
        .secret(SECRET),
    Table::new("passkeys", "Devices that sign in by finger, face or lock.")
        .person(PERSON, Fate::Goes)
        .without(&["credential", "fixed", "moving", "transports"], "it is the device's own"),
    Table::new("outside_accounts", "Accounts elsewhere that sign in here.")
        .person(PERSON, Fate::Goes)
        .sealed(ID, &[SealedColumn::new("shown_as")]),
    Table::new("openid_sign_ins", "Sign-ins elsewhere that are nobody's yet, for ten minutes.")
        .sealed(&[("token_hash", "bytea")], &[SealedColumn::new("shown_as")]),
    Table::new("api_keys", "Keys by which other programs call.")
        .person(PERSON, Fate::Goes)
        .business(Fate::Goes)
        .without(&["token_hash", "public_key"], SECRET),
    Table::new("api_key_nonces", "What was in signed calls, for five minutes."),
    Table::new("recovery_codes", "Recovery codes.").person(PERSON, Fate::Goes).secret(SECRET),
    Table::new("second_factors", "That codes are asked for at sign-in.")
        .person(PERSON, Fate::Goes)
        .without(&["secret"], SECRET),
    Table::new("letters", "Letters to you that are on their way, or whose link still works.")
        .person("person_id = $1 or address_index = (select email_index from people where id = $1)", Fate::Goes)
        .sealed(ID, &[SealedColumn::new("address").found_by(EMAIL_ADDRESSES)])
        .without(&["token_hash", "invitation_hash"], SECRET),
    Table::new("texts", "Messages to your telephone that are on their way, or whose code still works.")
        .person("person_id = $1 or phone_index = (select phone_index from people where id = $1)", Fate::Goes)
        .sealed(ID, &[SealedColumn::new("phone").found_by(PHONE_NUMBERS).from_the_start()])
        .without(&["ticket_hash", "code_hash", "invitation_hash"], SECRET),
    Table::new("pictures", "Your picture of yourself.")
        .person(PERSON, Fate::Goes)
        .sealed(&[("person_id", "uuid")], &[SealedColumn::new("jpeg").of_bytes()])
        .without(&["name", "jpeg", "jpeg_sealed"], "the picture is among the files"),
    Table::new("account_acts", "What happened to your account.")
        .person(PERSON, Fate::Set("device = ''")),
    Table::new("consents", "What you agreed to, and what you took back.")
        .person(PERSON, PROOF)
        .guest("guest_id = any($5)", PROOF),
    Table::new("invitations", "Invitations to a business.")
        .person("phone_index = (select phone_index from people where id = $1)", Fate::Goes)
        .sealed(TENANT_AND_ID, &[SealedColumn::new("phone").found_by(PHONE_NUMBERS)])
        .business(Fate::Goes)
        .without(&["token_hash"], SECRET),
    Table::new("team_acts", "Who joined, left or became what in a business.")
        .person("by_person_id = $1 or person_id = $1", Fate::Stays("it holds ids alone, no names"))
        .business(Fate::Stays("it holds ids alone, no names")),
    Table::new("crew_members", "Teams you are in.").person(PERSON, Fate::Goes).business(Fate::Goes),
    Table::new("crews", "Teams of a business.").business(Fate::Goes),
    Table::new("members", "Businesses you belong to.").person(PERSON, Fate::Goes).business(Fate::Goes),
    Table::new("kept_visits", "Visits without an account that you keep in yours.")
        .person(PERSON, Fate::Goes)
        .business(Fate::Set("stall_name = '—'"))
        .guest(GUEST, Fate::Goes),
    Table::new("guest_passes", "Visits of a phone.")
        .business(Fate::Set("stall_name = '—'"))
        .guest(GUEST, Fate::Goes)
        .without(&["token_hash"], SECRET),
    Table::new("sign_in_failures", "Wrong passwords, counted under a hash for an hour."),
    Table::new("audit_acts", "What you did, as it is kept for those whom it concerns.")
        .person("person_id = $1", CHAIN)
        .business_where("chain_id = any($2)", CHAIN)
        .without(&["previous", "hash"], "they hold the chain together"),
    Table::new("audit_chains", "The ends of the chains."),
    Table::new("tenants", "Your businesses.")
        .business_where("id = any($2)", Fate::Set("name = null, name_sealed = null"))
        .sealed(ID, &[SealedColumn::new("name")]),
    Table::new("people", "Your account.")
        .person(
            "id = $1",
            // No number or address that anybody can reach or sign in with, and no hash that any password has.
            Fate::Set(
                "name = null, name_sealed = null, phone = null, phone_sealed = null, phone_index = null, phone_verified_at = null, email = null,
                 email_sealed = null, email_index = null, password_hash = 'erased', tenant_id = null, operator = false,
                 operator_role = null, operator_acts = null",
            ),
        )
        .sealed(
            ID,
            &[
                SealedColumn::new("name"),
                SealedColumn::new("phone").found_by(PHONE_NUMBERS),
                SealedColumn::new("email").found_by(EMAIL_ADDRESSES),
            ],
        )
        .business_where(NONE, Fate::Stays("the business that a session is for, by its id"))
        .without(&["password_hash"], SECRET),
];

/// The businesses that a person owns, and whether others belong to each, and own it.
pub(crate) async fn owned(
    connection: &mut PgConnection,
    fields: &Fields,
    person: PersonId,
    limit: i64,
) -> Result<Vec<OwnedBusiness>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select tenants.id as "tenant: TenantId", tenants.name_sealed as name,
             exists (
                 select 1 from members as other
                 where other.tenant_id = tenants.id and other.person_id <> $1
             ) as "has_others!",
             exists (
                 select 1 from members as other
                 where other.tenant_id = tenants.id and other.person_id <> $1 and other.role = 'owner'
             ) as "has_owners!"
         from members
         join tenants on tenants.id = members.tenant_id
         where members.person_id = $1 and members.role = 'owner'
         order by tenants.id
         limit $2"#,
        person.uuid(),
        limit,
    )
    .fetch_all(connection)
    .await?;
    let mut owned = Vec::with_capacity(rows.len());
    for row in rows {
        owned.push(OwnedBusiness {
            tenant: row.tenant,
            name: private::business(fields, row.tenant, row.name.as_deref())?,
            has_others: row.has_others,
            has_owners: row.has_owners,
        });
    }
    Ok(owned)
}

/// Whether a person is the only admin among those who run the installation.
pub(crate) async fn is_last_admin(
    connection: &mut PgConnection,
    person: PersonId,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select coalesce(bool_and(id = $1), false) as "is_last!"
         from people
         where operator_role = 'admin'"#,
        person.uuid(),
    )
    .fetch_one(connection)
    .await
}
