-- Top-ups without a gateway: paid at the platform's own UPI id; the vendor types the bank's number of it, the operator says whether the
-- bank has the money.
alter table credit_top_ups
    -- The UPI id that was shown; none: a gateway takes it.
    add column upi_id text,
    -- What the payer's bank calls the payment: twelve digits.
    add column utr text constraint credit_top_ups_utr_shape check (utr ~ '^[0-9]{12}$'),
    add column said_at timestamptz,
    add column said_by uuid,
    add column refused_at timestamptz,
    -- Why it was refused, as the vendor reads it.
    add column refusal text,
    -- What the vendor said and the operator did, one line each.
    add column acts text,
    add constraint credit_top_ups_said_is_whole check (
        num_nonnulls(utr, said_at, said_by) in (0, 3) and (utr is null or upi_id is not null)
    ),
    add constraint credit_top_ups_refused_is_whole check (
        (refused_at is null) = (refusal is null) and (refused_at is null or (utr is not null and paid_at is null))
    );

-- A payment is credit once; what was refused may be somebody else's.
create unique index credit_top_ups_utr_once on credit_top_ups (utr) where utr is not null and refused_at is null;
create index credit_top_ups_said on credit_top_ups (id desc) where utr is not null;

-- What came into the platform's bank account, from the bank's own file.
create table credit_bank_lines (
    utr text primary key constraint credit_bank_lines_utr_shape check (utr ~ '^[0-9]{12}$'),
    amount_minor bigint not null constraint credit_bank_lines_amount_positive check (amount_minor > 0),
    given_by uuid not null,
    reason text not null,
    given_at timestamptz not null
);
