-- Quotas by plan, by member and by profile. A line of a quota is a resource, or a resource of one profile
-- (storage_gib:<profile>, addresses:<profile>), whose name is the profile's.

create table plan (
    id             uuid primary key,
    slug           text not null unique,
    name           text not null,
    created_at     timestamptz not null
);

create table plan_limit (
    plan_id        uuid not null references plan on delete cascade,
    resource       text not null,
    name           text not null default '',
    amount         bigint not null check (amount >= 0),
    primary key (plan_id, resource)
);

insert into plan (id, slug, name, created_at) values
    (gen_random_uuid(), 'small', 'Small', now()),
    (gen_random_uuid(), 'medium', 'Medium', now()),
    (gen_random_uuid(), 'large', 'Large', now());
insert into plan_limit (plan_id, resource, amount)
select p.id, l.resource, l.amount * case p.slug when 'small' then 1 when 'medium' then 4 else 16 end
  from plan p,
       (values ('machines', 5), ('vcpus', 10), ('memory_mib', 20480), ('disk_gib', 200), ('forwards', 10), ('snapshots', 10))
       as l (resource, amount);

alter table tenant add column plan_id uuid references plan;

alter table quota
    add column name         text not null default '',
    -- What an admin said for this tenant alone; without it the plan's limit holds.
    add column own_limit    bigint check (own_limit >= 0),
    -- What one member may hold, if nothing else is said of that member.
    add column member_share bigint check (member_share >= 0),
    -- The limit in force; none at all only for a line of one profile.
    alter column quota_limit drop not null,
    add constraint quota_limited check (quota_limit is not null or name <> '');
update quota set own_limit = quota_limit;

create table quota_share (
    tenant_id      uuid not null,
    resource       text not null,
    user_id        uuid not null references app_user,
    share          bigint not null check (share >= 0),
    primary key (tenant_id, resource, user_id),
    foreign key (tenant_id, resource) references quota
);

-- More for a while.
create table quota_grant (
    id             uuid primary key,
    tenant_id      uuid not null,
    resource       text not null,
    amount         bigint not null check (amount > 0),
    until          timestamptz not null,
    granted_by     text not null,
    granted_at     timestamptz not null,
    warned_at      timestamptz,
    ended_at       timestamptz,
    foreign key (tenant_id, resource) references quota
);
create index quota_grant_open on quota_grant (tenant_id, resource) where ended_at is null;

create table quota_setting (
    only_one           boolean primary key default true check (only_one),
    stopped_give_back  boolean not null default false,
    checked_at         timestamptz,
    differences        int not null default 0
);
insert into quota_setting default values;

alter table quota_hold add column user_id uuid;
create index quota_hold_user on quota_hold (tenant_id, resource, user_id);
create index quota_hold_resource on quota_hold (resource);
update quota_hold h set user_id = m.owner_id from machine m where m.id = h.holder_id;
update quota_hold h set user_id = u.id from disk d join machine m on m.id = d.machine_id join app_user u on u.id = m.owner_id
 where d.id = h.holder_id and h.user_id is null;

-- What there is of each profile goes into the ledger: disks, what is left of moves, cards, open requests.
create temporary table profile_hold (holder_id uuid, resource text, name text, tenant_id uuid, amount bigint, pending boolean,
                                     created_at timestamptz, user_id uuid) on commit drop;
insert into profile_hold
select case when d.target = 'vda' then m.id else d.id end, 'storage_gib:' || d.storage_profile_id, d.storage_slug,
       d.tenant_id, d.size_gib, false, d.created_at, m.owner_id
  from disk d left join machine m on m.id = d.machine_id where d.size_gib > 0;
insert into profile_hold
select v.id, 'storage_gib:' || s.id, s.slug, v.tenant_id, v.size_gib, false, v.requested_at, null
  from disk_move v join disk d on d.id = v.disk_id
  join storage_profile s on s.id = case when d.volume = v.to_volume then v.from_profile_id else v.to_profile_id end
 where exists (select 1 from quota_hold h where h.holder_id = v.id);
insert into profile_hold
select n.id, 'addresses:' || n.network_profile_id, n.network_slug, m.tenant_id, 1, false, m.created_at, m.owner_id
  from nic n join machine m on m.id = n.machine_id;
insert into profile_hold
select r.machine_id, 'storage_gib:' || m.storage_profile_id, m.storage_slug, r.tenant_id, m.disk_gib, true, r.created_at,
       r.requester_id
  from request r join machine_request m using (id) where r.state = 'PENDING' and m.disk_gib > 0;
insert into profile_hold
select r.machine_id, 'addresses:' || m.network_profile_id, m.network_slug, r.tenant_id, 1, true, r.created_at,
       r.requester_id
  from request r join machine_request m using (id) where r.state = 'PENDING';
update quota_hold h set user_id = r.requester_id from request r join machine_request m using (id)
 where r.machine_id = h.holder_id and h.user_id is null;
insert into quota (tenant_id, resource, name, quota_limit, used)
select tenant_id, resource, max(name), null, sum(amount) from profile_hold group by tenant_id, resource;
insert into quota_hold (holder_id, resource, tenant_id, amount, pending, created_at, user_id)
select holder_id, resource, tenant_id, amount, pending, created_at, user_id from profile_hold;
insert into quota (tenant_id, resource, name, own_limit, quota_limit)
select l.tenant_id, 'storage_gib:' || l.storage_profile_id, s.slug, l.gib, l.gib
  from storage_limit l join storage_profile s on s.id = l.storage_profile_id
on conflict (tenant_id, resource) do update set own_limit = excluded.own_limit, quota_limit = excluded.quota_limit;
drop table storage_limit;

-- What a request for more quota has.
create table quota_request (
    id             uuid primary key references request,
    resource       text not null,
    profile        text not null default '',
    profile_id     uuid,
    -- As it was when it was asked.
    before         bigint not null,
    more           bigint not null check (more > 0),
    until          timestamptz
);
