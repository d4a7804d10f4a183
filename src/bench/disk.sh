#!/usr/bin/env bash
# (h) Disks made by Berth against qemu-img alone, by turns: a raw copy of an image, a copy on a whole device (a loop
# device, one for each side), an overlay on it, and, where the kernel has device-mapper, a copy on a logical volume.
# disk.sh [ROUNDS [MIB [KIND...]]]: MIB is how much the image holds, KIND which of raw, block, qcow2 and lvm to measure.
# What is copied is made to reach the disk on both sides.
# BENCH_CLASSES says where Disk.java lies compiled, for a Java without compiler.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
rounds=${1:-7}
mib=${2:-1024}
overlays=20
size=$((mib / 1024 + 1))
app=${BENCH_APP:-$app}
kinds=("${@:3}")
[ $# -gt 2 ] || kinds=(raw block qcow2)

[ -f "$app/quarkus-run.jar" ] || die "Build first: mvn package -Dmaven.test.skip"
mkdir -p "$home/worker" "$home/rival"
head -c "${mib}M" /dev/urandom >"$home/content.raw"
qemu-img convert -f raw -O qcow2 "$home/content.raw" "$home/image.qcow2"
rm "$home/content.raw"
chmod 444 "$home/image.qcow2"

devices=()
group=
pid=
remove_pools() {
  [ -z "$pid" ] || kill "$pid" 2>/dev/null || true
  for kind in raw qcow2; do
    virsh pool-destroy "berth-$tag$kind" || true
    virsh pool-undefine "berth-$tag$kind" || true
  done >/dev/null 2>&1
  [ -z "$group" ] || vgremove -q -f "$group" >/dev/null || true
  [ ${#devices[@]} = 0 ] || losetup -d "${devices[@]}" || true
  clean_up
}
trap remove_pools EXIT
# loop NAME GIB: adds one to `devices`
loop() {
  truncate -s "$2G" "$home/$1.device"
  devices+=("$(losetup -f --show "$home/$1.device")")
}
loop berth "$size"
loop rival "$size"
device=${devices[0]}
other=${devices[1]}
if grep -q device-mapper /proc/misc && command -v vgcreate >/dev/null; then
  # Each side makes and removes its volume, so the group's first blocks serve both by turns.
  [ $# -gt 2 ] || kinds+=(lvm)
  loop group $((size + 1))
  vgcreate -q "vg$tag" "${devices[2]}" >/dev/null
  group=vg$tag
fi

# Berth's side waits for its turns: orders go in by one pipe, times come out by the other.
coproc worker {
  libraries="$app/app/*:$app/lib/boot/*:$app/lib/main/*"
  program=("$libraries" "$bench/Disk.java")
  [ -z "${BENCH_CLASSES:-}" ] || program=("$BENCH_CLASSES:$libraries" Disk)
  exec java -XX:+UseSerialGC -cp "${program[@]}" \
    "$tag" "$home/image.qcow2" "$size" "$home/worker" "$device" "$group" 2>"$home/disk.log"
}
pid=${worker_PID:-}
read -r -t 120 <&"${worker[0]}" || { tail -n 20 "$home/disk.log" >&2; die "Berth's side did not start."; }

# berth KIND COUNT: sets `took`, in ms
berth() {
  echo "$1 $2" >&"${worker[1]}"
  read -r took <&"${worker[0]}" || { tail -n 20 "$home/disk.log" >&2; die "Berth's side ended."; }
}

# rival KIND COUNT: the same with qemu-img
rival() {
  local begin number
  begin=$(now)
  for ((number = 0; number < $2; number++)); do
    case $1 in
    raw)
      qemu-img convert -f qcow2 -O raw "$home/image.qcow2" "$home/rival/$number"
      qemu-img resize -q -f raw "$home/rival/$number" "${size}G"
      sync "$home/rival/$number"
      ;;
    block)
      # Whatever a guest could read behind the image is somebody else's, so that it is zeroed on both sides.
      qemu-img convert -n -f qcow2 -O raw "$home/image.qcow2" "$other"
      blkdiscard -f -z -o "${mib}M" "$other" 2>/dev/null
      blockdev --flushbufs "$other"
      ;;
    lvm)
      lvcreate -q --yes --wipesignatures y --name "$number" --size "${size}g" "$group" >/dev/null
      qemu-img convert -n -f qcow2 -O raw "$home/image.qcow2" "/dev/$group/$number"
      blkdiscard -f -z -o "${mib}M" "/dev/$group/$number" 2>/dev/null
      blockdev --flushbufs "/dev/$group/$number"
      ;;
    qcow2) qemu-img create -q -f qcow2 -b "$home/image.qcow2" -F qcow2 "$home/rival/$number" "${size}G" ;;
    esac
  done
  took=$(($(now) - begin))
  rm -f "$home/rival"/*
  # Berth's device or volume is empty again after each turn, and the first write to a part of an empty one is dearer.
  case $1 in
  block) blkdiscard -f "$other" 2>/dev/null ;;
  lvm)
    blkdiscard -f "/dev/$group/0" 2>/dev/null
    lvremove -q --yes "$group/0" >/dev/null
    ;;
  esac
}

echo "(h) disks from an image of $mib MiB, $rounds rounds by turns"
for kind in "${kinds[@]}"; do
  count=1
  [ "$kind" != qcow2 ] || count=$overlays
  ours=() theirs=()
  for ((round = 0; round <= rounds; round++)); do
    for side in $([ $((round % 2)) = 0 ] && echo berth rival || echo rival berth); do
      "$side" "$kind" "$count"
      # The first round warms up both.
      [ "$round" = 0 ] || case $side in
      berth) ours+=("$took") ;;
      rival) theirs+=("$took") ;;
      esac
    done
  done
  for which in 50 0; do
    ours_took=$(percentile $which "${ours[@]}")
    theirs_took=$(percentile $which "${theirs[@]}")
    printf '    %-6s %-6s berth %6d ms, qemu-img %6d ms for %d, ratio %s\n' "$kind" \
      "$([ $which = 0 ] && echo least || echo median)" "$ours_took" "$theirs_took" "$count" "$(ratio "$ours_took" "$theirs_took")"
  done
done
