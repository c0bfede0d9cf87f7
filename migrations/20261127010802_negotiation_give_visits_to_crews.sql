-- The team of the business that a buyer is given to; none: everybody's.
alter table visits add column crew_id uuid;
