#!/usr/bin/env bash
# (d) Time to the first page, and resident memory.   start.sh [ROUNDS]
# Compares sets of Java flags, one a line in BENCH_FLAGS; without it, none against a small one and that of the demo.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
rounds=${1:-5}
small='-XX:TieredStopAtLevel=1 -XX:+UseSerialGC'
sets=${BENCH_FLAGS-$'\n'$small$'\n'$small -XX:SharedArchiveFile=$home/classes.jsa}

# PostgreSQL runs already, as it does in production.
mkfifo "$home/hold"
java_with_libraries Database.java "$home/postgres" <"$home/hold" >"$home/jdbc" 2>"$home/database.log" &
database=$!
exec 7>"$home/hold"
until [ -s "$home/jdbc" ]; do
  kill -0 "$database" 2>/dev/null || { cat "$home/database.log" >&2; die "No database."; }
  sleep 0.2
done
jdbc=$(<"$home/jdbc")
url=http://localhost:$(free_port)

# open_portal FLAGS...: sets `took`, ms from starting java to the sign-in page
open_portal() {
  local begin
  begin=$(now)
  BERTH_DEMO=true BERTH_WORKER_DIRECTORY="$home/worker" BERTH_LIBRARY_DIRECTORY="$home/images" \
    QUARKUS_DATASOURCE_JDBC_URL="$jdbc" QUARKUS_DATASOURCE_USERNAME=postgres QUARKUS_DATASOURCE_PASSWORD=postgres \
    QUARKUS_HTTP_HOST=localhost QUARKUS_HTTP_PORT="${url##*:}" \
    java "$@" -jar "$app/quarkus-run.jar" >>"$home/portal.log" 2>&1 </dev/null 7>&- &
  portal=$!
  until (exec 3<>"/dev/tcp/127.0.0.1/${url##*:}") 2>/dev/null; do
    kill -0 "$portal" 2>/dev/null || { tail -n 20 "$home/portal.log" >&2; die "The portal ended while starting."; }
    sleep 0.02
  done
  until curl -fs -m 5 -o /dev/null "$url/login"; do sleep 0.02; done
  took=$(($(now) - begin))
}

note "Warming up: the schema and the demo's people, and the archive of classes"
# shellcheck disable=SC2086
open_portal $small "-XX:ArchiveClassesAtExit=$home/classes.jsa" -Xlog:cds=error
stop_portal
echo /t/blue/machines >"$home/paths"

mapfile -t each <<<"$sets"
declare -A times used first after
for round in $(seq "$rounds"); do
  for number in "${!each[@]}"; do
    read -r -a options <<<"${each[number]}"
    open_portal "${options[@]}"
    times[$number]+="$took "
    used[$number]+="$(cpu "$portal") "
    first[$number]+="$(rss "$portal") "
    java_with_libraries Load.java pages "$url" alice 4 250 750 <"$home/paths" >/dev/null
    after[$number]+="$(rss "$portal") "
    note "$round: ${each[number]:-no flags}: $took ms, $(rss "$portal") MiB"
    stop_portal
  done
done

echo "(d) first page and memory, median of $rounds (aim: 3.5 s, 350 MiB)"
for number in "${!each[@]}"; do
  read -r -a t <<<"${times[$number]}"
  read -r -a c <<<"${used[$number]}"
  read -r -a f <<<"${first[$number]}"
  read -r -a a <<<"${after[$number]}"
  printf '    first page %5.2f s (best %.2f), %5.2f s of processor   resident %4.0f MiB, after 1,000 pages %4.0f MiB   %s\n' \
    "$(awk -v ms="$(median "${t[@]}")" 'BEGIN { print ms / 1000 }')" \
    "$(awk -v ms="$(percentile 1 "${t[@]}")" 'BEGIN { print ms / 1000 }')" \
    "$(awk -v ms="$(median "${c[@]}")" 'BEGIN { print ms / 1000 }')" \
    "$(median "${f[@]}")" "$(median "${a[@]}")" "${each[number]:-no flags}"
done
exec 7>&-
wait "$database" || true
