-- Less to write for each transfer (docs/adr/0014).

-- Times never go back within an account's history, so what is found by its version is found in the index by time as well. That a version is
-- given once follows from the accounts' rows: a transfer is written in the statement that moves them from the version before.
alter table ledger_transfers
    drop constraint ledger_transfers_debit_version_unique,
    drop constraint ledger_transfers_credit_version_unique;

-- A transfer is only written in the statement that changes the rows of its two accounts. What is left of these keys is that accounts stay.
alter table ledger_transfers
    drop constraint ledger_transfers_debit_account_known,
    drop constraint ledger_transfers_credit_account_known;

-- What is reserved is not negative, so these follow from the same with what is reserved.
alter table ledger_accounts
    drop constraint ledger_accounts_debits_within_credits,
    drop constraint ledger_accounts_credits_within_debits;

create function ledger_accounts_stay() returns trigger language plpgsql as $$
begin
    raise exception using errcode = 'restrict_violation', constraint = 'ledger_accounts_stay',
        message = 'an account of the books is not removed, and stays what it was opened as';
end
$$;

create trigger ledger_accounts_stay
    before delete or update of tenant_id, id, code, side, balance_limit, currency on ledger_accounts
    for each row execute function ledger_accounts_stay();
create trigger ledger_accounts_stay_together before truncate on ledger_accounts
    for each statement execute function ledger_accounts_stay();
