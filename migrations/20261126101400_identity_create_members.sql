-- A business has several members, each in a role; a person may belong to several businesses. Whoever had a business owns it.
alter table tenants add column name text not null default '';

update tenants
set name = people.name
from people
where people.tenant_id = tenants.id;

create table members (
    tenant_id uuid not null references tenants (id),
    person_id uuid not null references people (id),
    role text not null constraint members_role_known check (role in ('owner', 'admin', 'member', 'viewer')),
    joined_at timestamptz not null,
    primary key (tenant_id, person_id)
);

create index members_of_person on members (person_id, joined_at);
create index members_owning on members (tenant_id, joined_at) where role = 'owner';

insert into members (tenant_id, person_id, role, joined_at)
select tenant_id, id, 'owner', created_at
from people
where tenant_id is not null;

-- The business that a session acts for, for as long as it lives; `people.tenant_id` is the one that the next session is for.
alter table sessions add column tenant_id uuid references tenants (id);

update sessions
set tenant_id = people.tenant_id
from people
where people.id = sessions.person_id;

create index sessions_of_business on sessions (tenant_id, person_id);

-- An invitation is a link with a secret, of which only the hash is kept. It opens the business once.
create table invitations (
    tenant_id uuid not null references tenants (id),
    id uuid not null,
    token_hash bytea not null constraint invitations_token_once unique,
    role text not null constraint invitations_role_known check (role in ('owner', 'admin', 'member', 'viewer')),
    -- Only the person with this number may accept; none: whoever holds the link.
    phone text,
    invited_by uuid not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    -- How it ended: accepted or revoked, by whom.
    accepted_at timestamptz,
    revoked_at timestamptz,
    ended_by uuid,
    primary key (tenant_id, id),
    constraint invitations_end_once check (accepted_at is null or revoked_at is null),
    constraint invitations_ended_by_somebody check ((accepted_at is null and revoked_at is null) = (ended_by is null))
);

create index invitations_open on invitations (tenant_id, id) where ended_by is null;

-- What was done about a business's members: never changed, never deleted.
create table team_acts (
    tenant_id uuid not null references tenants (id),
    id uuid not null,
    act text not null constraint team_acts_act_known
        check (act in ('opened', 'invited', 'revoked', 'joined', 'role_changed', 'removed', 'left', 'named')),
    by_person_id uuid not null,
    -- Whom it was done to, where that is another.
    person_id uuid,
    role text,
    at timestamptz not null,
    primary key (tenant_id, id)
);

-- What somebody who runs the installation may do. `operator` says whether they run it at all, for the release before.
alter table people add column operator_role text constraint people_operator_role_known
    check (operator_role in ('support', 'finance', 'moderator', 'admin'));

update people
set operator_role = 'admin'
where operator;

-- Who gave or took the role, and why: one line each.
alter table people add column operator_acts text;

create index people_operating on people (id) where operator_role is not null;
