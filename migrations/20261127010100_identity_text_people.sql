-- When its person showed by a code that the number is theirs; none where it stands on somebody's word.
alter table people add column phone_verified_at timestamptz;

-- Short messages to telephones: on their way, and until the code in them was used or is over.
create table texts (
    id uuid primary key,
    kind text not null constraint texts_kind_known check (kind ~ '^[a-z]+(_[a-z]+)*$'),
    -- Whose account it is about; none where there is none yet.
    person_id uuid references people (id),
    phone text not null,
    language text not null,
    channel text not null constraint texts_channel_known check (channel in ('sms', 'whatsapp')),
    -- Names the code to whoever asked for it: of its secret only the hash is kept.
    ticket_hash bytea constraint texts_ticket_once unique,
    -- A code has six digits: without the installation's key its hash tells nothing. None where no code is right.
    code_hash bytea,
    guesses_left smallint not null constraint texts_guesses_bounded check (guesses_left between 0 and 5),
    -- The invitation that whoever asked came with.
    invitation_hash bytea,
    sent_at timestamptz,
    expires_at timestamptz not null
);

create index texts_of_people on texts (person_id) where person_id is not null;
create index texts_by_phone on texts (phone);
create index texts_ending on texts (expires_at);

-- The invitation that whoever asked for a link came with: the link may be followed where its secret is not.
alter table letters add column invitation_hash bytea;

-- People's pictures of themselves, small and without anything that a camera wrote beside them.
create table pictures (
    person_id uuid primary key references people (id),
    -- 256 random bits: whoever was not told it does not find it.
    name text not null constraint pictures_name_once unique,
    jpeg bytea not null constraint pictures_jpeg_small check (octet_length(jpeg) <= 131072),
    set_at timestamptz not null
);
