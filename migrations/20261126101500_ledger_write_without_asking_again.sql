-- Less to ask for each transfer (docs/adr/0014).

-- Writes nothing where an account is not as it was when the transfers were worked out: one account that was moved on since
-- undoes the statement, and no row has to be locked before it is changed.
create function ledger_stands(stands boolean) returns boolean language plpgsql as $$
begin
    if stands then
        return true;
    end if;
    raise exception using errcode = 'VL001', message = 'the books are not as they were remembered';
end
$$;

-- What resolves or reverses a transfer is only written where that transfer was read under the locks of its accounts, or is pending in a memory
-- that holds at their versions; and a time-out together with its transfer. `vyapar ledger check` proves both.
alter table ledger_transfers drop constraint ledger_transfers_subject_known;
alter table ledger_timeouts drop constraint ledger_timeouts_pending_known;
