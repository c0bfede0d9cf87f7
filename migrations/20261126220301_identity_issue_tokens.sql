-- Tokens by which a program acts as a person who signed it in. The sign-in itself is a session like any other; here are its
-- tokens, a generation a row: one to call with for minutes, and one that is exchanged for the next generation, once.
create table app_tokens (
    session_id uuid not null references sessions (id) on delete cascade,
    generation integer not null constraint app_tokens_generation_counts check (generation >= 0),
    -- Of the tokens only the hashes are kept.
    refresh_hash bytea not null constraint app_tokens_refresh_once unique,
    access_hash bytea not null constraint app_tokens_access_once unique,
    access_ends_at timestamptz not null,
    -- When it was exchanged; and for moments afterwards what it was exchanged for, sealed, because answers get lost.
    replaced_at timestamptz,
    next_sealed bytea,
    primary key (session_id, generation),
    constraint app_tokens_next_once_replaced check (next_sealed is null or replaced_at is not null)
);

create index app_tokens_sealed on app_tokens (replaced_at) where next_sealed is not null;
