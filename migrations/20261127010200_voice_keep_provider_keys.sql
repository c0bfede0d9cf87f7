-- Keys by which providers elsewhere are called, beside that of the settings.
create table provider_keys (
    id uuid primary key,
    provider text not null constraint provider_keys_provider_known check (provider in ('bhashini')),
    name text not null constraint provider_keys_name_short check (char_length(name) between 1 and 60),
    -- What the provider is shown, sealed for this row; gone once the key was ended.
    sealed bytea not null,
    -- The last characters, by which people tell keys apart.
    tail text not null constraint provider_keys_tail_short check (char_length(tail) between 1 and 4),
    -- The least is tried first.
    rank integer not null,
    enabled boolean not null,
    added_by uuid not null,
    added_at timestamptz not null,
    ended_at timestamptz,
    constraint provider_keys_ended_hold_nothing check ((ended_at is null) = (octet_length(sealed) > 0))
);

create index provider_keys_living on provider_keys (id) where ended_at is null;

-- How calls to providers went, by key and minute, of all nodes; the nil UUID is the key of the settings.
create table provider_minutes (
    key_id uuid not null,
    minute timestamptz not null,
    done integer not null constraint provider_minutes_done_counts check (done >= 0),
    failed integer not null constraint provider_minutes_failed_counts check (failed >= 0),
    -- What those that were answered took together, and the slowest of them.
    time_ms bigint not null,
    slowest_ms bigint not null,
    done_at timestamptz,
    failed_at timestamptz,
    -- How the last one failed; it names no key.
    error text constraint provider_minutes_error_short check (char_length(error) <= 500),
    primary key (key_id, minute)
);

create index provider_minutes_old on provider_minutes (minute);
