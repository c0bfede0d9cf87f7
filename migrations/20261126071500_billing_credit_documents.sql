-- A document of a sale that was undone is taken back by another: a credit note, or the receipt of a refund.
alter table documents
    -- Which document it takes back.
    add column credits_id uuid,
    drop constraint documents_kind_known,
    add constraint documents_kind_known
        check (kind in ('tax_invoice', 'bill_of_supply', 'receipt', 'credit_note', 'refund_receipt')),
    add constraint documents_credit_names_what_it_credits
        check ((kind in ('credit_note', 'refund_receipt')) = (credits_id is not null)),
    drop constraint documents_order_once;

create unique index documents_order_once on documents (tenant_id, order_id) where credits_id is null;
create unique index documents_credited_once on documents (tenant_id, credits_id) where credits_id is not null;
