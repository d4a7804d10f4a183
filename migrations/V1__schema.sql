-- Berth's tables, by the package that owns them. Only that package reads or writes them.

-- fleet -------------------------------------------------------------------------------------------------------------

-- One row: which installation this is. Everything made on a host carries this id.
create table installation (
    id         uuid primary key default gen_random_uuid(),
    only_one   boolean not null default true unique check (only_one)
);
insert into installation default values;

create table host (
    id             uuid primary key,
    name           text not null unique,
    uri            text not null,
    state          text not null check (state in ('ACTIVE', 'DRAINING', 'MAINTENANCE')),
    problem        text not null default '',
    seen_at        timestamptz,
    hostname       text not null default '',
    domain_type    text not null default '',
    cpus           int not null default 0,
    memory_mib     bigint not null default 0,
    versions       text not null default '',
    worker_url     text not null default '',
    created_at     timestamptz not null
);

-- security ----------------------------------------------------------------------------------------------------------

create table app_user (
    id             uuid primary key,
    username       text not null unique,
    display_name   text not null,
    admin          boolean not null default false,
    password_hash  text,
    created_at     timestamptz not null
);

-- tenancy -----------------------------------------------------------------------------------------------------------

create table tenant (
    id             uuid primary key,
    slug           text not null unique,
    name           text not null,
    created_at     timestamptz not null
);

create table membership (
    tenant_id      uuid not null references tenant,
    user_id        uuid not null references app_user,
    role           text not null check (role in ('MEMBER', 'OWNER')),
    primary key (tenant_id, user_id)
);
create index membership_user on membership (user_id);

create table ssh_key (
    id             uuid primary key,
    user_id        uuid not null references app_user,
    name           text not null,
    public_key     text not null,
    fingerprint    text not null,
    created_at     timestamptz not null,
    unique (user_id, fingerprint)
);

create table quota (
    tenant_id      uuid not null references tenant,
    resource       text not null,
    quota_limit    bigint not null check (quota_limit >= 0),
    used           bigint not null default 0 check (used >= 0),
    primary key (tenant_id, resource)
);

-- The ledger: who holds how much of what. quota.used is its sum; a row's removal is what gives back, so giving back
-- twice is harmless. Pending holds belong to open requests.
create table quota_hold (
    holder_id      uuid not null,
    resource       text not null,
    tenant_id      uuid not null,
    amount         bigint not null check (amount > 0),
    pending        boolean not null,
    created_at     timestamptz not null,
    primary key (holder_id, resource),
    foreign key (tenant_id, resource) references quota
);
create index quota_hold_tenant on quota_hold (tenant_id, resource, pending);

-- catalog -----------------------------------------------------------------------------------------------------------

create table image (
    id                  uuid primary key,
    name                text not null unique,
    description         text not null default '',
    format              text not null check (format in ('qcow2', 'raw')),
    state               text not null check (state in ('IMPORTING', 'READY', 'RETIRED')),
    virtual_size_bytes  bigint not null default 0,
    file_size_bytes     bigint not null default 0,
    sha256              text not null default '',
    created_by          text not null,
    created_at          timestamptz not null
);

create table size (
    id             uuid primary key,
    slug           text not null unique,
    name           text not null,
    vcpus          int not null check (vcpus > 0),
    memory_mib     bigint not null check (memory_mib > 0),
    disk_gib       bigint not null check (disk_gib > 0),
    retired        boolean not null default false,
    created_at     timestamptz not null
);

create table network_profile (
    id             uuid primary key,
    slug           text not null unique,
    name           text not null,
    description    text not null default '',
    kind           text not null,
    config         jsonb not null,
    retired        boolean not null default false,
    created_at     timestamptz not null
);

create table storage_profile (
    id             uuid primary key,
    slug           text not null unique,
    name           text not null,
    description    text not null default '',
    kind           text not null,
    config         jsonb not null,
    retired        boolean not null default false,
    created_at     timestamptz not null
);

create table template (
    id                   uuid primary key,
    slug                 text not null unique,
    name                 text not null,
    description          text not null default '',
    auto_vcpus           int not null,
    auto_memory_mib      bigint not null,
    auto_disk_gib        bigint not null,
    auto_lease_hours     int not null,
    max_lease_hours      int not null,
    created_at           timestamptz not null
);

