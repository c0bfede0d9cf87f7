-- Whom a document is for lies sealed until it is made. The program, which has the keys, seals what is there in the clear when it starts and
-- empties the columns before; they go in a release after this one.
alter table order_recipients alter column legal_name drop not null;
alter table order_recipients alter column address drop not null;
alter table order_recipients alter column city drop not null;
alter table order_recipients alter column pin drop not null;
alter table order_recipients add column legal_name_sealed bytea;
alter table order_recipients add column address_sealed bytea;
alter table order_recipients add column city_sealed bytea;
alter table order_recipients add column pin_sealed bytea;
alter table order_recipients add constraint order_recipients_are_whole check (
    num_nonnulls(legal_name, legal_name_sealed) > 0 and num_nonnulls(address, address_sealed) > 0
    and num_nonnulls(city, city_sealed) > 0 and num_nonnulls(pin, pin_sealed) > 0
);
