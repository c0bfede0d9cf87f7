-- What tells who somebody is lies sealed, and is found by a keyed hash of it. The program, which has the keys, seals what is there in the
-- clear when it starts and empties the columns before; they go in a release after this one.
update people
set phone = null, email = null
where erased_at is not null;

alter table people alter column name drop not null;
alter table people add column name_sealed bytea;
alter table people add column phone_sealed bytea;
alter table people add column phone_index bytea
    constraint people_phone_index_is_a_hash check (octet_length(phone_index) = 32);
alter table people add column email_sealed bytea;
alter table people add column email_index bytea
    constraint people_email_index_is_a_hash check (octet_length(email_index) = 32);

alter table people drop constraint people_phone_once;
alter table people drop constraint people_email_once;
alter table people add constraint people_phone_once unique (phone_index);
alter table people add constraint people_email_once unique (email_index);
alter table people drop constraint people_have_a_handle;
alter table people add constraint people_have_a_handle
    check (num_nonnulls(phone, phone_index, email, email_index) > 0 or erased_at is not null);

-- Names are looked through where they are opened.
drop index people_by_name;

alter table tenants alter column name drop not null;
alter table tenants alter column name drop default;
alter table tenants add column name_sealed bytea;

alter table invitations add column phone_sealed bytea;
alter table invitations add column phone_index bytea
    constraint invitations_phone_index_is_a_hash check (octet_length(phone_index) = 32);

alter table letters alter column address drop not null;
alter table letters add column address_sealed bytea;
alter table letters add column address_index bytea
    constraint letters_address_index_is_a_hash check (octet_length(address_index) = 32);
alter table letters add constraint letters_have_an_address check (num_nonnulls(address, address_sealed) > 0);
drop index letters_by_address;
create index letters_by_address on letters (address_index);

alter table outside_accounts alter column shown_as drop not null;
alter table outside_accounts add column shown_as_sealed bytea;

alter table openid_sign_ins add column shown_as_sealed bytea;
