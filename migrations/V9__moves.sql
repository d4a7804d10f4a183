-- Disks that move between kinds of storage while their machine is off, and disks that become images.

-- machines ----------------------------------------------------------------------------------------------------------

-- The disk's row says where the disk is; this says where it was and where it goes. COPYING and VERIFYING: the old bytes
-- are the disk. DONE: the new ones are, and the old are kept until keep_until. CONFIRMED: the old are deleted. UNDONE:
-- the old ones are the disk again. pending: the worker has something left to do for it. started: the machine was started
-- since DONE, so that going back loses what it wrote.
create table disk_move (
    id               uuid primary key,
    disk_id          uuid not null references disk on delete cascade,
    machine_id       uuid not null references machine,
    tenant_id        uuid not null references tenant,
    size_gib         bigint not null,
    from_profile_id  uuid not null references storage_profile,
    from_volume      uuid not null,
    from_place       text not null default '',
    from_image_id    uuid references image,
    to_profile_id    uuid not null references storage_profile,
    to_volume        uuid not null unique,
    to_place         text not null default '',
    state            text not null check (state in ('COPYING', 'VERIFYING', 'DONE', 'CONFIRMED', 'UNDONE', 'FAILED')),
    pending          boolean not null,
    started          boolean not null default false,
    failure          text not null default '',
    bytes            bigint not null default 0,
    digest           text not null default '',
    requested_by     text not null,
    requested_at     timestamptz not null,
    done_at          timestamptz,
    keep_until       timestamptz
);
create unique index disk_move_open on disk_move (disk_id) where pending or state = 'DONE';
create index disk_move_machine on disk_move (machine_id, requested_at);
create index disk_move_keep on disk_move (keep_until) where state = 'DONE';
create trigger disk_move_changed after insert or update or delete on disk_move
    for each row execute function notify_machine_part();

-- A copy of a machine's disk that becomes an image and, with it, a revision of a template that an admin decides on.
create table capture (
    id               uuid primary key,
    machine_id       uuid not null references machine,
    disk_id          uuid not null,
    tenant_id        uuid not null references tenant,
    template_id      uuid not null references template,
    image_id         uuid not null,
    image_name       text not null,
    notes            text not null default '',
    state            text not null check (state in ('COPYING', 'PROPOSED', 'FAILED')),
    revision         int,
    failure          text not null default '',
    requested_by     text not null,
    requested_at     timestamptz not null
);
create unique index capture_open on capture (machine_id) where state = 'COPYING';
create unique index capture_image_name on capture (image_name) where state <> 'FAILED';
create index capture_machine on capture (machine_id, requested_at);
create trigger capture_changed after insert or update or delete on capture
    for each row execute function notify_machine_part();
