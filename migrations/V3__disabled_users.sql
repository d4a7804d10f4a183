-- security: an account that may not sign in for now. Its machines, keys and traces stay.
alter table app_user add column disabled boolean not null default false;
