-- Passkeys: public keys of phones and computers that verified their person.
create table passkeys (
    id uuid primary key,
    person_id uuid not null references people (id),
    -- What the device calls it: no two are alike anywhere.
    credential bytea not null constraint passkeys_credential_once unique,
    name text not null,
    -- The public key and what never changes; the counter and what each use may change.
    fixed bytea not null,
    moving bytea not null,
    transports smallint not null,
    added_at timestamptz not null,
    used_at timestamptz
);

create index passkeys_of_people on passkeys (person_id, id);

-- Questions that browsers have yet to answer: each counts once, for five minutes.
create table passkey_questions (
    challenge bytea primary key,
    purpose text not null constraint passkey_questions_purpose_known check (purpose in ('add', 'show')),
    person_id uuid references people (id),
    state bytea not null,
    expires_at timestamptz not null
);

create index passkey_questions_ending on passkey_questions (expires_at);

-- Two releases that run side by side know different words; which there are stands in the program.
alter table account_acts drop constraint account_acts_act_known;
alter table account_acts add constraint account_acts_act_known check (act ~ '^[a-z]+(_[a-z]+)*$');
