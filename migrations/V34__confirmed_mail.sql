-- security: the address that a person has proved to read; mail goes to no other one that somebody typed. What is there
-- already has to be proved as well.
alter table app_user add column confirmed_email text not null default '';

-- notices: codes that were sent to addresses to prove that. They stay a day, to be counted.
create table email_code (
    id         uuid primary key,
    user_id    uuid not null references app_user,
    email      text not null,
    -- SHA-256 of this row's id and the code.
    code       text not null,
    sent_at    timestamptz not null,
    expires_at timestamptz not null,
    tries      int not null default 0,
    used       boolean not null default false
);
create index email_code_user on email_code (user_id, sent_at);
create index email_code_email on email_code (email, sent_at);
