-- What is used over time. Nothing is asked of a host for it: triggers note when a machine's domain is on and with what,
-- and how large a disk is, whoever changes that; days are added up from these spans.

-- One stretch of time in which a machine or a disk took the same. ended_at: null while it lasts.
create table usage_span (
    id             bigint generated always as identity primary key,
    subject_id     uuid not null,
    tenant_id      uuid not null,
    tenant_slug    text not null,
    owner_name     text not null,
    template_name  text not null,
    vcpus          bigint not null default 0,
    memory_mib     bigint not null default 0,
    disk_gib       bigint not null default 0,
    began_at       timestamptz not null,
    ended_at       timestamptz
);
create unique index usage_span_open on usage_span (subject_id) where ended_at is null;
create index usage_span_subject on usage_span (subject_id, began_at);
create index usage_span_ended on usage_span (ended_at);

-- A day (UTC), always added up anew as a whole from the spans. owner_name and template_name: empty for disks that are
-- kept by themselves.
create table usage_day (
    day                 date not null,
    tenant_id           uuid not null references tenant,
    tenant_slug         text not null,
    owner_name          text not null,
    template_name       text not null,
    vcpu_seconds        numeric not null,
    memory_mib_seconds  numeric not null,
    disk_gib_seconds    numeric not null,
    primary key (day, tenant_id, owner_name, template_name)
);
create index usage_day_tenant on usage_day (tenant_id, day);

-- What of a limit was in use, at the last look of a day: what forecasts are made from.
create table usage_quota_day (
    day            date not null,
    tenant_id      uuid not null references tenant,
    line           text not null,
    used           bigint not null,
    primary key (tenant_id, line, day)
);

-- One row: the days up to this one are added up for good.
create table usage_mark (
    only_one       boolean primary key default true check (only_one),
    closed_day     date not null
);
insert into usage_mark (closed_day) values ((now() at time zone 'UTC')::date - 1);

-- One row, or none for no prices.
create table usage_price (
    only_one          boolean primary key default true check (only_one),
    currency          text not null,
    vcpu_hour         numeric not null check (vcpu_hour >= 0),
    memory_gib_hour   numeric not null check (memory_gib_hour >= 0),
    disk_gib_hour     numeric not null check (disk_gib_hour >= 0)
);

create function usage_end(subject uuid, moment timestamptz) returns timestamptz language plpgsql as $$
declare
    ended timestamptz;
begin
    -- Never before what was noted last, whatever the clocks of the processes say.
    select greatest(moment, max(coalesce(ended_at, began_at))) into ended from usage_span where subject_id = subject;
    update usage_span set ended_at = ended where subject_id = subject and ended_at is null;
    return ended;
end $$;

create function usage_of_machine() returns trigger language plpgsql as $$
declare
    counts boolean := new.gone_at is null and new.seen in ('RUNNING', 'PAUSED', 'SHUTTING_DOWN');
    moment timestamptz := new.created_at;
begin
    if tg_op = 'UPDATE' then
        if counts = (old.gone_at is null and old.seen in ('RUNNING', 'PAUSED', 'SHUTTING_DOWN'))
           and (not counts or (new.vcpus, new.memory_mib, new.owner_name) = (old.vcpus, old.memory_mib, old.owner_name)) then
            return null;
        end if;
        moment := coalesce(new.gone_at, case when new.seen <> old.seen then new.seen_at end, now());
    end if;
    moment := usage_end(new.id, moment);
    if counts then
        insert into usage_span (subject_id, tenant_id, tenant_slug, owner_name, template_name, vcpus, memory_mib, began_at)
        values (new.id, new.tenant_id, new.tenant_slug, new.owner_name, new.template_name, new.vcpus, new.memory_mib, moment);
    end if;
    return null;
end $$;
create trigger machine_used after insert or update on machine for each row execute function usage_of_machine();

create function usage_of_disk() returns trigger language plpgsql as $$
declare
    moment timestamptz := now();
begin
    if tg_op = 'DELETE' then
        perform usage_end(old.id, moment);
        return null;
    end if;
    if tg_op = 'UPDATE' then
        if new.size_gib = old.size_gib and new.machine_id is not distinct from old.machine_id
           and new.tenant_id = old.tenant_id then
            return null;
        end if;
    else
        moment := new.created_at;
    end if;
    moment := usage_end(new.id, moment);
    insert into usage_span (subject_id, tenant_id, tenant_slug, owner_name, template_name, disk_gib, began_at)
    select new.id, new.tenant_id, new.tenant_slug, coalesce(m.owner_name, ''), coalesce(m.template_name, ''),
           new.size_gib, moment
      from (select new.machine_id as machine_id) d left join machine m on m.id = d.machine_id
     where new.size_gib > 0;
    return null;
end $$;
create trigger disk_used after insert or update or delete on disk for each row execute function usage_of_disk();

-- What there is counts from now on.
insert into usage_span (subject_id, tenant_id, tenant_slug, owner_name, template_name, vcpus, memory_mib, began_at)
select id, tenant_id, tenant_slug, owner_name, template_name, vcpus, memory_mib, now()
  from machine where gone_at is null and seen in ('RUNNING', 'PAUSED', 'SHUTTING_DOWN');
insert into usage_span (subject_id, tenant_id, tenant_slug, owner_name, template_name, disk_gib, began_at)
select d.id, d.tenant_id, d.tenant_slug, coalesce(m.owner_name, ''), coalesce(m.template_name, ''), d.size_gib, now()
  from disk d left join machine m on m.id = d.machine_id where d.size_gib > 0;
