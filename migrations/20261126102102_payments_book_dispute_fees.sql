-- What of a dispute's fee is in the books: a gateway keeps it, gives it back with a win, or tells of either later.
alter table disputes add column fee_booked_minor bigint not null default 0;

update disputes
set fee_booked_minor = fee_minor
where state in ('lost', 'accepted', 'expired');
