-- Several gateways stand side by side: what exists at one is known under the gateway's name and its own id. What is there already is
-- Razorpay's, and so is what a release that knows no other writes.

alter table gateway_orders
    add column gateway text not null default 'razorpay',
    drop constraint gateway_orders_pkey,
    add constraint gateway_orders_pkey primary key (gateway, gateway_order_id);

alter table gateway_qr_codes
    add column gateway text not null default 'razorpay',
    drop constraint gateway_qr_codes_pkey,
    add constraint gateway_qr_codes_pkey primary key (gateway, gateway_qr_id);

alter table payments
    drop constraint payments_gateway_payment_once,
    add constraint payments_gateway_payment_once unique (tenant_id, gateway, gateway_payment_id);
