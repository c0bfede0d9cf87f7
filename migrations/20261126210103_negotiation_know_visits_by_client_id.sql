-- The phone's own id for entering, so that an answer that was lost makes no second visit. None: it sent none.
alter table visits
    add column client_id uuid,
    add constraint visits_client_id_once unique (tenant_id, client_id);
