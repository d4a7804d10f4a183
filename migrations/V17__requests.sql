-- A request is asked for, decided on and remembered in one way, whatever it asks for. What only one kind of request
-- has is in a table of its own, under the same id.
alter table vm_request rename to request;

create table machine_request (
    id                  uuid primary key references request,
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
    ssh_keys            text not null,
    user_data           text not null,
    lease_hours         int not null,
    snapshot_id         uuid
);
insert into machine_request
select id, revision_id, template_name, revision_number, size_id, size_name, vcpus, memory_mib, disk_gib,
       network_profile_id, network_slug, storage_profile_id, storage_slug, ssh_keys, user_data, lease_hours, snapshot_id
  from request;
create index machine_request_revision on machine_request (revision_id);

alter table request
    drop column revision_id, drop column template_name, drop column revision_number, drop column size_id,
    drop column size_name, drop column vcpus, drop column memory_mib, drop column disk_gib,
    drop column network_profile_id, drop column network_slug, drop column storage_profile_id,
    drop column storage_slug, drop column ssh_keys, drop column user_data, drop column lease_hours,
    drop column snapshot_id,
    drop constraint vm_request_machine_id_key,
    alter column machine_id drop not null,
    add column kind text not null default 'MACHINE',
    -- Who has to say yes.
    add column needs text not null default 'ADMIN' check (needs in ('OWNER', 'ADMIN', 'BOTH')),
    -- The owner who did, while an admin has yet to.
    add column endorsed_by text;
alter table request alter column kind drop default;

alter index vm_request_tenant rename to request_tenant;
alter index vm_request_state rename to request_state;
drop index vm_request_name;
create unique index request_machine_name on request (tenant_id, name) where kind = 'MACHINE' and state = 'PENDING';
create unique index request_machine on request (machine_id) where kind = 'MACHINE';
create index request_about on request (machine_id) where kind <> 'MACHINE';
