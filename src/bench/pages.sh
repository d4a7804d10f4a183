#!/usr/bin/env bash
# (c) Machine list and machine page with 10,000 machines in 1,000 tenants.   pages.sh [REQUESTS [CLIENTS [WARM]]]
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
requests=${1:-6000}
clients=${2:-16}
warm=${3:-10000} # loads before those that are measured: by then Java has compiled what they run through

start_portal BERTH_ROLES=web,worker
fill_catalogue 4
jdbc=$(jdbc_url)
note "Inserting the rows"
sed "s/:tag/$tag/g" "$bench/rows.sql" | java_with_libraries Sql.java "$jdbc"
java_with_libraries Sql.java "$jdbc" <<<"select '    ' || (select count(*) from machine) || ' machines, '
  || (select count(*) from tenant) || ' tenants, ' || (select count(*) from machine_event) || ' timeline rows'"

query() { java_with_libraries Sql.java "$jdbc" <<<"$1"; }
query "select '/t/' || tenant_slug || '/machines/' || id from machine where tenant_slug = 'blue'" >"$home/blue-machine"
query "select '/t/blue/machines' union all select '/t/blue/machines?sort=name' union all select '/t/blue/machines?sort=lease'
  union all select '/t/blue/machines?state=stopped' union all select '/t/blue/machines?q=vm-1'" >"$home/blue-list"
query "select '/t/' || slug || '/machines' from tenant" >"$home/any-list"
query "select '/t/' || tenant_slug || '/machines/' || id from machine" >"$home/any-machine"
query "select '/api/v1/tenants/blue/machines?limit=25'" >"$home/api-tenant"
query "select '/api/v1/machines?limit=25' union all select '/api/v1/machines?limit=25&sort=name'" >"$home/api-all"
query "select '/api/v1/machines/' || id from machine where tenant_slug = 'blue'" >"$home/api-machine"
query "select id from tenant where slug = 'blue'" >"$home/blue-id"
query "select id from machine where tenant_slug = 'blue'" >"$home/machine-ids"

list_sql="select * from machine where gone_at is null and tenant_id = ?::uuid order by created_at desc, id limit 26"
machine_sql=("select * from machine where id = ?::uuid" "select * from disk where machine_id = ?::uuid order by target"
  "select * from nic where machine_id = ?::uuid order by position"
  "select * from machine_event where machine_id = ?::uuid order by generation desc, id limit 200")

# load TITLE KIND URL USER CLIENTS FILE [SQL...]
load() {
  local answer before
  before=$(cpu "$portal")
  answer=$(java_with_libraries Load.java "$2" "$3" "$4" "$5" "$warm" "$requests" "${@:7}" <"$home/$6")
  read -r rate p50 p95 p99 longest errors bytes <<<"$answer"
  used=$(awk -v ms=$(($(cpu "$portal") - before)) -v n=$((warm + requests)) 'BEGIN { printf "%.1f", ms / n }')
  printf '    %-34s %3s %7s %7s %7s %7s %8s %6s %7s %6s\n' \
    "$1" "$5" "$rate" "$p50" "$p95" "$p99" "$longest" "$errors" "$bytes" "$used"
}

echo "(c) pages with 10,000 machines, $requests loads each (aim: p95 under 50 ms with $clients clients)"
printf '    %-34s %3s %7s %7s %7s %7s %8s %6s %7s\n' "" at "once/s" p50 p95 p99 longest errors bytes
echo "    (times in ms; cpu: the portal's processor time for one, without PostgreSQL's)"
for at in "$clients" 1; do
  load "machine list, a developer" pages "$url" alice "$at" blue-list
  load "machine page, a developer" pages "$url" alice "$at" blue-machine
  load "machine list of any tenant, admin" pages "$url" admin "$at" any-list
  load "machine page of any, admin" pages "$url" admin "$at" any-machine
  load "API: a tenant's list" api "$url" alice "$at" api-tenant
  load "API: all machines, admin" api "$url" admin "$at" api-all
  load "API: a machine" api "$url" alice "$at" api-machine
  load "bare SQL of the list" sql "$jdbc" - "$at" blue-id "$list_sql"
  load "bare SQL of the machine page" sql "$jdbc" - "$at" machine-ids "${machine_sql[@]}"
done
