-- People's pictures lie sealed. The program, which has the keys, seals what is there in the clear when it starts and empties the column
-- before; that goes in a release after this one.
alter table pictures alter column jpeg drop not null;
alter table pictures add column jpeg_sealed bytea
    constraint pictures_jpeg_sealed_small check (octet_length(jpeg_sealed) <= 132096);
alter table pictures add constraint pictures_are_there check (num_nonnulls(jpeg, jpeg_sealed) > 0);
