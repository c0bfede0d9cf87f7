-- What is reported of a business, that its stall is closed and what is switched off for it is seen by it alone; what is switched off for all,
-- under the nil UUID, by everybody.
do $$
declare
    name text;
    whose text := 'tenant_id = (select nullif(current_setting(''vyapar.business'', true), '''')::uuid)';
begin
    foreach name in array array['reports', 'closed_stalls', 'switched_off']
    loop
        execute format('alter table %I enable row level security', name);
        execute format(
            'create policy rows_of_one_business on %I using (current_user <> ''vyapar_tenant'' or %s)', name,
            case name when 'switched_off' then whose || ' or tenant_id = ''00000000-0000-0000-0000-000000000000''' else whose end);
    end loop;
end
$$;
