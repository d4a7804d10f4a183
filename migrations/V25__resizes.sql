-- Another size for a machine than passes by itself. What it takes more is held under the request's id.
create table resize_request (
    id                uuid primary key references request,
    template_name     text not null,
    size_slug         text not null,
    size_name         text not null,
    vcpus             int not null,
    memory_mib        bigint not null,
    former_size       text not null,
    former_vcpus      int not null,
    former_memory_mib bigint not null,
    -- What its system disk grows to, or null where it does not.
    disk_gib          bigint,
    more_disk_gib     bigint not null default 0,
    restarts          boolean not null
);
create unique index request_resize on request (machine_id) where kind = 'RESIZE' and state in ('PENDING', 'OFFERED');
