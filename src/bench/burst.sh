#!/usr/bin/env bash
# (b) Many machines asked for at once, against the same calls from 4 parallel shells.   burst.sh [MACHINES [ROUNDS]]
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
machines=${1:-100}
rounds=${2:-1}
lanes=4

# 100 vCPUs are more than a small host takes by itself.
start_portal BERTH_ROLES=web,worker BERTH_PLACEMENT_CPU_OVERCOMMIT=1000
fill_catalogue 4
watch_events

# await_started PREFIX: until all have, or a minute has passed without another
await_started() {
  local count last=-1 patience
  while count=$(count_started "$1"); [ "$count" -lt "$machines" ]; do
    [ "$count" = "$last" ] || { last=$count; patience=$((SECONDS + 60)); }
    [ $SECONDS -lt "$patience" ] || return 0
    sleep 0.5
  done
}

# in_state STATE: how many machines that are not gone are in it
in_state() { api alice GET "/tenants/blue/machines?limit=200&state=$1" | jq '.items | length'; }

# each lane makes every fourth machine
lane() {
  local number
  for number in $(seq $(($1 + 1)) $lanes "$machines"); do "$2" "$number" "$3-$number" || echo "$number" >>"$home/failed"; done
}
in_lanes() {
  local lane pids=()
  for lane in $(seq 0 $((lanes - 1))); do
    lane "$lane" "$1" "$2" &
    pids+=($!)
  done
  wait "${pids[@]}"
}

berth_turn() {
  local begin answered refused prefix=berth-blue-$tag-$1-
  read -r begin answered refused < <(
    for number in $(seq "$machines"); do wish "$tag-$1-$number" | tr -d '\n'; echo; done |
      java -XX:+UseSerialGC "$bench/Burst.java" "$url/api/v1/tenants/blue/requests" alice)
  await_started "$prefix"
  berth+=($(($(last_started "$prefix") - begin)))
  # the last one's row follows its event
  for _ in $(seq 40); do [ "$(in_state RUNNING)" -lt "$machines" ] || break; sleep 0.25; done
  note "$1: berth ${berth[-1]} ms; answered in $answered ms, refused $refused, started $(count_started "$prefix")," \
    "RUNNING $(in_state RUNNING), FAILED $(in_state FAILED)," \
    "steps tried again $(grep -c 'failed at try' "$home/portal.log" || true)"
  errors=$((errors + refused + machines - $(in_state RUNNING)))
  api alice GET '/tenants/blue/machines?limit=200' | jq -r '.items[].id' |
    xargs -P 4 -I {} curl -sS -f -o /dev/null -u alice:berth -X DELETE "$url/api/v1/machines/{}"
  until [ "$(api alice GET '/tenants/blue/machines' | jq '.items | length')" = 0 ]; do sleep 1; done
}

shell_turn() {
  local begin prefix=$tag-by-hand-$1
  begin=$(now)
  in_lanes by_hand "$prefix"
  await_started "$prefix-"
  shell+=($(($(last_started "$prefix-") - begin)))
  note "$1: shells ${shell[-1]} ms; started $(count_started "$prefix-")"
  # the last ones go with everything else at the end, which is quicker
  [ "$1" = "$rounds" ] || in_lanes remove_by_hand "$prefix"
}

note "Warming up"
all=$machines machines=1 berth=() errors=0
api alice POST /tenants/blue/requests "$(wish "$tag-0")" >/dev/null
started_at "berth-blue-$tag-0" >/dev/null
prepare_by_hand "berth-blue-$tag-0"
berth_turn warm 2>/dev/null
machines=$all berth=() shell=() errors=0
for round in $(seq "$rounds"); do
  if [ $((round % 2)) = 1 ]; then berth_turn "$round"; shell_turn "$round"; else shell_turn "$round"; berth_turn "$round"; fi
done

failed=0
[ ! -f "$home/failed" ] || failed=$(wc -l <"$home/failed")
b=$(median "${berth[@]}") s=$(median "${shell[@]}")
echo "(b) $machines machines at once, $rounds each"
echo "    berth:          $(awk -v n="$machines" -v ms="$b" 'BEGIN { printf "%.2f", n * 1000 / ms }') machines/s ($b ms), $errors errors"
echo "    $lanes shells:       $(awk -v n="$machines" -v ms="$s" 'BEGIN { printf "%.2f", n * 1000 / ms }') machines/s ($s ms), $failed errors"
echo "    throughput, berth to shells: $(ratio "$s" "$b") (aim: at least 0.85)"
