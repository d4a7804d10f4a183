-- A boot test may measure its machine's disk from inside.
alter table boot_test add measures boolean not null default false;

-- How fast a disk was inside a guest, by whose template; rates in bytes a second, 0 as long as they are not known.
alter table storage_speed
    add guest_write_bytes bigint not null default 0,
    add guest_read_bytes  bigint not null default 0,
    add guest_template    text not null default '',
    add guest_measured_at timestamptz;