create table template_revision (
    id             uuid primary key,
    template_id    uuid not null references template,
    number         int not null check (number > 0),
    state          text not null check (state in ('DRAFT', 'IN_REVIEW', 'APPROVED', 'DEPRECATED', 'RETIRED')),
    image_id       uuid not null references image,
    notes          text not null default '',
    created_by     text not null,
    created_at     timestamptz not null,
    decided_by     text,
    decided_at     timestamptz,
    unique (template_id, number)
);

create table template_revision_size (
    revision_id uuid not null references template_revision,
    size_id     uuid not null references size,
    primary key (revision_id, size_id)
);
create table template_revision_network (
    revision_id uuid not null references template_revision,
    profile_id  uuid not null references network_profile,
    primary key (revision_id, profile_id)
);
create table template_revision_storage (
    revision_id uuid not null references template_revision,
    profile_id  uuid not null references storage_profile,
    primary key (revision_id, profile_id)
);

-- machines ----------------------------------------------------------------------------------------------------------

-- Names beside ids (tenant_slug, owner_name, template_name...) are facts of the day the machine was made; with them a
-- list is one query on one table.
create table machine (
    id                uuid primary key,
    tenant_id         uuid not null references tenant,
    tenant_slug       text not null,
    owner_id          uuid not null references app_user,
    owner_name        text not null,
    name              text not null,
    revision_id       uuid not null references template_revision,
    template_name     text not null,
    revision_number   int not null,
    size_name         text not null,
    vcpus             int not null,
    memory_mib        bigint not null,
    disk_gib          bigint not null,
    host_id           uuid not null references host,
    host_name         text not null,
    ssh_keys          text not null default '',
    user_data         text not null default '',

    wanted            text not null check (wanted in ('RUNNING', 'STOPPED', 'GONE')),
    restart           text not null default '' check (restart in ('', 'REBOOT', 'RESET')),
    force_stop        boolean not null default false,
    generation        bigint not null default 1,
    operation         text not null,
    operation_at      timestamptz not null,
    attempt           int not null default 0,
    seen              text not null default 'NONE'
                      check (seen in ('NONE', 'RUNNING', 'PAUSED', 'SHUTTING_DOWN', 'STOPPED', 'CRASHED')),
    seen_at           timestamptz,
    state             text not null,
    settled           boolean not null default false,
    provisioned_at    timestamptz,
    failure_code      text not null default '',
    failure           text not null default '',
    address           text not null default '',
    lease_until       timestamptz,
    created_at        timestamptz not null,
    gone_at           timestamptz
);
-- A name is free again once its machine is gone.
create unique index machine_name on machine (tenant_id, name) where gone_at is null;
create index machine_tenant_created on machine (tenant_id, created_at desc, id) where gone_at is null;
create index machine_created on machine (created_at desc, id) where gone_at is null;
create index machine_host on machine (host_id) where gone_at is null;

create table disk (
    id                  uuid primary key,
    machine_id          uuid not null references machine,
    storage_profile_id  uuid not null references storage_profile,
    storage_slug        text not null,
    target              text not null,
    size_gib            bigint not null,
    image_id            uuid references image,
    unique (machine_id, target)
);

create table nic (
    id                  uuid primary key,
    machine_id          uuid not null references machine,
    network_profile_id  uuid not null references network_profile,
    network_slug        text not null,
    position            int not null,
    mac                 text not null unique,
    address             text,
    unique (machine_id, position),
    unique (network_profile_id, address)
);

-- The timeline: one row for each step of each operation, updated as it goes.
create table machine_event (
    id             bigint generated always as identity primary key,
    machine_id     uuid not null references machine,
    generation     bigint not null,
    operation      text not null,
    step           text not null,
    state          text not null check (state in ('STARTED', 'DONE', 'FAILED', 'NOTE')),
    attempt        int not null default 1,
    started_at     timestamptz not null,
    finished_at    timestamptz,
    message        text not null default ''
);
create unique index machine_event_step on machine_event (machine_id, generation, step) where state <> 'NOTE';
create index machine_event_machine on machine_event (machine_id, id);

-- requests ----------------------------------------------------------------------------------------------------------

