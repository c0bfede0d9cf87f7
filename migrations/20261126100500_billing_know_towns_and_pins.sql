-- The town and PIN code of a seller's address: an e-invoice says them apart. Null until the seller gave them.
alter table tax_profiles
    add column city text,
    add column pin text constraint tax_profiles_pin_shape check (pin ~ '^[1-9][0-9]{5}$');
