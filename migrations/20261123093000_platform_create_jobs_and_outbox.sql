-- Background jobs and the outbox. Both are queues: rows live for seconds, so they carry no tenant in their key.
create table jobs (
    id uuid primary key,
    tenant_id uuid,
    kind text not null,
    payload jsonb not null,
    unique_key text,
    priority smallint not null,
    state text not null constraint jobs_state_known check (state in ('ready', 'running', 'paused', 'dead')),
    run_at timestamptz not null,
    attempts smallint not null default 0,
    attempts_max smallint not null constraint jobs_attempts_max_positive check (attempts_max > 0),
    holder uuid,
    lease_until timestamptz,
    last_error text,
    created_at timestamptz not null,
    constraint jobs_running_is_held check ((state = 'running') = (holder is not null and lease_until is not null))
);

create index jobs_ready on jobs (priority desc, run_at, id) where state = 'ready';
create index jobs_running on jobs (lease_until) where state = 'running';
create index jobs_resting on jobs (state, tenant_id, id) where state in ('paused', 'dead');
-- One waiting job a key; one that runs does not stop the next from being asked for.
create unique index jobs_unique_key on jobs (kind, unique_key) where unique_key is not null and state = 'ready';

create table job_schedules (
    name text primary key,
    next_run_at timestamptz not null
);

create table outbox_events (
    id uuid primary key,
    tenant_id uuid not null,
    kind text not null,
    payload jsonb not null,
    created_at timestamptz not null
);
