-- Teams inside a business: named groups of its members. One that was dissolved keeps its row, for what was done about it.
create table crews (
    tenant_id uuid not null references tenants (id),
    id uuid not null,
    name text not null constraint crews_name_fits check (char_length(name) between 1 and 80),
    -- Whoever arrives at the stall is given to it.
    greets boolean not null default false,
    created_at timestamptz not null,
    dissolved_at timestamptz,
    primary key (tenant_id, id),
    constraint crews_dissolved_greet_nobody check (dissolved_at is null or not greets)
);

create unique index crews_name_once on crews (tenant_id, lower(name)) where dissolved_at is null;
create unique index crews_one_greets on crews (tenant_id) where greets;

create table crew_members (
    tenant_id uuid not null,
    crew_id uuid not null,
    person_id uuid not null,
    since timestamptz not null,
    primary key (tenant_id, crew_id, person_id),
    constraint crew_members_crew_known foreign key (tenant_id, crew_id) references crews (tenant_id, id) on delete cascade,
    -- Whoever leaves the business leaves its teams.
    constraint crew_members_belong foreign key (tenant_id, person_id) references members (tenant_id, person_id) on delete cascade
);

create index crew_members_of_person on crew_members (tenant_id, person_id);

-- The team that whoever accepts will be in.
alter table invitations add column crew_id uuid;

-- The team that it was about.
alter table team_acts add column crew_id uuid;
alter table team_acts drop constraint team_acts_act_known;
alter table team_acts add constraint team_acts_act_known
    check (act in ('opened', 'invited', 'revoked', 'joined', 'role_changed', 'removed', 'left', 'named',
                   'factor_required', 'factor_freed', 'crew_formed', 'crew_named', 'crew_dissolved', 'crew_joined', 'crew_left',
                   'crew_greets', 'crew_rests'));

alter table crews enable row level security;
create policy rows_of_one_business on crews using (
    current_user <> 'vyapar_tenant' or tenant_id = (select nullif(current_setting('vyapar.business', true), '')::uuid));
alter table crew_members enable row level security;
create policy rows_of_one_business on crew_members using (
    current_user <> 'vyapar_tenant' or tenant_id = (select nullif(current_setting('vyapar.business', true), '')::uuid));
