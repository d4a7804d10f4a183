#!/usr/bin/env bash
# (k) How fast disks are inside a guest: one machine with a data disk of each kind that this kernel allows, and dd in it,
# past the guest's cache and the host's.   guest-disk.sh [MIB]
# Its guest is the tests': of deploy/guest/build.sh, where BENCH_GUEST says.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
mib=${1:-128}
guest=${BENCH_GUEST:-/var/cache/berth/guest.qcow2}
kinds=(qcow2 raw block partition iscsi)
[ -r "$guest" ] || die "The tests' guest is missing: deploy/guest/build.sh $guest"

loops=()
target=
take_away() {
  for kind in qcow2 raw; do
    virsh pool-destroy "berth-$tag$kind" || true
    virsh pool-undefine "berth-$tag$kind" || true
  done >/dev/null 2>&1
  [ -z "$target" ] || kill -9 "$target" 2>/dev/null || true # it takes no other signal while a target is there
  clean_up
  for device in "${loops[@]}"; do
    # The kernel would keep a loop device's partitions for whoever has it next.
    partx -d "$device" 2>/dev/null || true
    losetup -d "$device" || true
  done
}
trap take_away EXIT
loop() {
  truncate -s 3G "$home/$1.device"
  losetup -f --show "$home/$1.device"
}
block=$(loop block)
loops+=("$block")
disk=$(loop partition)
loops+=("$disk")
portal_port=$(free_port)
control=$((RANDOM % 30000 + 1))
truncate -s 2G "$home/lun"
tgtd -f -C "$control" --iscsi "portal=127.0.0.1:$portal_port" >"$home/tgtd.log" 2>&1 &
target=$!
tgt() { tgtadm -C "$control" --lld iscsi --mode "$@"; }
until tgt target --op show >/dev/null 2>&1; do sleep 0.2; done
tgt target --op new --tid 1 -T iqn.2026-01.dev.berth:bench
tgt logicalunit --op new --tid 1 --lun 1 -b "$home/lun"
tgt target --op bind --tid 1 -I ALL

start_portal
fill_catalogue 4
profile() {
  api admin POST /storage-profiles "{\"slug\": \"$tag$1\", \"name\": \"$1\", \"description\": \"\", \"kind\": \"$1\",
    \"config\": $2}" >/dev/null
}
profile qcow2 "{\"path\": \"$home/disks-qcow2\"}"
profile raw "{\"path\": \"$home/disks-raw\"}"
profile block '{}'
profile partition "{\"disks\": \"$disk\"}"
profile iscsi "{\"portal\": \"127.0.0.1:$portal_port\", \"target\": \"iqn.2026-01.dev.berth:bench\"}"
device() {
  api admin POST "/storage-profiles/$tag$1/devices" "{\"host\": \"local\", \"path\": \"$2\"}" >/dev/null
  for _ in $(seq 300); do
    [ "$(api admin GET "/storage-profiles/$tag$1/devices" | jq -r '.items[0].state')" != free ] || return 0
    sleep 0.5
  done
  die "$2 is not taken."
}
for kind in "${kinds[@]}"; do
  for _ in $(seq 300); do
    checks=$(api admin GET "/storage-profiles/$tag$kind/checks" | jq -c '.items // .')
    [ "$(jq length <<<"$checks")" = 0 ] || break
    sleep 0.5
  done
  jq -e 'all(.good)' <<<"$checks" >/dev/null || die "$checks"
done
device block "$block"
device iscsi iqn.2026-01.dev.berth:bench/1
cp "$guest" "$home/guest.qcow2"
api admin POST /images/import \
  "{\"name\": \"$tag-guest\", \"file\": \"guest.qcow2\", \"format\": \"qcow2\", \"description\": \"\"}" >/dev/null
api admin POST /sizes "{\"slug\": \"$tag-guest\", \"name\": \"Guest\", \"vcpus\": 1, \"memoryMib\": 128, \"diskGib\": 1}" \
  >/dev/null
