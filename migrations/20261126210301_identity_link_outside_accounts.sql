-- Accounts elsewhere that sign a person in: known by issuer and subject, never by an address.
create table outside_accounts (
    id uuid primary key,
    person_id uuid not null references people (id),
    issuer text not null,
    subject text not null,
    -- What the person knows the account by.
    shown_as text not null,
    linked_at timestamptz not null,
    used_at timestamptz,
    constraint outside_accounts_once unique (issuer, subject)
);

create index outside_accounts_of_people on outside_accounts (person_id, id);

-- Sign-ins that are under way elsewhere, and those that came back with an account that is nobody's yet.
create table openid_sign_ins (
    token_hash bytea primary key,
    issuer_name text not null,
    nonce text not null,
    verifier text not null,
    redirect text not null,
    issuer text,
    subject text,
    shown_as text,
    expires_at timestamptz not null
);

create index openid_sign_ins_ending on openid_sign_ins (expires_at);
