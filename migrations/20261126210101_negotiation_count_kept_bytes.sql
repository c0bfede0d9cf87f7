-- How large a recording is that its speaker keeps, as it is stored, and since when it is gone. None: it is not kept, or was taken in
-- before anybody counted.
alter table recordings
    add column original_bytes bigint constraint recordings_original_bytes_not_negative check (original_bytes >= 0),
    add column original_gone_at timestamptz;

create index recordings_original_there on recordings (tenant_id, original_bytes)
where original_bytes is not null and original_gone_at is null;
create index recordings_original_gone on recordings (original_gone_at) where original_gone_at is not null;
