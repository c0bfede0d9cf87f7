-- Keys by which other programs call the API in the name of a business, as far as whoever made them may, and within their own scopes.
create table api_keys (
    tenant_id uuid not null references tenants (id),
    id uuid not null,
    person_id uuid not null references people (id),
    name text not null,
    -- Of the key itself only the hash is kept, and the ends by which people know it.
    token_hash bytea not null constraint api_keys_token_once unique,
    ends text not null,
    scopes text[] not null constraint api_keys_have_scopes check (cardinality(scopes) between 1 and 20),
    -- Ed25519, 32 bytes: what signed requests are checked against.
    public_key bytea constraint api_keys_public_key_is_one check (octet_length(public_key) = 32),
    made_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz,
    primary key (tenant_id, id)
);

-- What was in a signed request counts once, until the request is too old anyway.
create table api_key_nonces (
    key_id uuid not null,
    nonce text not null,
    expires_at timestamptz not null,
    primary key (key_id, nonce)
);

create index api_key_nonces_ending on api_key_nonces (expires_at);
