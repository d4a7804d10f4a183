-- machines: how far the wiping of a device is that an admin agreed to have overwritten, in percent.
alter table device add column wiped_percent int not null default 0;

-- A capture keeps its image's name only until the image is there, which then keeps it itself, for as long as it is.
drop index capture_image_name;
create unique index capture_image_name on capture (image_name) where state = 'COPYING';

-- catalog: how fast a host's disks on a storage profile are, measured when an admin asks for it. The id names what is
-- measured on the host, so that whoever carries on finds what another worker left. The last figures stay until new ones
-- are there. Rates in bytes and operations a second; 0 as long as they are not known.
create table storage_speed (
    id              uuid primary key,
    profile_id      uuid not null references storage_profile,
    host_id         uuid not null references host,
    host_name       text not null,
    wanted          boolean not null,
    problem         text not null default '',
    write_bytes     bigint not null default 0,
    read_bytes      bigint not null default 0,
    write_ops       bigint not null default 0,
    read_ops        bigint not null default 0,
    requested_by    text not null,
    requested_at    timestamptz not null,
    measured_at     timestamptz,
    unique (profile_id, host_id)
);
create trigger storage_speed_changed after insert or update or delete on storage_speed
    for each row execute function notify_profile_check();
