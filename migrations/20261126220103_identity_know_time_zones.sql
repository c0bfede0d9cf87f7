-- In which zone of the IANA database a person reads times.
alter table people add column time_zone text not null default 'Asia/Kolkata'
    constraint people_time_zone_named check (time_zone ~ '^[A-Za-z0-9_+/-]{1,64}$');
