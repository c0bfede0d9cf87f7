-- A bank may send a refund back that was made, weeks later: it is made again. How often that happened is part of what the books have it under.
alter table refunds
    add column came_back smallint not null default 0,
    add constraint refunds_came_back_not_negative check (came_back >= 0);
