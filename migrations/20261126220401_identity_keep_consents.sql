-- To what somebody agreed and when they took it back, each as it was said: rows are added and never changed. The newest for a purpose counts.
create table consents (
    id uuid primary key,
    -- Whose: a person's, or that of a guest of one visit.
    person_id uuid,
    guest_id uuid,
    purpose text not null constraint consents_purpose_known
        check (purpose in ('outside_providers', 'kept_recordings', 'news')),
    given boolean not null,
    -- Which wording was shown, and in which language.
    notice smallint not null constraint consents_notice_counts check (notice > 0),
    language text not null,
    at timestamptz not null,
    constraint consents_are_ones check (num_nonnulls(person_id, guest_id) = 1)
);

create index consents_of_person on consents (person_id, purpose, id desc) where person_id is not null;
create index consents_of_guest on consents (guest_id, purpose, id desc) where guest_id is not null;
create index consents_old on consents (at);

create function consents_stay() returns trigger language plpgsql as $$
begin
    raise exception using errcode = 'restrict_violation', constraint = 'consents_stay',
        message = 'what somebody agreed to is not changed afterwards';
end
$$;

create trigger consents_stay before update on consents for each row execute function consents_stay();
