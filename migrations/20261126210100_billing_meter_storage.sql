-- What is kept in files has a price, too: by bytes that are kept over the end of a day.
alter table credit_prices drop constraint credit_prices_measure_known;
alter table credit_prices add constraint credit_prices_measure_known
    check (measure in ('audio_ms', 'speech_characters', 'translation_characters', 'stored_byte_days'));

-- What a business had kept at the end of a day in India, where the price book had a price for it: charged once.
create table credit_stored_days (
    tenant_id uuid not null,
    day date not null,
    id uuid not null,
    recordings_bytes bigint not null constraint credit_stored_days_recordings_not_negative check (recordings_bytes >= 0),
    papers_bytes bigint not null constraint credit_stored_days_papers_not_negative check (papers_bytes >= 0),
    -- Waived: there was no credit for so long that it is asked for no more.
    state text not null constraint credit_stored_days_state_known check (state in ('counted', 'charged', 'waived')),
    -- The charge.
    usage_id uuid,
    created_at timestamptz not null,
    settled_at timestamptz,
    primary key (tenant_id, day),
    constraint credit_stored_days_id_once unique (tenant_id, id),
    constraint credit_stored_days_charged_is_whole check ((state = 'charged') = (usage_id is not null)),
    constraint credit_stored_days_settled_has_time check ((state = 'counted') = (settled_at is null))
);

create index credit_stored_days_waiting on credit_stored_days (day, tenant_id) where state = 'counted';

-- The days that were counted of everybody.
create table credit_storage_counts (
    day date primary key,
    counted_at timestamptz not null
);
