-- Snapshots that have room for so many changes and no more (LVM): how full each is, in percent. Null where that can't be.
alter table snapshot add column filled_percent smallint;
