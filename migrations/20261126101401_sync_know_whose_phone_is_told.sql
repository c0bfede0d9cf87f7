-- Whose phone a subscription is: who no longer belongs to the business is not told its news.
alter table push_subscriptions add column person_id uuid;

update push_subscriptions
set person_id = members.person_id
from members
where members.tenant_id = push_subscriptions.tenant_id;
