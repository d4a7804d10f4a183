#!/usr/bin/env bash
# build.sh OUTPUT.qcow2
# Builds the demo guest: a bootable disk made of Debian's own packages, without mounts, loop devices or a
# network of its own. Packages are kept in $BERTH_CACHE/packages; nothing is done when OUTPUT is up to date.
#
#   partition 1  FAT: syslinux, kernel, a small initramfs that finds the root
#   partition 2  ext4: the root file system (rootfs/ beside this file, busybox, dropbear, QEMU's guest agent)
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../lib.sh source-path=SCRIPTDIR
. "$here/../lib.sh"

[ $# = 1 ] || die "Usage: build.sh OUTPUT.qcow2"
output=$(realpath -m "$1")
packages=${BERTH_CACHE:-/var/cache/berth}/packages
[ "$(dpkg --print-architecture)" = amd64 ] || die "The demo guest is built for amd64 only."

boot_mib=32 disk_mib=256
# What the guest needs of the kernel, besides what is built in: disk, network, seed, power button, agent, entropy, VLANs,
# shared directories (this kernel has no 9p).
root_modules='virtio_pci virtio_blk'
modules='virtio_net virtio_console virtio-rng virtio_balloon isofs button evdev 8021q virtiofs'

# inst PACKAGE...: what apt would install, with every library, as if nothing was there yet: name=version lines.
inst() {
  apt-get -s -qq -o Dir::State::status=/dev/null -o Debug::NoLocking=1 install --no-install-recommends "$@" |
    sed -nE 's/^Inst ([^ ]+) \(([^ ]+) .*/\1=\2/p'
}
wanted_packages() {
  { inst linux-image-cloud-amd64 | grep '^linux-image-[0-9]'
    inst busybox-static dropbear-bin qemu-guest-agent | grep -E '^(lib|zlib1g|busybox|dropbear|qemu)'; } 2>/dev/null | sort
}

up_to_date() { note "Guest image is up to date: $output"; exit 0; }
# Asking apt takes seconds: not when nothing changed here or there since it was last asked.
[ ! -f "$output" ] || [ ! -f "$output.stamp" ] ||
  [ -n "$(find "$here" /var/lib/apt/lists -newer "$output.stamp" -print -quit)" ] || up_to_date

need_packages syslinux mtools fdisk e2fsprogs lz4 xz-utils qemu-utils
list=$(wanted_packages)
if [ -z "$list" ]; then # a bare container has no package lists yet
  update_packages
  list=$(wanted_packages)
fi
[ -n "$list" ] || die "apt knows no linux-image-cloud-amd64: are Debian's own sources configured?"
stamp=$( (echo "$list"; cd "$here"; find . -type f -print0 | sort -z | xargs -0 sha256sum) | sha256sum | cut -d' ' -f1)
if [ -f "$output" ] && [ "$(cat "$output.stamp" 2>/dev/null)" = "$stamp" ]; then
  touch "$output.stamp"
  up_to_date
fi

note "Building the guest image $output"
mkdir -p "$packages" "$(dirname "$output")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
system=$work/system root=$work/root boot=$work/boot
mkdir -p "$system" "$root" "$boot"

mapfile -t names <<<"$list"
(cd "$packages" && apt-get -qq -o APT::Sandbox::User=root download "${names[@]}") ||
  die "Cannot download Debian packages: apt-get update may be due."
for name in "${names[@]}"; do
  version=${name#*=}
  dpkg-deb -x "$packages/${name%%=*}_${version/:/%3a}"_*.deb "$system"
done
kernel=$(basename "$system"/boot/vmlinuz-*)
kernel=${kernel#vmlinuz-}

# copy_modules DIRECTORY NAME...: the modules and what they depend on; `order` lists them as they must be loaded.
copy_modules() {
  local to=$1 name file need
  shift
  mkdir -p "$to" && touch "$to/order"
  for name; do
    name=${name//-/_}
    [ ! -f "$to/$name.ko" ] || continue
    file=$(find "$system" -path '*/lib/modules/*' -name "${name//_/[-_]}.ko*" -print -quit)
    if [ -z "$file" ]; then
      grep -rq --include=modules.builtin "/${name//_/[-_]}\.ko" "$system" ||
        die "The kernel $kernel has no module $name."
      continue
    fi
    case $file in *.xz) xz -dc "$file" >"$to/$name.ko" ;; *) cp "$file" "$to/$name.ko" ;; esac
    need=$(tr '\0' '\n' <"$to/$name.ko" | sed -n 's/^depends=//p' | tr ',' ' ')
    # shellcheck disable=SC2086 # a list of names
    copy_modules "$to" $need
    echo "$name" >>"$to/order"
  done
}

# copy_program NAME: a program with the libraries it needs, as its own loader finds them.
copy_program() {
  local file loader library
  file=$(find "$system" -path "*bin/$1" -type f -print -quit)
  loader=$(find "$system" -name ld-linux-x86-64.so.2 -print -quit)
  install -D -m 755 "$file" "$root/usr/sbin/$1"
  install -D -m 755 "$(realpath "$loader")" "$root/lib64/ld-linux-x86-64.so.2"
  "$loader" --library-path "$system/lib/x86_64-linux-gnu:$system/usr/lib/x86_64-linux-gnu" --list "$file" |
    sed -nE 's/.* => ([^ ]+) .*/\1/p' |
    while read -r library; do install -D -m 644 "$library" "$root/lib/x86_64-linux-gnu/${library##*/}"; done
}

# The initramfs: load the disk's driver, mount the root, go there.
busybox=$(find "$system" -path '*bin/busybox' -type f)
mkdir -p "$work/initramfs"/{bin,dev,proc,new}
cp "$busybox" "$work/initramfs/bin/busybox"
install -m 755 "$here/init" "$work/initramfs/init"
# shellcheck disable=SC2086 # lists of names
copy_modules "$work/initramfs/modules" $root_modules
(cd "$work/initramfs" && find . | sort | "$busybox" cpio -o -H newc 2>/dev/null) | lz4 -l -9 -q >"$boot/initramfs"
cp "$system/boot/vmlinuz-$kernel" "$boot/vmlinuz"

# The root file system.
cp -R "$here/rootfs/." "$root/"
mkdir -p "$root"/{bin,dev,proc,sys,run,tmp,root,home/berth,mnt,var/log,var/lib/guest,etc/dropbear,usr/bin,usr/sbin}
cp "$busybox" "$root/bin/busybox"
"$busybox" --list-full | while read -r applet; do
  [ -e "$root/$applet" ] || { mkdir -p "$root/$(dirname "$applet")" && ln -s /bin/busybox "$root/$applet"; }
done
copy_program dropbear
copy_program dropbearkey
copy_program qemu-ga
# shellcheck disable=SC2086
copy_modules "$root/lib/modules" $modules
chmod 600 "$root/etc/shadow"
chmod 700 "$root/root"

# The disk: boot record, FAT with syslinux, ext4.
disk=$work/disk.raw
truncate -s "${disk_mib}M" "$disk"
sfdisk -q "$disk" <<TABLE || die "Cannot write the partition table."
label: dos
label-id: 0xbe27be27
start=1MiB, size=${boot_mib}MiB, type=e, bootable
start=$((1 + boot_mib))MiB, type=83
TABLE
dd if=/usr/lib/SYSLINUX/mbr.bin of="$disk" conv=notrunc status=none
truncate -s "${boot_mib}M" "$work/boot.fat"
mformat -i "$work/boot.fat" -v BOOT -N be27be27 ::
mcopy -i "$work/boot.fat" "$boot/vmlinuz" "$boot/initramfs" "$here/syslinux.cfg" ::
syslinux --install "$work/boot.fat"
dd if="$work/boot.fat" of="$disk" bs=1M seek=1 conv=notrunc,sparse status=none
mke2fs -q -t ext4 -L berth-root -m 0 -E "offset=$(((1 + boot_mib) * 1024 * 1024)),root_owner=0:0,lazy_itable_init=0,discard" \
  -d "$root" "$disk" "$((disk_mib - boot_mib - 1))M"
qemu-img convert -f raw -O qcow2 "$disk" "$output.new"
mv "$output.new" "$output"
echo "$stamp" >"$output.stamp"
note "Guest image ready: $(du -h "$output" | cut -f1) on disk, kernel $kernel"
