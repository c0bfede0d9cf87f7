-- What the platform's own bank says of settlements that came in and payouts that went out.

-- Files of the account that operators gave. A day of one is known where a line before it or of it, and one of it or after it, is there.
create table bank_statements (
    id uuid primary key,
    sha256 text not null,
    first_day date not null,
    last_day date not null,
    lines integer not null,
    matched integer not null,
    person_id uuid not null,
    reason text not null,
    received_at timestamptz not null,
    constraint bank_statements_days_follow check (first_day <= last_day)
);

create index bank_statements_by_day on bank_statements (last_day, first_day);

-- Their lines that bear the number of a settlement or a payout, and no others: what else goes through the account is nobody's business here.
create table bank_lines (
    utr text not null,
    day date not null,
    debit_minor bigint not null,
    credit_minor bigint not null,
    -- The same on the same day more than once in one file.
    occurrence integer not null,
    statement_id uuid not null,
    primary key (utr, day, debit_minor, credit_minor, occurrence),
    constraint bank_lines_move_one_way check (debit_minor >= 0 and credit_minor >= 0 and (debit_minor = 0) <> (credit_minor = 0))
);

-- The number is looked for as banks write it.
create index settlement_lines_by_utr on settlement_lines (upper(utr)) where utr is not null;
create index payouts_by_utr on payouts (upper(utr)) where utr is not null;
create index payouts_by_sending on payouts (coalesce(sent_at, updated_at)) where utr is not null;

alter table reconciliation_exceptions
    drop constraint reconciliation_exceptions_kind_known,
    add constraint reconciliation_exceptions_kind_known check (
        kind in (
            'missing-here', 'missing-at-gateway', 'amount-differs', 'captured-twice', 'fee-differs',
            'refunded-at-gateway', 'not-settled', 'unknown-settlement-line', 'books-differ', 'missing-at-bank', 'bank-differs'
        )
    );
