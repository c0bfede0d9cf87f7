-- A buyer at a stall.
create table visits (
    tenant_id uuid not null,
    id uuid not null,
    guest_id uuid not null,
    buyer_number integer not null,
    buyer_language text not null,
    vendor_language text not null,
    state text not null constraint visits_state_known check (state in ('open', 'left')),
    -- What the talk is about: the product and amount named last.
    product_id uuid,
    wanted_milli bigint,
    wanted_unit text,
    message_count integer not null default 0,
    -- Up to which message each side's phone has got the talk, and the side has seen it.
    buyer_delivered_seq integer not null default 0,
    buyer_seen_seq integer not null default 0,
    vendor_delivered_seq integer not null default 0,
    vendor_seen_seq integer not null default 0,
    bargain_until timestamptz not null,
    expires_at timestamptz not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant_id, id),
    constraint visits_wanted_is_whole check ((wanted_milli is null) = (wanted_unit is null))
);

create index visits_recent on visits (tenant_id, updated_at desc, id desc);
create index visits_expiring on visits (expires_at);

create table visit_counters (
    tenant_id uuid primary key,
    buyers integer not null
);

create table messages (
    tenant_id uuid not null,
    id uuid not null,
    visit_id uuid not null,
    seq integer not null,
    client_id uuid not null,
    content_hash bytea not null,
    author text not null constraint messages_author_known check (author in ('buyer', 'vendor', 'app')),
    -- Who may read it: what is not clear yet is its speaker's alone.
    audience text not null constraint messages_audience_known check (audience in ('both', 'buyer', 'vendor')),
    via text not null constraint messages_via_known check (via in ('typed', 'spoken', 'keypad', 'browser', 'app')),
    state text not null constraint messages_state_known check (state in ('hearing', 'heard', 'unclear', 'refused')),
    refused_because text,
    text text not null,
    language text not null,
    acts jsonb not null,
    notice jsonb,
    offer_id uuid,
    recording_id uuid,
    created_at timestamptz not null,
    primary key (tenant_id, id),
    constraint messages_seq_once unique (tenant_id, visit_id, seq),
    constraint messages_client_id_once unique (tenant_id, visit_id, author, client_id)
);

-- Translations of talk; typed acts are rendered, not stored.
create table message_translations (
    tenant_id uuid not null,
    message_id uuid not null,
    language text not null,
    text text not null,
    made_by text not null,
    warning text,
    created_at timestamptz not null,
    primary key (tenant_id, message_id, language)
);

create table offers (
    tenant_id uuid not null,
    id uuid not null,
    visit_id uuid not null,
    made_by text not null constraint offers_side_known check (made_by in ('buyer', 'vendor')),
    product_id uuid not null,
    price_minor bigint not null,
    per_milli bigint not null,
    unit text not null,
    amount_milli bigint not null,
    amount_unit text not null,
    amount_fixed boolean not null,
    total_minor bigint not null,
    state text not null constraint offers_state_known check (
        state in ('being_confirmed', 'offered', 'countered', 'accepted', 'declined', 'withdrawn', 'expired')
    ),
    -- Whether its speaker ever said that it was heard right.
    confirmed boolean not null,
    counters uuid,
    message_id uuid,
    client_id uuid not null,
    expires_at timestamptz not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant_id, id),
    constraint offers_are_more_than_nothing check (price_minor > 0 and per_milli > 0 and amount_milli > 0 and total_minor > 0),
    constraint offers_client_id_once unique (tenant_id, visit_id, made_by, client_id)
);

-- One offer a product on the table, one a side being confirmed: whoever comes second loses the race, not the deal.
create unique index offers_one_standing on offers (tenant_id, visit_id, product_id) where state = 'offered';
create unique index offers_one_unconfirmed on offers (tenant_id, visit_id, made_by) where state = 'being_confirmed';
create index offers_of_visit on offers (tenant_id, visit_id, id desc);

-- A question whether something was heard right, open until it is answered or another takes its place.
create table read_backs (
    tenant_id uuid not null,
    id uuid not null,
    visit_id uuid not null,
    side text not null constraint read_backs_side_known check (side in ('buyer', 'vendor')),
    state text not null constraint read_backs_state_known check (state in ('open', 'confirmed', 'dismissed', 'replaced')),
    question jsonb not null,
    offer_id uuid,
    message_id uuid,
    client_id uuid not null,
    answer_client_id uuid,
    expires_at timestamptz not null,
    created_at timestamptz not null,
    primary key (tenant_id, id)
);

create unique index read_backs_one_open on read_backs (tenant_id, visit_id, side) where state = 'open';

create table recordings (
    tenant_id uuid not null,
    id uuid not null,
    visit_id uuid not null,
    message_id uuid not null,
    -- Of the bytes as they came; kept when the bytes are gone.
    sha256 bytea not null,
    content_type text not null,
    duration_ms integer not null,
    quality jsonb not null,
    expecting text not null,
    -- By which recogniser, once it is heard.
    heard_by text,
    -- The sealed speech until it is recognised, and the sealed original where the speaker keeps it.
    speech_blob text,
    original_blob text,
    keep_until timestamptz,
    created_at timestamptz not null,
    primary key (tenant_id, id)
);

create index recordings_kept on recordings (keep_until) where original_blob is not null;
create index recordings_waiting on recordings (tenant_id, visit_id) where speech_blob is not null;
create index recordings_speech on recordings (speech_blob) where speech_blob is not null;
create index recordings_originals on recordings (original_blob) where original_blob is not null;
