-- An account has a phone number, an e-mail address that its person has shown to be theirs, or both.
alter table people alter column phone drop not null;
alter table people add column email text constraint people_email_once unique;
alter table people add constraint people_have_a_handle check (phone is not null or email is not null);

-- Letters to people: on their way, and until the link in them was followed or is over.
create table letters (
    id uuid primary key,
    kind text not null constraint letters_kind_known check (kind ~ '^[a-z]+(_[a-z]+)*$'),
    -- Whose account it is about; none where there is none yet.
    person_id uuid references people (id),
    address text not null,
    language text not null,
    -- Of the secret in a link only the hash is kept.
    token_hash bytea constraint letters_token_once unique,
    sent_at timestamptz,
    expires_at timestamptz not null
);

create index letters_of_people on letters (person_id) where person_id is not null;
create index letters_by_address on letters (address);
create index letters_ending on letters (expires_at);
