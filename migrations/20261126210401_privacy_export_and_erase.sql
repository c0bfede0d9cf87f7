-- A copy of somebody's data, made by a job and kept for a day.
create table data_exports (
    id uuid primary key,
    -- The name of the sealed file and the end of its link: 256 random bits.
    key text not null constraint data_exports_key_once unique,
    -- Whose: a person's, or a phone's by the guests of its visits.
    person_id uuid,
    guest_ids uuid[] not null default '{}',
    -- A phone's visits, as they were when it asked.
    visits jsonb,
    state text not null constraint data_exports_state_known check (state in ('asked', 'ready', 'over')),
    bytes bigint,
    -- Whether everything fitted.
    whole boolean,
    asked_at timestamptz not null,
    ready_at timestamptz,
    expires_at timestamptz,
    constraint data_exports_are_somebodys check ((person_id is null) = (visits is not null)),
    constraint data_exports_ready_is_whole check (state <> 'ready' or num_nulls(bytes, whole, ready_at, expires_at) = 0)
);

create index data_exports_of_person on data_exports (person_id, id desc) where person_id is not null;
create index data_exports_of_guests on data_exports using gin (guest_ids);
create index data_exports_expiring on data_exports (expires_at) where state = 'ready';

-- An account that its person wants erased: until it begins, the person may keep it.
create table erasures (
    id uuid primary key,
    person_id uuid not null,
    state text not null constraint erasures_state_known check (state in ('asked', 'kept', 'running', 'done')),
    asked_at timestamptz not null,
    due_at timestamptz not null,
    -- What stood in the way when it was due.
    waits_for text[] not null default '{}',
    -- The businesses that end with it, once it runs.
    businesses uuid[] not null default '{}',
    ended_at timestamptz,
    constraint erasures_due_later check (due_at > asked_at)
);

create unique index erasures_one_open on erasures (person_id) where state in ('asked', 'running');
