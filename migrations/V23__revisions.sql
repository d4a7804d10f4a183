-- A machine that is made from a revision, looked at and deleted, to see that the revision makes machines that come up.
create table boot_test (
    id          uuid primary key,
    revision_id uuid not null references template_revision,
    machine_id  uuid not null unique,
    tenant_id   uuid not null references tenant,
    tenant_slug text not null,
    host_name   text not null,
    state       text not null check (state in ('RUNNING', 'PASSED', 'FAILED')),
    words       text not null default '',
    -- The revision is approved when the machine came up, in the name of whoever began the test.
    approves    boolean not null,
    begun_by    uuid not null references app_user,
    begun_name  text not null,
    begun_at    timestamptz not null,
    ended_at    timestamptz
);
create unique index boot_test_running on boot_test (revision_id) where state = 'RUNNING';
create index boot_test_revision on boot_test (revision_id, begun_at desc);

-- A revision that a team proposes.
create table template_request (
    id              uuid primary key references request,
    revision_id     uuid not null unique references template_revision,
    template_slug   text not null,
    template_name   text not null,
    revision_number int not null,
    image_name      text not null,
    origin          text not null,
    notes           text not null
);

create function notify_template() returns trigger language plpgsql as $$
begin
    perform pg_notify('berth_changes', 'template::' || new.template_id);
    return new;
end $$;
create trigger revision_changed after insert or update on template_revision
    for each row execute function notify_template();

create function notify_boot_test() returns trigger language plpgsql as $$
begin
    perform pg_notify('berth_changes', 'template::' || r.template_id)
       from template_revision r where r.id = new.revision_id;
    return new;
end $$;
create trigger boot_test_changed after insert or update on boot_test for each row execute function notify_boot_test();
