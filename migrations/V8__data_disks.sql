-- Disks as things of their own: a disk belongs to a tenant and lies on a host, and may be with a machine or not.

-- machines ----------------------------------------------------------------------------------------------------------

-- machine_id and target: null for a disk that is kept by itself. The system disk is the one at vda.
-- pending: the running domain may not have it, or not as it should be; by itself: it is still being grown.
-- removing: on its way out of its machine. deleting: with everything on it. made: its bytes were handed over once, so
-- that a missing one is a loss and not a to-do.
alter table disk
    alter column machine_id drop not null,
    alter column target drop not null,
    add column tenant_id    uuid references tenant,
    add column tenant_slug  text,
    add column host_id      uuid references host,
    add column host_name    text,
    add column name         text not null default 'system',
    add column created_at   timestamptz,
    add column pending      boolean not null default false,
    add column removing     boolean not null default false,
    add column deleting     boolean not null default false,
    add column made         boolean not null default false,
    add column note         text not null default '',
    add constraint disk_target check ((machine_id is null) = (target is null));
update disk d
   set tenant_id = m.tenant_id, tenant_slug = m.tenant_slug, host_id = m.host_id, host_name = m.host_name,
       created_at = m.created_at, made = m.provisioned_at is not null
  from machine m where m.id = d.machine_id;
alter table disk
    alter column tenant_id set not null,
    alter column tenant_slug set not null,
    alter column host_id set not null,
    alter column host_name set not null,
    alter column created_at set not null,
    alter column name drop default;
-- People type a disk's name to delete it, so it names one. System disks are named by their machine.
create unique index disk_name on disk (tenant_id, name) where target is distinct from 'vda';
create index disk_tenant on disk (tenant_id, storage_profile_id);
create index disk_loose on disk (host_name) where machine_id is null;

-- How much of a storage profile a tenant's disks may take in all; no row for no limit beside the quota.
create table storage_limit (
    tenant_id           uuid not null references tenant,
    storage_profile_id  uuid not null references storage_profile,
    gib                 bigint not null check (gib >= 0),
    primary key (tenant_id, storage_profile_id)
);

-- Pages that show a machine's disks, and those that show all of a tenant's ("disks:<tenant id>:<tenant id>").
create function notify_disk() returns trigger language plpgsql as $$
declare
    row disk := coalesce(new, old);
begin
    perform pg_notify('berth_changes', 'disks:' || row.tenant_id || ':' || row.tenant_id);
    if coalesce(new.machine_id, old.machine_id) is not null then
        perform pg_notify('berth_changes', 'machine:' || row.tenant_id || ':' || coalesce(new.machine_id, old.machine_id));
    end if;
    return null;
end $$;
create trigger disk_changed after insert or update or delete on disk for each row execute function notify_disk();
