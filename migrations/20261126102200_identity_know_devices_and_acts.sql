-- What a session is used with (`Chrome · Android`), and when its person last showed that it is they: by signing in, or by the password
-- or a code once more.
alter table sessions add column device text not null default '';
alter table sessions add column confirmed_at timestamptz;

-- What happened to an account: never changed, never deleted.
create table account_acts (
    person_id uuid not null references people (id),
    id uuid not null,
    act text not null constraint account_acts_act_known
        check (act in ('opened', 'signed_in', 'profile_changed', 'password_changed', 'device_signed_out', 'others_signed_out',
            'factor_on', 'factor_off', 'codes_made', 'recovery_code_used', 'code_refused')),
    device text not null,
    at timestamptz not null,
    primary key (person_id, id)
);
