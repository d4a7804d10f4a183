-- Null, with an empty name beside it, for a machine without a disk.
alter table machine_request alter column storage_profile_id drop not null;

-- A machine of another size: `resizing` until its domain can only start with the new figures. One that ran meanwhile
-- still has the former ones.
alter table machine
    add column resizing boolean not null default false,
    add column former_size text,
    add column former_vcpus int,
    add column former_memory_mib bigint;

-- Off and on again, for what takes effect at the next start.
alter table machine drop constraint machine_restart_check;
alter table machine add constraint machine_restart_check check (restart in ('', 'REBOOT', 'RESET', 'CYCLE'));
