-- Groups at the identity provider that name no team, and who is in them.
drop table unknown_tenant;
create table unknown_tenant (
    slug    text not null,
    user_id uuid not null references app_user,
    seen_at timestamptz not null,
    primary key (slug, user_id)
);
create index unknown_tenant_user on unknown_tenant (user_id);
-- So that the next sign-in writes them down.
update app_user set claims_digest = null where claims_digest is not null;

-- An invitation goes by mail to somebody who has no account to be told by.
alter table delivery add column invitation_id uuid unique references invitation on delete cascade;
alter table delivery drop constraint delivery_check;
alter table delivery add constraint delivery_check check (num_nonnulls(notice_id, webhook_id, invitation_id) = 1);
