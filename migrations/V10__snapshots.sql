-- States of machines' disks that are kept, and machines that are cloned from them.

-- machines ----------------------------------------------------------------------------------------------------------

-- frozen: the guest wrote everything out and held still. paused: the worker has the machine held for the moment, so that
-- all its disks are caught at one point; whoever carries its work on lets it go. size_bytes: what the machine's disks
-- took on their host at that time, and so the most that the snapshot keeps from being freed.
create table snapshot (
    id             uuid primary key,
    machine_id     uuid not null references machine,
    tenant_id      uuid not null references tenant,
    name           text not null,
    note           text not null default '',
    state          text not null check (state in ('TAKING', 'READY', 'REVERTING', 'DELETING', 'FAILED')),
    size_bytes     bigint not null default 0,
    frozen         boolean not null default false,
    paused         boolean not null default false,
    created_by     text not null,
    created_at     timestamptz not null,
    position       bigint generated always as identity,
    unique (machine_id, name)
);
create index snapshot_age on snapshot (created_at);

-- The disks that a snapshot keeps, as they were. In what holds the disk it has the snapshot's id for a name.
create table snapshot_disk (
    snapshot_id    uuid not null references snapshot on delete cascade,
    disk_id        uuid not null references disk,
    volume         uuid not null,
    size_gib       bigint not null,
    primary key (snapshot_id, disk_id)
);
create index snapshot_disk_disk on snapshot_disk (disk_id);

create trigger snapshot_changed after insert or update or delete on snapshot
    for each row execute function notify_machine_part();

-- The snapshot from which the disk is still to be filled; null once it is, and for disks that start from an image.
alter table disk add column snapshot_id uuid references snapshot;
create index disk_snapshot on disk (snapshot_id) where snapshot_id is not null;

-- requests ----------------------------------------------------------------------------------------------------------

-- The snapshot that the machine shall be a clone of. No reference: it may be gone before somebody decides.
alter table vm_request add column snapshot_id uuid;

-- tenancy: what is new has a limit from the start.
insert into quota (tenant_id, resource, quota_limit) select id, 'snapshots', 20 from tenant on conflict do nothing;
