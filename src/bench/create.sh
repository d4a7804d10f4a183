#!/usr/bin/env bash
# (a) From an admin's yes to a running domain, against a shell script that does the same.   create.sh [ROUNDS]
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
rounds=${1:-20}

start_portal BERTH_ROLES=web,worker
fill_catalogue 0
watch_events

# create NUMBER: sets `machine` and prints nothing; `took` is the time in ms
create() {
  local request begin end
  request=$(api alice POST /tenants/blue/requests "$(wish "$tag-$1")" | jq -r .id)
  begin=$(now)
  machine=$(api admin POST "/requests/$request/approve" | jq -r .machineId)
  end=$(started_at "berth-blue-$tag-$1")
  took=$((end - begin))
}

# how long the worker took for each step, in the words of the timeline
steps() {
  api alice GET "/machines/$machine/events" |
    jq -r '.items | sort_by(.id)[] | select(.step != "Wait for the guest'"'"'s address") | "\(.step)\t\(.millis)"' >>"$home/steps"
}

delete() {
  api alice DELETE "/machines/$machine" >/dev/null
  until [ "$(api alice GET "/machines/$machine" | jq -r .state)" = GONE ]; do sleep 0.2; done
}

note "Warming up"
create 0
prepare_by_hand "berth-blue-$tag-0"
for warm in 1 2 3; do
  delete
  create "w$warm"
done
delete
by_hand 0 "$tag-by-hand-0"
remove_by_hand 0 "$tag-by-hand-0"
rm -f "$home/steps"

berth=() shell=()
berth_turn() {
  create "$1"
  berth+=("$took")
  steps
  delete
}
shell_turn() {
  local begin end name=$tag-by-hand-$1
  begin=$(now)
  by_hand "$1" "$name"
  end=$(started_at "$name")
  shell+=($((end - begin)))
  remove_by_hand "$1" "$name"
}
for round in $(seq "$rounds"); do
  # who comes first takes turns, too
  if [ $((round % 2)) = 0 ]; then berth_turn "$round"; shell_turn "$round"; else shell_turn "$round"; berth_turn "$round"; fi
  note "$round: berth ${berth[-1]} ms, shell ${shell[-1]} ms"
done

echo "(a) yes to running, $rounds each, ms"
printf '    %-8s median %6.0f  p95 %6.0f  min %6.0f\n' \
  berth "$(median "${berth[@]}")" "$(percentile 95 "${berth[@]}")" "$(percentile 1 "${berth[@]}")" \
  shell "$(median "${shell[@]}")" "$(percentile 95 "${shell[@]}")" "$(percentile 1 "${shell[@]}")"
echo "    ratio of the medians: $(ratio "$(median "${berth[@]}")" "$(median "${shell[@]}")") (aim: at most 1.15)"
echo "    Berth's steps, median ms:"
cut -f 1 "$home/steps" | awk '!seen[$0]++' | while read -r step; do
  mapfile -t values < <(awk -F '\t' -v step="$step" '$1 == step { print $2 }' "$home/steps")
  printf '      %-32s %6.0f\n' "$step" "$(median "${values[@]}")"
done
