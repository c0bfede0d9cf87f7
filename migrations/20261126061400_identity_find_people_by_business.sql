-- Who sells, by business: for the operator's lists.
create index people_of_business on people (tenant_id) where tenant_id is not null;
