#!/usr/bin/env bash
# (g) From the call that opens a port to the first connection through it, against nft by hand.   port.sh [ROUNDS]
# The connection is made from a network namespace outside to one on the machine's network that has its address, since
# the benchmarks' guest does nothing.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
rounds=${1:-30}
outside=172.28.$((RANDOM % 256))
hand=berth_bench_$tag

take_away() {
  for each in "$tag-o" "$tag-g"; do
    ip netns pids "$each" 2>/dev/null | xargs -r kill 2>/dev/null
    ip netns del "$each" 2>/dev/null
  done
  nft delete table ip "$hand" 2>/dev/null
  clean_up
}
trap take_away EXIT

# namespace NAME ADDRESS GATEWAY: with one cable, whose other end is h-NAME here
namespace() {
  ip netns add "$1"
  ip link add "h-$1" type veth peer name eth0 netns "$1"
  ip link set "h-$1" up
  ip -n "$1" addr add "$2/24" dev eth0
  ip -n "$1" link set eth0 up
  ip -n "$1" route add default via "$3"
}

start_portal BERTH_ROLES=web,worker
forward_ports=20000-20999
fill_catalogue 1
api admin PUT /tenants/blue/quota '{"limits": {"forwards": 1000}}' >/dev/null
machine=$(api alice POST /tenants/blue/requests "$(wish "$tag-0")" | jq -r .machineId)
until [ "$(api alice GET "/machines/$machine" | jq -r .seen)" = RUNNING ]; do sleep 0.2; done
address=$(api alice GET "/machines/$machine" | jq -r '.nics[0].address')

namespace "$tag-g" "$address" "$subnet.1"
ip link set "h-$tag-g" master "$(virsh net-info "berth-$tag" | awk '/^Bridge/ { print $2 }')"
namespace "$tag-o" "$outside.2" "$outside.1"
ip addr add "$outside.1/24" dev "h-$tag-o"
coproc GUEST { exec ip netns exec "$tag-g" java -XX:+UseSerialGC "$bench/Connect.java" listen 22; }
read -r -u "${GUEST[0]}" _
# bash keeps one coprocess; the other end talks through named pipes
mkfifo "$home/ports" "$home/times"
ip netns exec "$tag-o" java -XX:+UseSerialGC "$bench/Connect.java" to "$outside.1" <"$home/ports" >"$home/times" &
exec 8>"$home/ports" 9<"$home/times"
read -r -u 9 _

nft -f - <<RULES
table ip $hand { chain c { type nat hook prerouting priority dstnat - 1; policy accept; }; }
RULES

# connected: waits for the connection; `took` is how long that was since `begin`, in microseconds
connected() {
  local end
  read -r -u 9 end
  took=$((end - begin))
}
micros() { echo $(($(date +%s%N) / 1000)); }

berth_turn() {
  local forward
  echo $((20100 + $1)) >&8
  begin=$(micros)
  forward=$(api alice POST "/machines/$machine/forwards" "{\"guestPort\": 22, \"hostPort\": $((20100 + $1))}" | jq -r .id)
  connected
  berth+=("$took")
  ports_table=$(nft list tables ip | awk '$3 ~ /^berth_fwd_/ { print $3 }' | while read -r table; do
    ! nft list table ip "$table" | grep -qF ": $address . 22" || echo "$table"
  done)
  api alice DELETE "/machines/$machine/forwards/$forward"
}
hand_turn() {
  echo $((20500 + $1)) >&8
  begin=$(micros)
  nft add rule ip "$hand" c ip daddr "$outside.1" tcp dport $((20500 + $1)) dnat to "$address:22"
  connected
  hands+=("$took")
}

note "Warming up"
berth=() hands=()
for warm in 1 2 3 4 5; do berth_turn "$warm"; hand_turn "$warm"; done
berth=() hands=()
for round in $(seq 6 $((rounds + 5))); do
  if [ $((round % 2)) = 0 ]; then berth_turn "$round"; hand_turn "$round"; else hand_turn "$round"; berth_turn "$round"; fi
done

echo "(g) opening a port to the first connection, $rounds each, ms"
line() {
  local name=$1
  shift
  printf '    %-8s median %7.1f  p95 %7.1f  min %7.1f\n' "$name" \
    "$(in_ms "$(median "$@")")" "$(in_ms "$(percentile 95 "$@")")" "$(in_ms "$(percentile 1 "$@")")"
}
in_ms() { awk -v micros="$1" 'BEGIN { print micros / 1000 }'; }
line berth "${berth[@]}"
line nft "${hands[@]}"
echo "    ratio of the medians: $(ratio "$(median "${berth[@]}")" "$(median "${hands[@]}")"); Berth's p95 is to be under 2000 ms"
