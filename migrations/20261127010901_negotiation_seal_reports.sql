-- What a reporter says lies sealed, as complaints do. The program, which has the keys, seals what is there in the clear when it starts and
-- empties the column; it goes in a release after this one.
alter table reports alter column words drop not null;
alter table reports add column words_sealed bytea;
