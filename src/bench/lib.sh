# shellcheck shell=bash
# What the benchmarks share: a portal of their own with its catalogue, and libvirt's events as the clock that stops.

bench=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$bench/../.." && pwd)
app=$root/target/quarkus-app
home=$(mktemp -d /var/tmp/berth-bench-XXXXXX)
chmod 711 "$home" # QEMU's user passes through
tag=b$(od -An -N3 -tx1 /dev/urandom | tr -d ' \n')
subnet=10.$((200 + RANDOM % 50)).$((RANDOM % 256))
portal=
watcher=
forward_ports=
ports_table=
url=
read -r -a flags <<<"${BERTH_JAVA_FLAGS:-}"
export LIBVIRT_DEFAULT_URI=qemu:///system

die() { printf '%s\n' "$*" >&2; exit 1; }
note() { printf '%s  %s\n' "$(date +%T)" "$*" >&2; }
now() { date +%s%3N; } # ms

# java_with_libraries FILE.java ARG...: runs one of the programs here with the portal's libraries.
java_with_libraries() { java -XX:+UseSerialGC -cp "$app/lib/main/*" "$bench/$1" "${@:2}"; }

free_port() {
  local port
  for _ in $(seq 100); do
    port=$((20000 + RANDOM % 12000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
  die "No free port."
}

# start_portal [NAME=VALUE...]: starts the packaged portal with its own PostgreSQL, and waits until it is ready.
start_portal() {
  local port
  [ -f "$app/quarkus-run.jar" ] || die "Build first: mvn package -Dmaven.test.skip"
  port=$(free_port)
  url=http://localhost:$port
  env BERTH_DEMO=true \
    BERTH_RATE_LIMIT_PER_MINUTE=0 \
    BERTH_RATE_LIMIT_ANONYMOUS_PER_MINUTE=0 \
    BERTH_DATABASE_EMBEDDED_DIRECTORY="$home/postgres" \
    BERTH_WORKER_DIRECTORY="$home/worker" \
    BERTH_LIBRARY_DIRECTORY="$home/images" \
    BERTH_LIBRARY_IMPORT_DIRECTORY="$home" \
    QUARKUS_HTTP_HOST=localhost QUARKUS_HTTP_PORT="$port" \
    "$@" java "${flags[@]}" -jar "$app/quarkus-run.jar" >>"$home/portal.log" 2>&1 </dev/null &
  portal=$!
  until curl -fs -m 5 -o /dev/null "$url/q/health/ready"; do
    kill -0 "$portal" 2>/dev/null || { tail -n 20 "$home/portal.log" >&2; die "The portal ended while starting."; }
    sleep 0.3
  done
}

stop_portal() {
  [ -n "$portal" ] || return 0
  kill "$portal" 2>/dev/null || true
  wait "$portal" 2>/dev/null || true
  portal=
}

# The address of the portal's own PostgreSQL for JDBC.
jdbc_url() { echo "jdbc:postgresql://localhost:$(sed -n 4p "$home/postgres/data/postmaster.pid")/postgres?user=postgres&password=postgres"; }

# api USER METHOD PATH [JSON]
api() {
  local body=()
  [ $# -lt 4 ] || body=(-H 'Content-Type: application/json' --data "$4")
  curl -sS --fail-with-body -m 60 -u "$1:berth" -X "$2" "${body[@]}" "$url/api/v1$3" || die "$2 $3 was refused."
}

# fill_catalogue MAX_VCPUS: a template of a guest that does nothing; requests of up to so many vCPUs pass by themselves.
fill_catalogue() {
  # A boot sector that turns interrupts off and halts: the guest takes no processor time from what is measured.
  { printf '\xfa\xf4\xeb\xfd'; head -c 506 /dev/zero; printf '\x55\xaa'; } >"$home/idle.raw"
  truncate -s 1M "$home/idle.raw"
  api admin POST /sizes "{\"slug\": \"$tag\", \"name\": \"Bench\", \"vcpus\": 1, \"memoryMib\": 32, \"diskGib\": 1}"
  api admin POST /network-profiles "{\"slug\": \"$tag\", \"name\": \"Bench\", \"description\": \"\", \"kind\": \"nat\",
    \"config\": {\"cidr\": \"$subnet.0/24\", \"rangeStart\": \"$subnet.10\", \"rangeEnd\": \"$subnet.125\",
      \"forwardPorts\": \"$forward_ports\"}}"
  api admin POST /storage-profiles "{\"slug\": \"$tag\", \"name\": \"Bench\", \"description\": \"\", \"kind\": \"qcow2\",
    \"config\": {\"path\": \"$home/disks\"}}"
  api admin POST /images/import "{\"name\": \"$tag\", \"file\": \"idle.raw\", \"format\": \"raw\", \"description\": \"\"}"
  api admin POST /templates "{\"slug\": \"$tag\", \"name\": \"Bench\", \"description\": \"\",
    \"policy\": {\"maxVcpus\": $1, \"maxMemoryMib\": 1024, \"maxDiskGib\": 10, \"maxLeaseHours\": 48}}"
  api admin POST "/templates/$tag/revisions" \
    "{\"image\": \"$tag\", \"sizes\": [\"$tag\"], \"networks\": [\"$tag\"], \"storage\": [\"$tag\"], \"notes\": \"\"}"
  api admin POST "/templates/$tag/revisions/1/approve"
  api admin PUT /tenants/blue/quota \
    '{"limits": {"machines": 1000, "vcpus": 1000, "memory_mib": 1000000, "disk_gib": 100000}}'
  for _ in $(seq 600); do
    [ "$(api admin GET /hosts | jq -r '.items[0] | if .seenAt == null then "-" else .problem end')" != "" ] || return 0
    sleep 0.5
  done
  die "No host takes machines."
} >/dev/null

# wish NAME: the JSON of a request
wish() {
  echo "{\"template\": \"$tag\", \"size\": \"$tag\", \"name\": \"$1\", \"network\": \"$tag\", \"storage\": \"$tag\",
    \"sshKeys\": [], \"userData\": \"\", \"leaseHours\": 24, \"reason\": \"benchmark\"}"
}

# watch_events: libvirt tells when a domain starts, whoever started it, by its own clock.
watch_events() {
  stdbuf -oL virsh event --event lifecycle --loop --timestamp >"$home/events" 2>/dev/null </dev/null &
  watcher=$!
  sleep 1
}

# started_at DOMAIN: waits for the domain's start; prints when that was, in ms
started_at() {
  local line
  for _ in $(seq 1200); do
    if line=$(grep -m 1 -F "domain '$1': Started" "$home/events"); then
      date -d "${line%%: event*}" +%s%3N
      return
    fi
    sleep 0.05
  done
  die "The domain $1 has not started within a minute."
}

# count_started PREFIX: how many domains of that prefix have started
count_started() { grep -cF "domain '$1" <(grep -F ': Started' "$home/events") || true; }

# last_started PREFIX: when the last of them did, in ms
last_started() {
  local line
  line=$(grep -F ': Started' "$home/events" | grep -F "domain '$1" | tail -n 1)
  date -d "${line%%: event*}" +%s%3N
}

# median NUMBER...
median() { printf '%s\n' "$@" | sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
# ratio A B: A / B with two decimals
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }
# percentile P NUMBER...
percentile() { printf '%s\n' "${@:2}" | sort -n | awk -v p="$1" '{ v[NR] = $1 } END { i = int(NR * p / 100 + 0.999); print v[i < 1 ? 1 : i] }'; }
# cpu PID: processor time it has used, ms; unlike the clock it says the same on a busy machine
cpu() { awk -v hz="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); printf "%d", ($12 + $13) * 1000 / hz }' "/proc/$1/stat"; }
# rss PID...: resident memory, MiB
rss() { local pid; for pid; do sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$pid/status"; done | awk '{ sum += $1 } END { printf "%d", sum / 1024 }'; }

# prepare_by_hand DOMAIN: takes the description of a machine that Berth made as the pattern for those by hand.
prepare_by_hand() {
  local xml disk seed socket base
  mkdir -p "$home/by-hand"
  chmod 711 "$home/by-hand"
  xml=$(virsh dumpxml --inactive "$1")
  disk=$(grep -o "$home/disks/[^']*" <<<"$xml" | head -n 1)
  seed=$(grep -o "$home/worker/[^']*\.iso" <<<"$xml" | head -n 1)
  socket=$(grep -o "socket='[^']*'" <<<"$xml" | head -n 1 | cut -d "'" -f 2)
  base=$(grep -o "$home/images/[^']*" <<<"$xml" | head -n 1)
  printf '%s' "$base" >"$home/by-hand/base"
  printf '%s' "${socket%/*}" >"$home/by-hand/sockets"
  # Without Berth's mark, so that the worker's sweep does not take it for a stray.
  sed -e "s|<name>.*</name>|<name>@NAME@</name>|; s|<uuid>.*</uuid>|<uuid>@UUID@</uuid>|" \
    -e "s|mac address='[^']*'|mac address='@MAC@'|; s|$disk|@DISK@|; s|$seed|@SEED@|; s|$socket|@SOCKET@|" \
    -e '/<metadata>/,/<\/metadata>/d' <<<"$xml" >"$home/by-hand/machine.xml"
  ! grep -q "$disk\|$seed\|$socket" "$home/by-hand/machine.xml" || die "The pattern is not one."
}

# by_hand NUMBER NAME: makes it, as by-hand.sh does
by_hand() {
  bash "$bench/by-hand.sh" "$home/by-hand" "berth-$tag" "$2" "$(</proc/sys/kernel/random/uuid)" \
    "$(printf '52:54:00:be:%02x:%02x' $(($1 / 256)) $(($1 % 256)))" "$subnet.$((126 + $1))"
}

# remove_by_hand NUMBER NAME
remove_by_hand() {
  local uuid
  uuid=$(virsh domuuid "$2")
  virsh destroy "$2" >/dev/null
  virsh undefine "$2" >/dev/null
  virsh net-update "berth-$tag" delete ip-dhcp-host --live --config \
    "<host mac='$(printf '52:54:00:be:%02x:%02x' $(($1 / 256)) $(($1 % 256)))'/>" >/dev/null
  rm -f "$home/by-hand/$uuid".*
}

# Everything that was made goes again, however the run ends.
clean_up() {
  local domain postgres
  trap - EXIT INT TERM
  set +e
  stop_portal
  [ -z "$watcher" ] || kill "$watcher" 2>/dev/null
  for domain in $(virsh list --all --name | grep -F -- "$tag-"); do
    virsh destroy "$domain"
    virsh undefine "$domain"
  done >/dev/null 2>&1
  local table
  for table in "berth_net_$(virsh net-uuid "berth-$tag" | cut -c 1-8)" "$ports_table"; do
    nft delete table ip "$table"
  done >/dev/null 2>&1
  { virsh net-destroy "berth-$tag"; virsh net-undefine "berth-$tag"; } >/dev/null 2>&1
  { virsh pool-destroy "berth-$tag"; virsh pool-undefine "berth-$tag"; } >/dev/null 2>&1
  if postgres=$(head -n 1 "$home/postgres/data/postmaster.pid" 2>/dev/null); then
    kill "$postgres" 2>/dev/null
    while kill -0 "$postgres" 2>/dev/null; do sleep 0.1; done
  fi
  [ -n "${BENCH_KEEP:-}" ] || rm -rf "$home"
}
trap clean_up EXIT
trap 'exit 130' INT TERM
