-- What a subscriber has to hear, in order. A subscriber is a stall's vendor (`subscriber_id` is the tenant's own id) or one
-- guest of the stall. The head's row lock makes the numbers gapless: whoever publishes holds it until the commit.
create table sync_heads (
    tenant_id uuid not null,
    subscriber_id uuid not null,
    epoch uuid not null,
    seq bigint not null constraint sync_heads_seq_not_negative check (seq >= 0),
    published_at timestamptz not null,
    primary key (tenant_id, subscriber_id)
);

create index sync_heads_quiet on sync_heads (published_at);

create table sync_events (
    tenant_id uuid not null,
    subscriber_id uuid not null,
    seq bigint not null constraint sync_events_seq_positive check (seq > 0),
    payload jsonb not null,
    created_at timestamptz not null,
    primary key (tenant_id, subscriber_id, seq)
);

create index sync_events_old on sync_events (created_at);

-- The right to open one socket, for seconds. Only the hash of a ticket is kept; it is looked up before the tenant is known.
create table socket_tickets (
    ticket_hash bytea primary key,
    tenant_id uuid not null,
    subscriber_id uuid not null,
    session_id uuid,
    expires_at timestamptz not null,
    constraint socket_tickets_vendor_has_session check ((subscriber_id = tenant_id) = (session_id is not null))
);

create index socket_tickets_expiring on socket_tickets (expires_at);

-- Where a vendor's phones take news while the app is closed (RFC 8030), and the keys to encrypt it with (RFC 8291).
create table push_subscriptions (
    tenant_id uuid not null,
    id uuid not null,
    endpoint text not null,
    p256dh bytea not null constraint push_subscriptions_p256dh_is_a_point check (length(p256dh) = 65),
    auth bytea not null constraint push_subscriptions_auth_is_16_bytes check (length(auth) = 16),
    created_at timestamptz not null,
    primary key (tenant_id, id),
    constraint push_subscriptions_endpoint_once unique (tenant_id, endpoint)
);

create index push_subscriptions_by_endpoint on push_subscriptions (endpoint);
