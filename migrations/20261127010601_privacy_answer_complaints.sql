-- What people say is wrong with what is kept of them, and what they were answered. Both are sealed.
create table grievances (
    id uuid primary key,
    -- Who complains: a person, or a phone by the guests of its visits.
    person_id uuid,
    guest_ids uuid[] not null default '{}',
    -- The sender's own id: the same complaint sent twice is one.
    client_id uuid not null constraint grievances_once unique,
    about text not null constraint grievances_about_known
        check (about in ('access', 'correction', 'deletion', 'consent', 'security', 'other')),
    language text not null,
    words_sealed bytea not null,
    asked_at timestamptz not null,
    -- By when the installation says that it answers.
    due_at timestamptz not null,
    answer_sealed bytea,
    answered_at timestamptz,
    answered_by uuid,
    constraint grievances_are_somebodys check ((person_id is null) = (guest_ids <> '{}')),
    constraint grievances_answered_whole check (num_nulls(answer_sealed, answered_at, answered_by) in (0, 3))
);

create index grievances_of_person on grievances (person_id, id desc) where person_id is not null;
create index grievances_of_guests on grievances using gin (guest_ids);
create index grievances_waiting on grievances (due_at) where answered_at is null;
