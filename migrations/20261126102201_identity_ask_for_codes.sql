-- A second factor: codes of six digits from an app on the person's phone. The secret is sealed.
create table second_factors (
    person_id uuid primary key references people (id),
    secret bytea not null,
    begun_at timestamptz not null,
    -- When a first code showed that the app has the secret: it is asked for from then on.
    confirmed_at timestamptz,
    -- The period of 30 s whose code was used last: a code works once.
    last_step bigint not null default 0
);

-- For whoever lost the phone: each works once, of each only the hash is kept.
create table recovery_codes (
    person_id uuid not null references people (id),
    code_hash bytea not null,
    made_at timestamptz not null,
    used_at timestamptz,
    primary key (person_id, code_hash)
);

-- Whoever gave the right password and has yet to give a code. Opens nothing.
create table half_sign_ins (
    token_hash bytea primary key,
    person_id uuid not null references people (id),
    expires_at timestamptz not null
);

create index half_sign_ins_ending on half_sign_ins (expires_at);

-- Whether a business lets in only those who give a code when they sign in.
alter table tenants add column second_factor_required boolean not null default false;

alter table team_acts drop constraint team_acts_act_known;
alter table team_acts add constraint team_acts_act_known
    check (act in ('opened', 'invited', 'revoked', 'joined', 'role_changed', 'removed', 'left', 'named',
        'factor_required', 'factor_freed'));
