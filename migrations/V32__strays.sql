-- machines: what lies on hosts under our mark and is nothing's here: domains that no machine's row knows, and volumes that
-- are no disk's. A host's worker writes down what it finds with each sweep.
create table stray (
    id                 uuid primary key,
    host_name          text not null,
    kind               text not null check (kind in ('DOMAIN', 'VOLUME')),
    -- The domain's id, or the volume's.
    ref                uuid not null,
    name               text not null,
    -- Where a volume lies.
    storage_profile_id uuid references storage_profile,
    storage_slug       text not null default '',
    running            boolean not null default false,
    -- Null where it is none of its figures, or the host could not say.
    vcpus              int,
    memory_mib         bigint,
    bytes              bigint,
    since              timestamptz not null,
    -- An admin wants it off its host.
    removing           boolean not null default false,
    -- Why that could not be done.
    note               text not null default '',
    unique (host_name, kind, ref)
);
