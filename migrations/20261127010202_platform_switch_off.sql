-- What whoever runs the installation has switched off: for one business, or under the nil UUID for all.
create table switched_off (
    switch text not null constraint switched_off_switch_known
        check (switch in ('open_accounts', 'new_visits', 'recordings', 'top_ups', 'exports')),
    tenant_id uuid not null,
    reason text not null constraint switched_off_reason_short check (char_length(reason) between 1 and 200),
    off_by uuid not null,
    off_at timestamptz not null,
    primary key (switch, tenant_id)
);
