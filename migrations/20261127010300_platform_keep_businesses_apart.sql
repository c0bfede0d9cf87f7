-- What is done for a business runs as the role vyapar_tenant on connections that were told the business (`vyapar.business`), and sees and
-- changes its rows alone, also where a statement forgot to ask for them. The role is the server's and not the database's: `platform::tenancy`
-- makes it at each start, and nothing here names it but in a comparison. For every other login, owner of the tables or not, nothing changes.
-- References between tables and what is unique are looked at across all rows, as before.
do $$
declare
    name text;
    whose text;
begin
    foreach name in array array[
        'api_keys', 'coupon_redemptions', 'credit_charged_lots', 'credit_holds', 'credit_lots', 'credit_member_limits',
        'credit_member_wants', 'credit_recharges', 'credit_refunds', 'credit_stored_days', 'credit_top_ups', 'credit_usage',
        'credit_wallets', 'credit_wants', 'dispute_files', 'disputes', 'document_series', 'documents', 'gateway_customers',
        'gateway_orders', 'gateway_qr_codes', 'guest_passes', 'invitations', 'keeping_pages', 'kept_visits', 'ledger_accounts',
        'ledger_timeouts', 'ledger_transfers', 'members', 'message_translations', 'messages', 'offers', 'order_counters', 'order_events',
        'order_lines', 'order_recipients', 'order_refund_lines', 'order_refunds', 'orders', 'outbox_events', 'payment_intents',
        'payment_methods', 'payment_profiles', 'payments', 'payout_accounts', 'payout_terms', 'payouts', 'plan_invoices', 'products',
        'push_subscriptions', 'read_backs', 'reconciliation_exceptions', 'recordings', 'refunds', 'sessions', 'settlement_lines',
        'shelves', 'socket_tickets', 'stalls', 'stock', 'stock_holds', 'stock_movements', 'subscriptions', 'sync_events', 'sync_heads',
        'tax_profiles', 'team_acts', 'visit_counters', 'visits',
        'tenants', 'audit_chains', 'audit_acts', 'commission_rules', 'jobs'
    ]
    loop
        whose := case name
            when 'tenants' then 'id'
            when 'audit_chains' then 'id'
            when 'audit_acts' then 'chain_id'
            else 'tenant_id'
        end || ' = (select nullif(current_setting(''vyapar.business'', true), '''')::uuid)';
        -- A rule for everybody and work for nobody are no business's.
        if name in ('commission_rules', 'jobs') then
            whose := whose || ' or tenant_id is null';
        end if;
        -- The platform's own papers for a business take their number from a series of its own.
        if name = 'document_series' then
            whose := whose || ' or tenant_id = ''00000000-0000-0000-0000-000000000000''';
        end if;
        execute format('alter table %I enable row level security', name);
        execute format(
            'create policy rows_of_one_business on %I using (current_user <> ''vyapar_tenant'' or %s)', name, whose);
    end loop;
end
$$;
