-- Who did what, and who looked at whose data: one chain a business and one, under the nil UUID, for the installation.
create table audit_chains (
    id uuid primary key,
    -- How many acts the chain has, and the hash of the last: 32 zeros where there is none.
    length bigint not null constraint audit_chains_length_counts check (length >= 0),
    head bytea not null constraint audit_chains_head_is_a_hash check (octet_length(head) = 32)
);

create table audit_acts (
    chain_id uuid not null constraint audit_acts_chain_known references audit_chains (id),
    number bigint not null constraint audit_acts_number_counts check (number > 0),
    -- For lists across chains: it sorts by time, and follows from the act.
    id uuid not null,
    at timestamptz not null,
    area text not null,
    deed text not null,
    -- Who; none for whoever was not signed in, and for the command line.
    person_id uuid,
    -- What or whom it was about.
    about_id uuid,
    reason text,
    previous bytea not null constraint audit_acts_previous_is_a_hash check (octet_length(previous) = 32),
    hash bytea not null constraint audit_acts_hash_is_a_hash check (octet_length(hash) = 32),
    primary key (chain_id, number)
);

create index audit_acts_in_order on audit_acts (id);
create index audit_acts_of_chain on audit_acts (chain_id, id);
create index audit_acts_of_person on audit_acts (person_id, id);

-- The chain's hashes find what was changed; these keep it from being changed by a slip. Whoever owns the tables can take them off.
create function audit_stays() returns trigger language plpgsql as $$
begin
    raise exception using errcode = 'restrict_violation', constraint = 'audit_stays',
        message = 'what was kept of an act is neither changed nor removed';
end
$$;

create trigger audit_acts_stay before update or delete on audit_acts
    for each row execute function audit_stays();
create trigger audit_acts_stay_together before truncate on audit_acts
    for each statement execute function audit_stays();
create trigger audit_chains_grow before update on audit_chains
    for each row when (
        new.id <> old.id or new.length not in (old.length, old.length + 1)
        or (new.length = old.length and new.head <> old.head)
    ) execute function audit_stays();
create trigger audit_chains_stay before delete on audit_chains
    for each row execute function audit_stays();
create trigger audit_chains_stay_together before truncate on audit_chains
    for each statement execute function audit_stays();
