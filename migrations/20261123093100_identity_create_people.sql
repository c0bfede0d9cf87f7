-- People sign in; a person who sells has a business, the tenant. People and sessions belong to the installation, not to
-- a stall: their keys carry no tenant.
create table tenants (
    id uuid primary key,
    opened_at timestamptz not null
);

create table people (
    id uuid primary key,
    tenant_id uuid references tenants (id),
    phone text not null constraint people_phone_once unique,
    name text not null,
    language text not null,
    password_hash text not null,
    operator boolean not null default false,
    created_at timestamptz not null,
    updated_at timestamptz not null
);

-- Only the hash of a token is kept: who reads the table cannot sign in with it.
create table sessions (
    id uuid primary key,
    person_id uuid not null references people (id),
    token_hash bytea not null constraint sessions_token_once unique,
    created_at timestamptz not null,
    last_seen_at timestamptz not null,
    expires_at timestamptz not null
);

create index sessions_of_person on sessions (person_id, created_at);
create index sessions_expiring on sessions (last_seen_at);

-- A buyer's right to one visit. One phone's passes share a token; each visit has a guest of its own.
create table guest_passes (
    tenant_id uuid not null,
    guest_id uuid not null,
    visit_id uuid not null,
    token_hash bytea not null,
    stall_name text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    primary key (tenant_id, guest_id),
    constraint guest_passes_one_a_visit unique (tenant_id, visit_id)
);

create index guest_passes_of_phone on guest_passes (token_hash, created_at);
create index guest_passes_expiring on guest_passes (expires_at);

-- Failed sign-ins of the last hour, by phone number and by address, each as a keyed hash.
create table sign_in_failures (
    subject bytea primary key,
    failures integer not null,
    window_ends_at timestamptz not null
);

create index sign_in_failures_ending on sign_in_failures (window_ends_at);
