-- Directories of hosts that machines share.

-- machines ----------------------------------------------------------------------------------------------------------

-- pending: the running domain may not have it, or the machine is off and has not started with it yet. removing: on its
-- way out. It takes nothing of the quota. Files stay on the host, whoever shares them.
create table machine_share (
    id                  uuid primary key,
    machine_id          uuid not null references machine,
    storage_profile_id  uuid not null references storage_profile,
    storage_slug        text not null,
    created_at          timestamptz not null,
    pending             boolean not null default true,
    removing            boolean not null default false,
    note                text not null default '',
    -- The guest finds a directory by the profile's name.
    unique (machine_id, storage_profile_id)
);
create index machine_share_profile on machine_share (storage_profile_id);

create trigger machine_share_changed after insert or update or delete on machine_share
    for each row execute function notify_machine_part();
