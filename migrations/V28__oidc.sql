-- Whose account it is at the identity provider; neither for Berth's own accounts.
alter table app_user add column issuer text;
alter table app_user add column subject text;
-- Whether the provider says that the address is the person's.
alter table app_user add column email_verified boolean not null default false;
-- Of what the provider said when it was last written down.
alter table app_user add column claims_digest text;
create unique index app_user_provided on app_user (issuer, subject);
alter table app_user add check ((issuer is null) = (subject is null));

-- The provider's own session, as a digest: when it ends there, it ends here.
alter table login add column session text;
create index login_session on login (session) where session is not null;

-- A role that was given here, and one that the provider gives; the higher of the two is the role that holds.
alter table membership add column given text check (given in ('MEMBER', 'OWNER'));
alter table membership add column provided text check (provided in ('MEMBER', 'OWNER'));
update membership set given = role;
alter table membership add check (given is not null or provided is not null);

-- Tenants that the provider's groups speak of and that are not there.
create table unknown_tenant (
    slug    text primary key,
    seen_at timestamptz not null
);

create table invitation (
    id         uuid primary key,
    tenant_id  uuid not null references tenant,
    -- In lower case.
    email      text not null,
    role       text not null check (role in ('MEMBER', 'OWNER')),
    invited_by text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    unique (tenant_id, email)
);
create index invitation_email on invitation (email);
