-- Some gateways have a page of their own that payers are sent to.
alter table gateway_orders add column page_url text;
