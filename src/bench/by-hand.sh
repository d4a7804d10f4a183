#!/usr/bin/env bash
# What an administrator's script would do for one machine, with the calls that Berth makes: overlay, seed, DHCP entry,
# definition, start.   by-hand.sh DIRECTORY NETWORK NAME UUID MAC ADDRESS
# DIRECTORY has base (the image's path), sockets (where QEMU may make its VNC socket) and machine.xml, a machine's description with NAME, UUID, MAC, DISK, SEED and
# SOCKET in capitals between @.
set -euo pipefail
directory=$1 network=$2 name=$3 uuid=$4 mac=$5 address=$6
work=$directory/$uuid
disk=$directory/$uuid.qcow2 seed=$directory/$uuid.iso

virsh -q net-update "$network" add-last ip-dhcp-host "<host mac='$mac' name='$name' ip='$address'/>" --live --config >/dev/null

qemu-img create -q -f qcow2 -F raw -b "$(<"$directory/base")" "$disk" 1G

mkdir "$work"
printf 'instance-id: "%s"\nlocal-hostname: "%s"\npublic-keys: []\n' "$uuid" "$name" >"$work/meta-data"
printf '#cloud-config\n{}\n' >"$work/user-data"
printf '#cloud-config\nhostname: "%s"\nssh_authorized_keys: []\n' "$name" >"$work/vendor-data"
(cd "$work" && genisoimage -quiet -volid cidata -joliet -rock -input-charset utf-8 -output "$seed" \
  meta-data user-data vendor-data)
rm -r "$work"
chmod 600 "$disk" "$seed"

sed -e "s|@NAME@|$name|g; s|@UUID@|$uuid|g; s|@MAC@|$mac|g; s|@DISK@|$disk|g; s|@SEED@|$seed|g" \
  -e "s|@SOCKET@|$(<"$directory/sockets")/$uuid.vnc|g" "$directory/machine.xml" >"$directory/$uuid.xml"
virsh -q define "$directory/$uuid.xml"
virsh -q start "$name"
