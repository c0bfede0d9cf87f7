-- Visits that somebody made without an account and keeps in the one that they have now.
create table kept_visits (
    tenant_id uuid not null,
    guest_id uuid not null,
    visit_id uuid not null,
    person_id uuid not null references people (id),
    stall_name text not null,
    -- Until when the visit itself can be gone on with.
    expires_at timestamptz not null,
    kept_at timestamptz not null,
    constraint kept_visits_once primary key (tenant_id, guest_id)
);

create index kept_visits_of_people on kept_visits (person_id, kept_at);
