-- Machines without a disk: a revision says what its machines start from.
alter table image drop constraint image_format_check;
alter table image add constraint image_format_check check (format in ('qcow2', 'raw', 'kernel', 'initrd'));

alter table template_revision
    alter column image_id drop not null,
    add column boot text not null default 'IMAGE' check (boot in ('IMAGE', 'KERNEL', 'NETWORK')),
    add column kernel_id uuid references image,
    add column initrd_id uuid references image,
    add column command_line text not null default '',
    add check ((boot = 'IMAGE') = (image_id is not null)),
    add check ((boot = 'KERNEL') = (kernel_id is not null)),
    add check (initrd_id is null or kernel_id is not null);
