#!/usr/bin/env bash
# (i) Admissions: requests that take their quota and wait for a yes, from many clients at once, against pgbench with the
# same SQL.   admit.sh [REQUESTS [CLIENTS [WARM [ROUNDS]]]]
# Needs neither libvirt nor root, but pgbench (Debian's postgresql-contrib).
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
requests=${1:-3000}
clients=${2:-64}
warm=${3:-3000}
rounds=${4:-3}
command -v pgbench >/dev/null || die "pgbench is missing: install postgresql-contrib."

mkfifo "$home/end"
java_with_libraries Database.java "$home" max_connections=200 logging_collector=on "log_directory=$home" \
  log_filename=postgres.log log_line_prefix=@@%p@@ <"$home/end" >"$home/jdbc" 2>"$home/database.log" &
database=$!
exec 4>"$home/end" # as long as this is open, the database serves
until [ -s "$home/jdbc" ]; do sleep 0.2; done
jdbc=$(<"$home/jdbc")
start_portal BERTH_ROLES=web QUARKUS_DATASOURCE_JDBC_URL="$jdbc" QUARKUS_DATASOURCE_USERNAME=postgres \
  QUARKUS_DATASOURCE_PASSWORD=postgres
sql() { java_with_libraries Sql.java "$jdbc" <<<"$1"; }
sql "insert into host (id, name, uri, state, seen_at, cpus, memory_mib, created_at, domain_type)
  values (gen_random_uuid(), 'paper', 'test:///default', 'ACTIVE', now(), 1000000, 100000000000, now(), 'qemu')"
fill_catalogue 4
api admin PUT /tenants/blue/quota "{\"limits\": {\"machines\": 100000000, \"vcpus\": 100000000,
  \"memory_mib\": 100000000000, \"disk_gib\": 100000000}}" >/dev/null

# So long a lease passes by nobody's policy.
ask() { wish "$1" | sed 's/"leaseHours": 24/"leaseHours": 72/'; }
printf '/api/v1/tenants/blue/requests\t%s\n' "$(ask r@ | tr '\n' ' ')" >"$home/asks"
berth() { java_with_libraries Load.java post "$url" alice "$clients" "$1" "$2" <"$home/asks"; }
note "Warming up"
berth 100 "$warm" >/dev/null
note "Looking at the SQL of two requests"
sql "alter system set log_statement = 'all'"
sql "select pg_reload_conf()" >/dev/null
sleep 1
for name in first-of-two second-of-two; do
  sql "select 'begin $name'" >/dev/null
  api alice POST /tenants/blue/requests "$(ask "$name")" >/dev/null
  sql "select 'end $name'" >/dev/null
done
sql "alter system reset log_statement"
sql "select pg_reload_conf()" >/dev/null
sleep 1
java_with_libraries SameSql.java "$home/postgres.log" first-of-two second-of-two >"$home/same.sql"

port=$(sed 's|.*localhost:\([0-9]*\)/.*|\1|' <<<"$jdbc")
rival() {
  PGPASSWORD=postgres pgbench -n -M prepared -h localhost -p "$port" -U postgres -c "$clients" -j 2 \
    -t $(($1 / clients)) -f "$home/same.sql" postgres 2>"$home/pgbench.log" | sed -n 's/^tps = \([0-9]*\).*/\1/p'
}
note "Warming pgbench up"
[ -n "$(rival "$((clients * 5))")" ] || { tail -n 5 "$home/pgbench.log" >&2; die "pgbench did not run."; }
echo "(i) admissions from $clients clients, $requests each turn (aim: at least half of pgbench's)"
printf '    %6s %8s %8s %6s\n' "" berth pgbench ratio
ours=() theirs=()
for ((round = 1; round <= rounds; round++)); do
  read -r rate _ p95 _ _ errors _ <<<"$(berth 0 "$requests")"
  tps=$(rival "$requests")
  ours+=("$rate") theirs+=("$tps")
  printf '    %6s %8s %8s %6s   p95 %s ms, %s errors\n' "$round" "$rate" "$tps" "$(ratio "$rate" "$tps")" "$p95" "$errors"
done
printf '    %6s %8s %8s %6s\n' median "$(median "${ours[@]}")" "$(median "${theirs[@]}")" \
  "$(ratio "$(median "${ours[@]}")" "$(median "${theirs[@]}")")"
sql "select '    ledger off by ' || coalesce(sum(abs(q.used - h.held)), 0) from quota q
  join (select tenant_id, resource, sum(amount) as held from quota_hold group by 1, 2) h using (tenant_id, resource)"
stop_portal
exec 4>&-
wait "$database"