all=$(printf ", \"$tag%s\"" "${kinds[@]}")
api admin POST "/templates/$tag/revisions" "{\"image\": \"$tag-guest\", \"sizes\": [\"$tag-guest\"], \"networks\": [\"$tag\"],
  \"storage\": [\"$tag\"$all], \"notes\": \"\"}" >/dev/null
api admin POST "/templates/$tag/revisions/2/approve" >/dev/null
machine=$(api alice POST /tenants/blue/requests "$(wish "$tag-speeds" | sed "s/\"size\": \"$tag\"/\"size\": \"$tag-guest\"/")" |
  jq -r .machineId)
settled() {
  local state
  for _ in $(seq 600); do
    state=$(api alice GET "/machines/$machine" | jq -r '.state + " " + .failure')
    [[ $state != FAILED* ]] || die "$state"
    [ "${state% *}" = "$1" ] &&
      ! api alice GET "/machines/$machine/disks" | jq -e '.items[] | select(.state != "attached")' >/dev/null && return 0
    sleep 0.5
  done
  die "The machine is not $1."
}
settled RUNNING

# inside SCRIPT: what it writes in the guest
inside() {
  local pid answer
  answer=$(virsh qemu-agent-command "$machine" "$(jq -n --arg script "$1" '{execute: "guest-exec",
    arguments: {path: "/bin/sh", arg: ["-c", $script], "capture-output": true}}')")
  pid=$(jq .return.pid <<<"$answer")
  for _ in $(seq 600); do
    answer=$(virsh qemu-agent-command "$machine" "{\"execute\": \"guest-exec-status\", \"arguments\": {\"pid\": $pid}}")
    ! jq -e .return.exited <<<"$answer" >/dev/null || break
    sleep 0.2
  done
  jq -r '.return["out-data"] // ""' <<<"$answer" | base64 -d
}
# One that boots may miss a disk.
until inside 'echo up' 2>/dev/null | grep -q up; do sleep 1; done
for kind in "${kinds[@]}"; do
  api alice POST "/machines/$machine/disks" "{\"storage\": \"$tag$kind\", \"sizeGib\": 1, \"name\": \"$kind\"}" >/dev/null
  settled RUNNING
done
echo "(k) data disks inside a guest, $mib MiB by dd past its cache, in MB/s"
printf '    %-10s %8s %8s\n' '' written read
rate() { awk -v mib="$mib" -v from="$1" -v to="$2" 'BEGIN { printf "%.0f", mib * 1.048576 / (to - from) }'; }
for kind in "${kinds[@]}"; do
  serial=$(api alice GET "/machines/$machine/disks" | jq -r ".items[] | select(.name == \"$kind\") | .serial")
  dev=/dev/$(inside "grep -l '$serial' /sys/block/*/serial" | cut -d / -f 4)
  # Not zeros, which some kinds need not write.
  times=($(inside "dd if=/dev/zero bs=1M count=16 2>/dev/null | tr '\\0' x >/dev/pattern
    cut -d ' ' -f 1 /proc/uptime
    for at in \$(seq 0 16 $((mib - 16))); do
      dd if=/dev/pattern of=$dev bs=1M seek=\$at conv=notrunc,fsync 2>/dev/null
    done
    cut -d ' ' -f 1 /proc/uptime
    echo 3 >/proc/sys/vm/drop_caches
    cut -d ' ' -f 1 /proc/uptime
    dd if=$dev of=/dev/null bs=1M count=$mib 2>/dev/null
    cut -d ' ' -f 1 /proc/uptime"))
  printf '    %-10s %8s %8s\n' "$kind" "$(rate "${times[0]}" "${times[1]}")" "$(rate "${times[2]}" "${times[3]}")"
done
api alice DELETE "/machines/$machine" >/dev/null
until [ "$(api alice GET "/machines/$machine" | jq -r .state)" = GONE ]; do sleep 0.5; done
for id in $(api alice GET /tenants/blue/disks | jq -r '.items[].id'); do
  api alice DELETE "/disks/$id" >/dev/null
done
for _ in $(seq 240); do
  [ "$(api alice GET /tenants/blue/disks | jq '.items | length')" != 0 ] || break
  sleep 0.5
done
