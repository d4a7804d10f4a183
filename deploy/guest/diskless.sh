#!/usr/bin/env bash
# diskless.sh GUEST.qcow2 DIRECTORY
# Takes the demo guest apart for machines without a disk: DIRECTORY/kernel, and DIRECTORY/initrd with all of its root
# file system. The kernel has to be told rdinit=/start.
set -euo pipefail
[ $# = 2 ] || { echo "Usage: diskless.sh GUEST.qcow2 DIRECTORY" >&2; exit 2; }
guest=$(realpath "$1")
mkdir -p "$2"
to=$(realpath "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# build.sh puts a FAT of 32 MiB at 1 MiB, and the root file system behind it.
qemu-img convert -f qcow2 -O raw "$guest" "$work/disk"
mcopy -i "$work/disk@@1M" ::vmlinuz "$work/kernel"
mcopy -i "$work/disk@@1M" ::initramfs "$work/drivers"
dd if="$work/disk" of="$work/root.ext4" bs=1M skip=33 conv=sparse status=none
mkdir "$work/root"
debugfs -R "rdump / $work/root" "$work/root.ext4" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
rm -rf "$work/root/lost+found"

cat >"$work/root/start" <<'START'
#!/bin/busybox sh
# The drivers came in an archive of their own, as on a disk.
bb=/bin/busybox
$bb mount -t devtmpfs dev /dev
while read -r module; do $bb insmod "/modules/$module.ko"; done </modules/order
exec /sbin/init
START
chmod 755 "$work/root/start"
(cd "$work/root" && find . | LC_ALL=C sort | ./bin/busybox cpio -o -H newc 2>/dev/null) >"$work/initrd"
cat "$work/drivers" >>"$work/initrd"
mv "$work/kernel" "$work/initrd" "$to/"
