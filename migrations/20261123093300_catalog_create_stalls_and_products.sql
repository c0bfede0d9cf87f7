create table stalls (
    tenant_id uuid primary key,
    name text not null,
    language text not null,
    about text,
    created_at timestamptz not null,
    updated_at timestamptz not null
);

-- What a product is called elsewhere comes from the table of goods, by its lemma.
create table products (
    tenant_id uuid not null,
    id uuid not null,
    name text not null,
    language text not null,
    lemma text,
    price_minor bigint not null constraint products_price_positive check (price_minor > 0),
    per_milli bigint not null constraint products_per_positive check (per_milli > 0),
    price_unit text not null,
    -- The vendor's secret: below it nothing is agreed to without a warning.
    floor_minor bigint,
    floor_per_milli bigint,
    floor_unit text,
    hsn text,
    treatment text not null constraint products_treatment_known check (treatment in ('exempt', 'taxable')),
    rate_percent_milli bigint,
    hidden boolean not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant_id, id),
    constraint products_floor_whole check (
        (floor_minor is null) = (floor_per_milli is null) and (floor_minor is null) = (floor_unit is null)
    ),
    constraint products_floor_positive check (floor_minor > 0 and floor_per_milli > 0),
    constraint products_taxed_at_a_rate check ((treatment = 'taxable') = (rate_percent_milli is not null)),
    constraint products_rate_within_percent check (rate_percent_milli between 0 and 100000)
);

create index products_on_sale on products (tenant_id, id) where not hidden;

-- One row a product, and the only one that buyers of it meet at. The unit never changes.
create table stock (
    tenant_id uuid not null,
    product_id uuid not null,
    unit text not null,
    on_hand_milli bigint not null constraint stock_on_hand_in_range check (on_hand_milli between 0 and 9999999999),
    held_milli bigint not null constraint stock_held_not_negative check (held_milli >= 0),
    movement_count bigint not null,
    primary key (tenant_id, product_id),
    foreign key (tenant_id, product_id) references products (tenant_id, id),
    constraint stock_held_within_on_hand check (held_milli <= on_hand_milli)
);

-- Stock set aside for an order. The live rows (held) sum to stock.held_milli.
create table stock_holds (
    tenant_id uuid not null,
    id uuid not null,
    product_id uuid not null,
    order_id uuid not null,
    quantity_milli bigint not null constraint stock_holds_quantity_positive check (quantity_milli > 0),
    state text not null constraint stock_holds_state_known check (
        state in ('held', 'sold', 'released', 'returned')
    ),
    until timestamptz not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, product_id) references stock (tenant_id, product_id)
);

create index stock_holds_of_product on stock_holds (tenant_id, product_id) where state = 'held';
create index stock_holds_lapsing on stock_holds (until) where state = 'held';

-- Every change of what is on hand, numbered within the product. They sum to stock.on_hand_milli.
create table stock_movements (
    tenant_id uuid not null,
    product_id uuid not null,
    seq bigint not null,
    id uuid not null,
    kind text not null constraint stock_movements_kind_known check (
        kind in ('opened', 'counted', 'bought', 'spoilt', 'sold', 'returned')
    ),
    change_milli bigint not null,
    on_hand_after_milli bigint not null constraint stock_movements_after_not_negative check (on_hand_after_milli >= 0),
    -- The hold that was sold or returned.
    hold_id uuid,
    -- A retry of the vendor's phone is known by its id and compared by what it asked for.
    client_id uuid,
    set_to_milli bigint,
    created_at timestamptz not null,
    primary key (tenant_id, product_id, seq),
    foreign key (tenant_id, product_id) references stock (tenant_id, product_id),
    constraint stock_movements_id_once unique (tenant_id, id),
    constraint stock_movements_client_id_once unique (tenant_id, client_id),
    constraint stock_movements_hold_once unique (tenant_id, hold_id, kind)
);
