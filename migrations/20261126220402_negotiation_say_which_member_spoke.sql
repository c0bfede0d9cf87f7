-- Which member of the business said it: what somebody agreed to goes with their words. None for buyers, the app, and what was said before.
alter table messages add column by_person_id uuid;