create table vm_request (
    id                  uuid primary key,
    tenant_id           uuid not null references tenant,
    tenant_slug         text not null,
    requester_id        uuid not null references app_user,
    requester_name      text not null,
    machine_id          uuid not null unique,
    revision_id         uuid not null references template_revision,
    template_name       text not null,
    revision_number     int not null,
    size_id             uuid not null references size,
    size_name           text not null,
    vcpus               int not null,
    memory_mib          bigint not null,
    disk_gib            bigint not null,
    network_profile_id  uuid not null references network_profile,
    network_slug        text not null,
    storage_profile_id  uuid not null references storage_profile,
    storage_slug        text not null,
    name                text not null,
    ssh_keys            text not null,
    user_data           text not null,
    lease_hours         int not null,
    reason              text not null,
    state               text not null check (state in ('PENDING', 'APPROVED', 'DENIED', 'WITHDRAWN')),
    why_approval        text not null default '',
    decided_by          text,
    decided_at          timestamptz,
    decision_reason     text not null default '',
    form_token          uuid,
    created_at          timestamptz not null,
    unique (requester_id, form_token)
);
create index vm_request_tenant on vm_request (tenant_id, created_at desc, id);
create index vm_request_state on vm_request (state, created_at, id);
-- Two open requests can't ask for one name either.
create unique index vm_request_name on vm_request (tenant_id, name) where state = 'PENDING';

-- console -----------------------------------------------------------------------------------------------------------

-- Only a digest of the ticket is kept. Using it is deleting its row.
create table console_ticket (
    digest         text primary key,
    machine_id     uuid not null references machine,
    user_id        uuid not null references app_user,
    expires_at     timestamptz not null
);

-- api ---------------------------------------------------------------------------------------------------------------

create table idempotency_key (
    user_id        uuid not null references app_user,
    key            text not null,
    request        text not null,
    status         int not null,
    location       text,
    body           text not null,
    created_at     timestamptz not null,
    primary key (user_id, key)
);
create index idempotency_key_age on idempotency_key (created_at);

-- audit -------------------------------------------------------------------------------------------------------------

create table audit_event (
    id             bigint generated always as identity primary key,
    at             timestamptz not null,
    user_id        uuid,
    username       text not null,
    source         text not null default '',
    tenant_id      uuid,
    tenant_slug    text not null default '',
    action         text not null,
    subject_type   text not null,
    subject_id     text not null,
    subject_name   text not null default '',
    detail         jsonb not null default '{}'
);
create index audit_event_tenant on audit_event (tenant_id, id);
create index audit_event_subject on audit_event (subject_id, id);

create function audit_is_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'the audit log is append-only';
end $$;
create trigger audit_append_only before update or delete or truncate on audit_event
    for each statement execute function audit_is_append_only();

-- provisioning (db-scheduler's own table, as its documentation gives it) ----------------------------------------------

create table scheduled_tasks (
    task_name             text not null,
    task_instance         text not null,
    task_data             bytea,
    execution_time        timestamptz not null,
    picked                boolean not null,
    picked_by             text,
    last_success          timestamptz,
    last_failure          timestamptz,
    consecutive_failures  int,
    last_heartbeat        timestamptz,
    version               bigint not null,
    priority              smallint,
    primary key (task_name, task_instance)
);
create index scheduled_tasks_execution_time on scheduled_tasks (execution_time);
create index scheduled_tasks_last_heartbeat on scheduled_tasks (last_heartbeat);

-- Live pages: every change of a row that pages show says so on one channel, in the transaction that made it.
-- The payload is "machine:<tenant id>:<machine id>" or "request:<tenant id>:<request id>".
create function notify_machine() returns trigger language plpgsql as $$
begin
    perform pg_notify('berth_changes', 'machine:' || new.tenant_id || ':' || new.id);
    return null;
end $$;
create trigger machine_changed after insert or update on machine for each row execute function notify_machine();

create function notify_machine_event() returns trigger language plpgsql as $$
begin
    perform pg_notify('berth_changes', 'machine:' || m.tenant_id || ':' || m.id)
        from machine m where m.id = new.machine_id;
    return null;
end $$;
create trigger machine_event_changed after insert or update on machine_event
    for each row execute function notify_machine_event();

create function notify_request() returns trigger language plpgsql as $$
begin
    perform pg_notify('berth_changes', 'request:' || new.tenant_id || ':' || new.id);
    return null;
end $$;
create trigger request_changed after insert or update on vm_request for each row execute function notify_request();
