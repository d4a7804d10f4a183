-- A ticket is bound to what proved its person when it was asked for. Those that are out are worth nothing now.
delete from console_ticket;
alter table console_ticket
    add column credential_kind text not null check (credential_kind in ('LOGIN', 'PASSWORD', 'TOKEN')),
    add column credential_id   text not null,
    add column credential_name text not null,
    -- Separated by commas.
    add column scopes          text not null,
    -- Null: all of the user's.
    add column only_tenant_id  uuid references tenant on delete cascade,
    add column mode            text not null check (mode in ('CONTROL', 'VIEW', 'TAKE_OVER'));

-- Consoles that are open, in whichever process. What a dead process leaves behind lapses by seen_at.
create table console_session (
    id          uuid primary key,
    machine_id  uuid not null references machine on delete cascade,
    user_id     uuid not null references app_user on delete cascade,
    username    text not null,
    login       text not null,
    process     uuid not null,
    address     text not null,
    view_only   boolean not null,
    begun_at    timestamptz not null,
    seen_at     timestamptz not null,
    -- Who took over; null as long as nobody did.
    taken_by    text
);
create index console_session_machine on console_session (machine_id);
create index console_session_user on console_session (user_id);
create index console_session_process on console_session (process);

-- Tells pages who is connected, and the processes that someone took over.
create function notify_console() returns trigger language plpgsql as $$
declare
    machine_ uuid := case when tg_op = 'DELETE' then old.machine_id else new.machine_id end;
begin
    perform pg_notify('berth_changes', 'console:' || m.tenant_id || ':' || m.id) from machine m where m.id = machine_;
    perform pg_notify('berth_consoles', machine_::text);
    return null;
end $$;
create trigger console_session_changed after insert or delete or update of taken_by on console_session
    for each row execute function notify_console();
