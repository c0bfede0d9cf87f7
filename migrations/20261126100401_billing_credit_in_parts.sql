-- A document is taken back in parts: a credit note for each refund of its sale. One from before names no refund: it took back all.
alter table documents
    add column refund_id uuid;

drop index documents_credited_once;
create unique index documents_credited_once on documents (tenant_id, refund_id) where refund_id is not null;
