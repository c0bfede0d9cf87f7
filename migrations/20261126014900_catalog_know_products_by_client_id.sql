-- A retry of the vendor's phone is known by its id and compared by what it asked for. Products from before have neither.
alter table products
    add column client_id uuid,
    add column content_hash bytea,
    add constraint products_client_id_once unique (tenant_id, client_id),
    add constraint products_id_with_content check ((client_id is null) = (content_hash is null));
