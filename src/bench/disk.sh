#!/usr/bin/env bash
# (h) Disks made by Berth against qemu-img alone, by turns: a raw copy of an image, a copy on a whole device (a loop
# device, one for each side), and an overlay on it.
# disk.sh [ROUNDS [MIB]]: MIB is how much the image holds. What is copied is made to reach the disk on both sides.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
rounds=${1:-7}
mib=${2:-1024}
overlays=20
size=$((mib / 1024 + 2))
app=${BENCH_APP:-$app}

[ -f "$app/quarkus-run.jar" ] || die "Build first: mvn package -Dmaven.test.skip"
mkdir -p "$home/worker" "$home/rival"
head -c "${mib}M" /dev/urandom >"$home/content.raw"
qemu-img convert -f raw -O qcow2 "$home/content.raw" "$home/image.qcow2"
rm "$home/content.raw"
chmod 444 "$home/image.qcow2"

loop() {
  truncate -s "${size}G" "$home/$1.device"
  losetup -f --show "$home/$1.device"
}
device=$(loop berth)
other=$(loop rival)

# Berth's side waits for its turns: orders go in by one pipe, times come out by the other.
coproc worker {
  exec java -XX:+UseSerialGC -cp "$app/app/*:$app/lib/boot/*:$app/lib/main/*" "$bench/Disk.java" \
    "$tag" "$home/image.qcow2" "$size" "$home/worker" "$device" 2>"$home/disk.log"
}
pid=$worker_PID
remove_pools() {
  kill "$pid" 2>/dev/null || true
  for kind in raw qcow2; do
    virsh pool-destroy "berth-$tag$kind" || true
    virsh pool-undefine "berth-$tag$kind" || true
  done >/dev/null 2>&1
  losetup -d "$device" "$other" || true
  clean_up
}
trap remove_pools EXIT
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
      blkdiscard -f -z -o "${mib}M" "$other"
      blockdev --flushbufs "$other"
      ;;
    qcow2) qemu-img create -q -f qcow2 -b "$home/image.qcow2" -F qcow2 "$home/rival/$number" "${size}G" ;;
    esac
  done
  took=$(($(now) - begin))
  rm -f "$home/rival"/*
}

echo "(h) disks from an image of $mib MiB, $rounds rounds by turns"
for kind in raw block qcow2; do
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
  printf '    %-6s berth %6.0f ms, qemu-img %6.0f ms for %d, ratio %s\n' \
    "$kind" "$(median "${ours[@]}")" "$(median "${theirs[@]}")" "$count" \
    "$(ratio "$(median "${ours[@]}")" "$(median "${theirs[@]}")")"
done
