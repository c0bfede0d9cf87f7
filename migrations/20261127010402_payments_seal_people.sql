-- UPI ids, the holders of accounts and what gateways tell of payers lie sealed. The program, which has the keys, seals what is there in the
-- clear when it starts and empties the columns before; they go in a release after this one.
alter table payment_profiles add column upi_id_sealed bytea;

alter table payout_accounts alter column holder drop not null;
alter table payout_accounts add column holder_sealed bytea;
alter table payout_accounts add column upi_id_sealed bytea;
alter table payout_accounts drop constraint payout_accounts_is_whole;
-- One whose vendor is erased keeps nothing of where it was.
alter table payout_accounts add constraint payout_accounts_is_whole check (
    case kind
        when 'bank' then num_nonnulls(ifsc, number_sealed, number_last4) = 3 and num_nonnulls(upi_id, upi_id_sealed) = 0
        else num_nonnulls(ifsc, number_sealed, number_last4) = 0
            and (num_nonnulls(upi_id, upi_id_sealed) > 0 or replaced_at is not null)
    end
);

alter table payment_methods add column upi_id_sealed bytea;
alter table payment_methods drop constraint payment_methods_recognisable;
alter table payment_methods add constraint payment_methods_recognisable check (
    (kind = 'card' and last4 is not null) or (kind = 'upi' and num_nonnulls(upi_id, upi_id_sealed) > 0)
);

alter table webhook_events alter column body drop not null;
alter table webhook_events add column body_sealed bytea;
alter table webhook_events add constraint webhook_events_have_a_body check (num_nonnulls(body, body_sealed) > 0);
