-- The state that the goods are delivered to, where that is not said to be the stall's own: what goods and services tax calls the
-- place of supply.
alter table orders
    add column place_of_supply text constraint orders_place_of_supply_a_code check (place_of_supply ~ '^[0-9]{2}$');
