-- The operator's list of refunds runs over every stall, newest first.
create index refunds_by_id on refunds (id);

-- Who had a failed refund made again, and why: one line each.
alter table refunds add column retries text;
