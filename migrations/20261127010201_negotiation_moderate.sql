-- What one side of a visit says of the other to whoever keeps order, and what came of it.
create table reports (
    tenant_id uuid not null,
    id uuid not null,
    -- The visit that it is about; it may be forgotten meanwhile.
    visit_id uuid not null,
    guest_id uuid not null,
    by_side text not null constraint reports_by_side_known check (by_side in ('buyer', 'vendor')),
    -- The member who reports, on the vendor's side.
    by_person_id uuid,
    reason text not null constraint reports_reason_known
        check (reason in ('fraud', 'abuse', 'forbidden_goods', 'spam', 'other')),
    -- In the reporter's own words, where there are some.
    words text not null constraint reports_words_short check (char_length(words) <= 500),
    state text not null constraint reports_state_known check (state in ('open', 'dismissed', 'warned', 'closed')),
    reported_at timestamptz not null,
    decided_by uuid,
    decided_at timestamptz,
    primary key (tenant_id, id),
    constraint reports_once_a_visit unique (tenant_id, visit_id, by_side),
    constraint reports_member_on_vendors_side check ((by_person_id is not null) = (by_side = 'vendor')),
    constraint reports_decided_are_over check ((state = 'open') = (decided_at is null)),
    constraint reports_only_stalls_close check (state <> 'closed' or by_side = 'buyer')
);

create index reports_in_order on reports (id);
create index reports_open on reports (id) where state = 'open';
create index reports_of_guest on reports (guest_id, reported_at);

-- Stalls that somebody who keeps order has closed for now: no visit begins there.
create table closed_stalls (
    tenant_id uuid primary key,
    closed_at timestamptz not null,
    closed_by uuid not null
);
