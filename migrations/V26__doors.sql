-- Who reads everything of everybody and changes nothing.
alter table app_user add column auditor boolean not null default false;

-- From signing in to signing out. What proves it is in the browser's cookie alone.
create table login (
    id       text primary key check (length(id) between 16 and 100),
    user_id  uuid not null references app_user on delete cascade,
    begun_at timestamptz not null,
    seen_at  timestamptz not null,
    ended_at timestamptz,
    address  text not null,
    agent    text not null
);
create index login_user on login (user_id);
create index login_seen on login (seen_at);

-- Programs' tokens; only their digests.
create table api_token (
    id         uuid primary key,
    user_id    uuid not null references app_user on delete cascade,
    name       text not null,
    digest     text not null unique,
    -- Separated by commas.
    scopes     text not null,
    -- Null: all of the user's.
    tenant_id  uuid references tenant,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at    timestamptz,
    revoked_at timestamptz
);
create index api_token_user on api_token (user_id);
