-- What a host says of a profile besides sentences, for pages to show in their own way: for "routed", where the route
-- leads to ("nextHop") and whether it is there ("route").
alter table profile_check add column facts jsonb not null default '{}';
