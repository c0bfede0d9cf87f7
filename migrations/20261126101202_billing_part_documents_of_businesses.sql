-- What a registered buyer is sold free of tax stands on a bill of supply of its own beside the tax invoice; a refund of both takes
-- back both.
drop index documents_order_once;
create unique index documents_order_kind_once on documents (tenant_id, order_id, kind) where credits_id is null;
drop index documents_credited_once;
create unique index documents_credited_once on documents (tenant_id, refund_id, credits_id) where refund_id is not null;
