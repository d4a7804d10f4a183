-- A disk's bytes on its host have a name of their own, so that a disk can be moved: the new bytes get another name, and
-- both can lie side by side. Disks made before this have the names of a build that was never released.
alter table disk add column volume uuid;
update disk set volume = id;
alter table disk alter column volume set not null;
alter table disk add constraint disk_volume unique (volume);

-- The whole device that was handed out for the disk, for kinds that hand out devices.
alter table disk add column place text not null default '';
