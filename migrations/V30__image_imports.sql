-- catalog: images that are fetched from an address. The id is that of the image that it becomes. Whoever fetches claims the
-- row for a while and says again and again that it goes on; when it dies, somebody else begins anew, as the next attempt.
create table image_import (
    id               uuid primary key,
    name             text not null,
    description      text not null,
    format           text not null check (format in ('qcow2', 'raw', 'kernel', 'initrd')),
    url              text not null,
    -- What the file's SHA-256 or SHA-512 has to be, in hexadecimal digits; or where the file is that says so.
    digest           text not null,
    digest_url       text not null,
    signature_url    text not null,
    state            text not null
        check (state in ('WAITING', 'FETCHING', 'CHECKING', 'DONE', 'FAILED', 'CANCELLED')),
    attempts         int not null default 0,
    due_at           timestamptz not null,
    claimed_until    timestamptz,
    done_bytes       bigint not null default 0,
    -- 0 as long as nobody knows.
    total_bytes      bigint not null default 0,
    bytes_per_second bigint not null default 0,
    failure          text not null default '',
    requested_by     text not null,
    requester_id     uuid not null,
    requested_at     timestamptz not null,
    finished_at      timestamptz
);
create unique index image_import_name on image_import (name) where state in ('WAITING', 'FETCHING', 'CHECKING');
create index image_import_due on image_import (due_at) where state in ('WAITING', 'FETCHING', 'CHECKING');
create index image_import_requested on image_import (requested_at);
