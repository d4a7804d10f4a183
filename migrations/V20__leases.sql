-- A lease: until when a machine runs, since when that holds, and what became of its end. No lease_until is no end: an
-- admin pinned the machine.
alter table machine
    add column lease_state     text not null default 'ACTIVE' check (lease_state in ('PINNED', 'ACTIVE', 'WARNED', 'GRACE')),
    add column lease_set_at    timestamptz,
    -- Its end was acted upon: it was stopped, and goes then unless somebody keeps it.
    add column lease_delete_at timestamptz,
    -- A longer lease was asked for, and nobody has decided: it is not deleted until then.
    add column lease_asked     boolean not null default false,
    -- When the keeper of leases has to look at it again.
    add column lease_next_at   timestamptz;

-- Until now nothing came of a lease's end: nobody is to lose a machine that they were not warned of.
update machine
   set lease_until = greatest(lease_until, now() + interval '8 days'), lease_set_at = now(), lease_next_at = now()
 where gone_at is null and lease_until is not null;
update machine set lease_state = 'PINNED' where lease_until is null;
create index machine_lease on machine (lease_next_at) where gone_at is null;

-- What was said of the end of a machine's lease as it stands. A machine is deleted only if the last warning is here, and
-- was for so long as the keeper of leases has counted for itself.
create table lease_warning (
    machine_id   uuid not null references machine,
    warning      text not null check (warning in ('WEEK', 'DAY', 'ENDED', 'LAST')),
    sent_at      timestamptz not null,
    watched_ms   bigint not null,
    primary key (machine_id, warning)
);

-- Which process looks after leases, and how long anybody did, counted without the clock on the wall: a clock that is set
-- moves looked_at and never watched_ms. Since calm_ms nothing was wrong with the clock.
create table lease_watch (
    only_one    boolean primary key default true check (only_one),
    keeper      uuid not null,
    looked_at   timestamptz not null,
    watched_ms  bigint not null,
    calm_ms     bigint not null
);

-- The address of a person's calendar of leases; its token is stored as its SHA-256.
create table calendar_feed (
    user_id     uuid primary key references app_user,
    digest      text not null unique,
    created_at  timestamptz not null,
    used_at     timestamptz
);

-- A request for a longer lease than passes by itself.
create table extension_request (
    id             uuid primary key references request,
    hours          int not null check (hours > 0),
    template_name  text not null,
    lease_until    timestamptz not null
);
create unique index request_extension on request (machine_id) where kind = 'EXTENSION' and state = 'PENDING';
