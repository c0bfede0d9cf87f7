-- Whether a parent or guardian agreed, for a child who spoke.
alter table consents add column by_guardian boolean not null default false;
