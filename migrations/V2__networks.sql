-- All kinds of network: who may use a profile, what each host says of it, cards that come and go, MAC addresses that
-- are never given twice, forwarded ports.

-- catalog -----------------------------------------------------------------------------------------------------------

-- The tenants that may use the profile; empty for all.
alter table network_profile add column tenants uuid[] not null default '{}';
alter table storage_profile add column tenants uuid[] not null default '{}';

-- What a host said when it was last asked whether it can offer a profile (of either family). Problems keep machines
-- away from the host, advice does not; both are JSON arrays of sentences.
create table profile_check (
    profile_id     uuid not null,
    host_id        uuid not null references host,
    host_name      text not null,
    problems       jsonb not null default '[]',
    advice         jsonb not null default '[]',
    checked_at     timestamptz not null,
    primary key (profile_id, host_id)
);

-- machines ----------------------------------------------------------------------------------------------------------

-- Every MAC address that was ever given, for the network team and so that none is given twice: one that was given
-- back rests before it may go to another card. Names are facts of the day it was given. In the order of "C", as in
-- no other, addresses sort as numbers.
create table mac_address (
    mac            text collate "C" primary key,
    profile_id     uuid not null references network_profile,
    network_slug   text not null,
    kind           text not null,
    address        text,
    machine_id     uuid not null references machine,
    machine_name   text not null,
    tenant_slug    text not null,
    owner_name     text not null,
    given_at       timestamptz not null,
    released_at    timestamptz
);
create index mac_address_profile on mac_address (profile_id, mac);
insert into mac_address
select n.mac, p.id, p.slug, p.kind, n.address, m.id, m.name, m.tenant_slug, m.owner_name, m.created_at, null
  from nic n join machine m on m.id = n.machine_id join network_profile p on p.id = n.network_profile_id;
create index mac_address_machine on mac_address (machine_id) where released_at is null;

-- pending: the running domain may not have the card, or not as its profile says. removing: on its way out.
alter table nic
    add column pending      boolean not null default false,
    add column removing     boolean not null default false,
    add column seen_address text not null default '',
    add column note         text not null default '';
update nic n set seen_address = m.address from machine m where m.id = n.machine_id and n.position = 0;

-- A host's port that leads to a machine's. Applied once the host's rules have it.
create table forward (
    id             uuid primary key,
    machine_id     uuid not null references machine,
    nic_id         uuid not null references nic,
    host_id        uuid not null references host,
    host_name      text not null,
    protocol       text not null check (protocol in ('TCP', 'UDP')),
    host_port      int not null check (host_port between 1 and 65535),
    guest_port     int not null check (guest_port between 1 and 65535),
    description    text not null default '',
    created_by     text not null,
    created_at     timestamptz not null,
    applied_at     timestamptz,
    unique (host_id, protocol, host_port)
);
create index forward_machine on forward (machine_id);

create function notify_machine_part() returns trigger language plpgsql as $$
begin
    perform pg_notify('berth_changes', 'machine:' || m.tenant_id || ':' || m.id)
        from machine m where m.id = coalesce(new.machine_id, old.machine_id);
    return null;
end $$;
create trigger forward_changed after insert or update or delete on forward
    for each row execute function notify_machine_part();
create trigger nic_changed after insert or update or delete on nic
    for each row execute function notify_machine_part();

-- tenancy: what is new has a limit from the start.
insert into quota (tenant_id, resource, quota_limit) select id, 'forwards', 20 from tenant on conflict do nothing;
