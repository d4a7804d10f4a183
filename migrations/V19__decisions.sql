-- What happens to a request between being asked for and being decided on: talk, an offer of something else, an end of
-- the waiting.
alter table request
    drop constraint vm_request_state_check,
    add constraint request_state_known
        check (state in ('PENDING', 'OFFERED', 'APPROVED', 'DENIED', 'WITHDRAWN', 'EXPIRED')),
    -- When something last happened to it; it expires counted from here.
    add column moved_at timestamptz,
    -- What a decider changed of the ask: [{"label": ..., "before": ..., "after": ...}].
    add column changes jsonb not null default '[]',
    -- It waits for the requester's answer to a question.
    add column asked_back boolean not null default false,
    -- The decider who shall look at it.
    add column assignee_id uuid references app_user,
    add column assignee_name text;
create index request_requester on request (requester_id, state);

-- What an offer holds is held like what was asked for.
drop index request_machine_name;
create unique index request_machine_name on request (tenant_id, name)
    where kind = 'MACHINE' and state in ('PENDING', 'OFFERED');

-- A request's own history, for its page. What is asked is in the request itself.
create table request_event (
    id          bigint generated always as identity primary key,
    request_id  uuid not null references request,
    at          timestamptz not null,
    deed        text not null,
    username    text not null,
    message     text not null default ''
);
create index request_event_request on request_event (request_id, id);
insert into request_event (request_id, at, deed, username, message)
select id, decided_at, state, decided_by, decision_reason from request where decided_at is not null;

-- Who has to say yes to what. A missing template or team means any; limits that are missing mean that nobody decides
-- at that level, and a figure missing in them that it does not matter.
create table policy_rule (
    id           uuid primary key,
    kind         text not null,
    template_id  uuid references template,
    tenant_id    uuid references tenant,
    by_itself    jsonb,
    by_owner     jsonb,
    above        text not null check (above in ('ADMIN', 'BOTH')),
    note         text not null default '',
    changed_by   text not null,
    changed_at   timestamptz not null
);
create unique index policy_rule_scope on policy_rule
    (kind, coalesce(template_id, '00000000-0000-0000-0000-000000000000'),
     coalesce(tenant_id, '00000000-0000-0000-0000-000000000000'));
