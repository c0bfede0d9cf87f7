-- What the platform keeps of a sale, in versions: a rule is never changed, a later one takes its place. A rule without a stall is
-- everybody's; a stall's own goes before it, and one without parts gives the stall back to everybody's.
create table commission_rules (
    id uuid primary key,
    client_id uuid not null,
    content_hash bytea not null,
    tenant_id uuid,
    parts jsonb,
    effective_from timestamptz not null,
    reason text not null,
    created_by uuid not null,
    created_at timestamptz not null,
    constraint commission_rules_client_id_once unique (client_id),
    constraint commission_rules_everybodys_has_parts check (tenant_id is not null or parts is not null)
);

create index commission_rules_by_stall on commission_rules (tenant_id, effective_from desc, id desc);

-- By which rule the commission was taken: none where it was the configured percentage. Until when the vendor's share is held back.
alter table payments
    add column commission_rule_id uuid,
    add column held_until timestamptz;

create index payments_held on payments (tenant_id, held_until) where held_until is not null;
