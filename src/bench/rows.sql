-- 10,000 machines in 1,000 tenants: Blue has 100 and Green 10, 989 more have 10 each, and 9 have none. Each machine
-- has its disk, its network card, its request, its quota holds and the timeline of its creation, as Berth writes them.
-- The script that runs this puts the slug of its own template, size and profiles in place of :tag.

insert into host (id, name, uri, state, seen_at, hostname, domain_type, cpus, memory_mib, created_at)
values (md5('host')::uuid, 'elsewhere', 'qemu:///elsewhere', 'ACTIVE', now(), 'elsewhere', 'kvm', 4096, 8388608, now());

insert into tenant (id, slug, name, created_at)
select md5('tenant' || n)::uuid, 'team-' || n, 'Team ' || n, now() from generate_series(1, 998) n;
insert into quota (tenant_id, resource, quota_limit)
select t.id, r, 1000000 from tenant t, unnest(array['machines', 'vcpus', 'memory_mib', 'disk_gib']) r
on conflict do nothing;

create temporary table wish as
select row_number() over () as n, t.id as tenant_id, t.slug as tenant_slug,
       md5('machine' || t.slug || k)::uuid as id, 'vm-' || k as name,
       now() - (k * interval '37 minutes') as made_at
  from tenant t,
       generate_series(1, case when t.slug = 'blue' then 100
                               when t.slug = 'green' then 10
                               when substr(t.slug, 6)::int <= 989 then 10 else 0 end) k;

insert into machine (id, tenant_id, tenant_slug, owner_id, owner_name, name, revision_id, template_name,
    revision_number, size_name, vcpus, memory_mib, disk_gib, host_id, host_name, wanted, operation, operation_at,
    seen, seen_at, state, settled, provisioned_at, address, lease_until, created_at)
select w.id, w.tenant_id, w.tenant_slug, u.id, u.username, w.name, r.id, t.name, r.number, s.name, s.vcpus,
       s.memory_mib, s.disk_gib, h.id, h.name,
       case when w.n % 5 = 0 then 'STOPPED' else 'RUNNING' end,
       case when w.n % 5 = 0 then 'STOP' else 'CREATE' end, w.made_at,
       case when w.n % 5 = 0 then 'STOPPED' else 'RUNNING' end, w.made_at,
       case when w.n % 5 = 0 then 'STOPPED' else 'RUNNING' end, true, w.made_at,
       case when w.n % 5 = 0 then '' else host(inet '10.128.0.10' + w.n) end,
       now() + interval '7 days', w.made_at
  from wish w
  join app_user u on u.username = case when w.tenant_slug = 'green' then 'carol' when w.n % 2 = 0 then 'bob' else 'alice' end
  join host h on h.name = 'elsewhere'
  join template t on t.slug = ':tag'
  join template_revision r on r.template_id = t.id
  join size s on s.slug = ':tag';

insert into disk (id, volume, tenant_id, tenant_slug, host_id, host_name, name, created_at, made, machine_id,
    storage_profile_id, storage_slug, target, size_gib, image_id)
select md5('disk' || w.id)::uuid, w.id, w.tenant_id, w.tenant_slug, h.id, h.name, 'system', w.made_at, true, w.id,
       p.id, p.slug, 'vda', 1, i.id
  from wish w join host h on h.name = 'elsewhere' join storage_profile p on p.slug = ':tag' join image i on i.name = ':tag';

insert into nic (id, machine_id, network_profile_id, network_slug, position, mac, address)
select md5('nic' || w.id)::uuid, w.id, p.id, p.slug, 0,
       '52:54:01:' || to_char(w.n / 10000, 'fm00') || ':' || to_char(w.n / 100 % 100, 'fm00') || ':' || to_char(w.n % 100, 'fm00'),
       host(inet '10.128.0.10' + w.n)
  from wish w join network_profile p on p.slug = ':tag';

insert into machine_event (machine_id, generation, operation, step, state, started_at, finished_at)
select w.id, 1, 'CREATE', s.step, 'DONE', w.made_at, w.made_at
  from wish w, unnest(array['Prepare the network', 'Reserve the address', 'Create the disk',
      'Write the first-boot settings', 'Define the machine', 'Start the machine', 'Wait for the guest''s address'])
      with ordinality as s(step, place)
 order by w.n, s.place;

insert into quota_hold (holder_id, resource, tenant_id, amount, pending, created_at)
select w.id, r.resource, w.tenant_id, r.amount, false, w.made_at
  from wish w, (values ('machines', 1), ('vcpus', 1), ('memory_mib', 32), ('disk_gib', 1)) as r(resource, amount);
update quota q set used = h.sum
  from (select tenant_id, resource, sum(amount) from quota_hold group by 1, 2) h
 where h.tenant_id = q.tenant_id and h.resource = q.resource;

insert into request (id, kind, tenant_id, tenant_slug, requester_id, requester_name, machine_id, name, reason, state,
    decided_by, decided_at, created_at)
select md5('request' || m.id)::uuid, 'MACHINE', m.tenant_id, m.tenant_slug, m.owner_id, m.owner_name, m.id, m.name,
       'benchmark', 'APPROVED', 'policy', m.created_at, m.created_at
  from machine m;
insert into machine_request (id, revision_id, template_name, revision_number, size_id, size_name, vcpus, memory_mib,
    disk_gib, network_profile_id, network_slug, storage_profile_id, storage_slug, ssh_keys, user_data, lease_hours)
select md5('request' || m.id)::uuid, m.revision_id, m.template_name, m.revision_number, s.id, s.name, 1, 32, 1, n.id,
       n.slug, p.id, p.slug, '', '', 168
  from machine m join size s on s.slug = ':tag' join network_profile n on n.slug = ':tag'
  join storage_profile p on p.slug = ':tag';

analyze;
