-- What keeps a machine from being all right that is no failure of its own work: storage that its host has lost, for one.
-- A sentence, or empty.
alter table machine add column trouble text not null default '';
