-- Whole devices of hosts that admins have registered for storage profiles of kinds that hand out devices, one for each
-- disk. A disk is known here by its volume, the name of its bytes on the host.

-- machines
create table device (
    id                  uuid primary key,
    storage_profile_id  uuid not null references storage_profile,
    host_id             uuid not null references host,
    host_name           text not null,
    path                text not null,
    -- What its host said last: what the path leads to (empty when it is not there), and what it is.
    resolved            text not null default '',
    size_bytes          bigint not null default 0,
    serial              text not null default '',
    model               text not null default '',
    state               text not null,
    -- Why it is not free, a sentence, and whether an admin may have its data overwritten.
    reason              text not null default '',
    overwritable        boolean not null default false,
    -- An admin has agreed to overwrite what it holds.
    agreed              boolean not null default false,
    volume              uuid unique,
    registered_by       text not null,
    registered_at       timestamptz not null,
    looked_at           timestamptz,
    -- Goes up with each change of the state: what a host says of an older one counts no more.
    version             bigint not null default 0,
    unique (host_id, path),
    check (state in ('CHECKING', 'FREE', 'IN_USE', 'WIPING', 'REFUSED', 'LOST')),
    check ((state = 'IN_USE') = (volume is not null))
);
create index device_free on device (storage_profile_id, host_id, size_bytes) where state = 'FREE';

create function notify_device() returns trigger language plpgsql as $$
begin
    perform pg_notify('berth_changes', 'profile::' || coalesce(new.storage_profile_id, old.storage_profile_id));
    return null;
end $$;
create trigger device_changed after insert or update or delete on device
    for each row execute function notify_device();
