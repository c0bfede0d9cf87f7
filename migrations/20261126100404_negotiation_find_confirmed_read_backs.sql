-- What was read back and confirmed on the way to a deal goes into the agreement.
create index read_backs_of_visit on read_backs (tenant_id, visit_id, id);
