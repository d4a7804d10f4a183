-- catalog: images that are watched. A stamp is what their file looks like from outside (size, time of change, inode);
-- it is empty until the file has been looked at. The digest is checked now and then; whoever checks it says when it began,
-- so that one alone does, and somebody else goes on when it dies.
alter table image add column stamp text not null default '';
alter table image add column checked_at timestamptz;
alter table image add column check_begun_at timestamptz;
alter table image add column problem text not null default '';
-- What a quarantined image was before, and becomes again.
alter table image add column quarantined_from text not null default '' check (quarantined_from in ('', 'READY', 'RETIRED'));
alter table image drop constraint image_state_check;
alter table image add constraint image_state_check
    check (state in ('IMPORTING', 'READY', 'RETIRED', 'QUARANTINED', 'REMOVING', 'REMOVED'));
-- Revisions that nobody can use any more keep naming a removed image; its name is free again.
alter table image drop constraint image_name_key;
create unique index image_name on image (name) where state <> 'REMOVED';

-- catalog: what each host has that disks could be put on, as its worker saw it last.
create table host_inventory (
    host_id        uuid primary key references host,
    host_name      text not null,
    storage        jsonb not null,
    seen_at        timestamptz not null
);
