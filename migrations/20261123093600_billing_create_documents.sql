-- What a seller's documents say of the seller. A seller without a row is not registered for tax.
create table tax_profiles (
    tenant_id uuid primary key,
    registration text not null constraint tax_profiles_registration_known check (
        registration in ('regular', 'composition', 'none')
    ),
    gstin text constraint tax_profiles_gstin_shape check (
        gstin ~ '^[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]Z[0-9A-Z]$'
    ),
    legal_name text not null,
    address text not null,
    state_code text not null constraint tax_profiles_state_code_shape check (state_code ~ '^[0-9]{2}$'),
    updated_at timestamptz not null,
    constraint tax_profiles_gstin_where_registered check ((registration = 'none') = (gstin is null)),
    constraint tax_profiles_gstin_of_state check (gstin is null or left(gstin, 2) = state_code)
);

-- The next number of each series. The row is locked by the transaction that issues a document until it commits: a number is taken
-- only together with its document, so that a series has no gap.
create table document_series (
    tenant_id uuid not null,
    kind text not null,
    -- The year in which the financial year (April to March) begins.
    financial_year integer not null,
    next integer not null constraint document_series_within_sixteen_characters check (next between 1 and 1000000),
    primary key (tenant_id, kind, financial_year)
);

-- Issued documents. A row is written once and never changed.
create table documents (
    tenant_id uuid not null,
    id uuid not null,
    order_id uuid not null,
    visit_id uuid not null,
    guest_id uuid not null,
    kind text not null constraint documents_kind_known check (kind in ('tax_invoice', 'bill_of_supply', 'receipt')),
    financial_year integer not null,
    number text not null constraint documents_number_shape check (number ~ '^[A-Za-z0-9/-]{1,16}$'),
    total_minor bigint not null constraint documents_total_positive check (total_minor > 0),
    -- Everything that the paper says, as it was on the day.
    snapshot jsonb not null,
    issued_at timestamptz not null,
    primary key (tenant_id, id),
    constraint documents_order_once unique (tenant_id, order_id),
    constraint documents_number_once unique (tenant_id, financial_year, number)
);

create index documents_of_guest on documents (tenant_id, guest_id, id desc);
