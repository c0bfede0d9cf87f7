-- Money of an order that its buyer's bank took for good: written down like a refund, under the dispute's id.
alter table order_refunds drop constraint order_refunds_by_known;
alter table order_refunds
    add constraint order_refunds_by_known check (by in ('vendor', 'operator', 'gateway', 'bank'));
