-- Whose act caused work at a provider: a member of the business; none where a buyer did, and for what was done before.
alter table credit_usage add column person_id uuid;

create index credit_usage_of_member on credit_usage (tenant_id, person_id, created_at)
where person_id is not null and state in ('reserved', 'captured');

-- What a member may spend in a month. A row is never changed: the newest counts.
create table credit_member_limits (
    tenant_id uuid not null,
    id uuid not null,
    person_id uuid not null,
    -- None: as much as there is.
    limit_minor bigint constraint credit_member_limits_not_negative check (limit_minor >= 0),
    set_by uuid not null,
    created_at timestamptz not null,
    primary key (tenant_id, id)
);

create index credit_member_limits_newest on credit_member_limits (tenant_id, person_id, id desc);

-- The least that work wanted which was refused because of its member's limit, since waiting work was set going last.
create table credit_member_wants (
    tenant_id uuid not null,
    person_id uuid not null,
    measure text not null,
    wanted_minor bigint not null constraint credit_member_wants_positive check (wanted_minor > 0),
    since timestamptz not null,
    primary key (tenant_id, person_id, measure)
);
