-- What people are told, and how it gets to them.

-- security: where mail for a person goes; empty for nowhere.
alter table app_user add column email text not null default '';

-- notices -----------------------------------------------------------------------------------------------------------

-- One row for each person that is told of something. One that the bell is switched off for has bell = false: it is
-- there for its mail, and so that it is told once.
create table notice (
    id             uuid primary key,
    user_id        uuid not null references app_user,
    topic          text not null,
    key            text not null,
    title          text not null,
    text           text not null,
    path           text not null,
    bell           boolean not null,
    created_at     timestamptz not null,
    read_at        timestamptz,
    unique (user_id, key)
);
create index notice_list on notice (user_id, created_at desc, id) where bell;
create index notice_unread on notice (user_id) where bell and read_at is null;
create index notice_age on notice (created_at);

-- What people have switched off; no row for what is on.
create table notice_off (
    user_id        uuid not null references app_user,
    topic          text not null,
    channel        text not null check (channel in ('BELL', 'MAIL')),
    primary key (user_id, topic, channel)
);

-- tenant_id: null for an admin's, which hears of everything. secret: the key of its signatures, which has to be had in
-- the clear to sign. topics: with commas between.
create table webhook (
    id             uuid primary key,
    tenant_id      uuid references tenant,
    tenant_slug    text not null default '',
    name           text not null,
    url            text not null,
    secret         text not null,
    topics         text not null,
    created_by     text not null,
    created_at     timestamptz not null
);
create index webhook_tenant on webhook (tenant_id);

-- What is to be sent, of a notice by mail or to a webhook. Whoever sends it has moved due_at on and counted the attempt
-- before, so that it comes up again by itself if they die.
create table delivery (
    id             uuid primary key,
    notice_id      uuid unique references notice on delete cascade,
    webhook_id     uuid references webhook on delete cascade,
    topic          text not null,
    key            text not null,
    body           text not null default '',
    state          text not null check (state in ('WAITING', 'SENT', 'FAILED')),
    attempts       int not null default 0,
    due_at         timestamptz not null,
    claimed_until  timestamptz,
    status         int not null default 0,
    error          text not null default '',
    created_at     timestamptz not null,
    finished_at    timestamptz,
    unique (webhook_id, key),
    check ((notice_id is null) <> (webhook_id is null))
);
create index delivery_due on delivery (due_at) where state = 'WAITING';
create index delivery_webhook on delivery (webhook_id, created_at desc, id);

-- Pages of the person ("notice:<user id>:<user id>"), and whoever sends.
create function notify_notice() returns trigger language plpgsql as $$
begin
    perform pg_notify('berth_changes', 'notice:' || new.user_id || ':' || new.user_id);
    return null;
end $$;
create trigger notice_changed after insert or update on notice for each row execute function notify_notice();

create function notify_delivery() returns trigger language plpgsql as $$
begin
    perform pg_notify('berth_deliveries', '');
    return null;
end $$;
create trigger delivery_made after insert on delivery for each statement execute function notify_delivery();

-- audit: found by when, by whom and by what -------------------------------------------------------------------------

create index audit_event_at on audit_event (at);
create index audit_event_user on audit_event (username, id);
create index audit_event_action on audit_event (action text_pattern_ops, id);
