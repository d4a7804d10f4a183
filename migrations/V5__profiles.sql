-- Profiles that are changed while people look at them.

-- catalog: goes up with each change, so that of two admins who edit the same profile the second is told.
alter table network_profile add column version bigint not null default 0;
alter table storage_profile add column version bigint not null default 0;

-- What a host said of a profile: for admins' pages alone, so no tenant is named. The payload is "profile::<profile id>".
create function notify_profile_check() returns trigger language plpgsql as $$
begin
    perform pg_notify('berth_changes', 'profile::' || coalesce(new.profile_id, old.profile_id));
    return null;
end $$;
create trigger profile_check_changed after insert or update or delete on profile_check
    for each row execute function notify_profile_check();
