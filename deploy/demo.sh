#!/usr/bin/env bash
# From a bare Debian to a running virtual machine with its console in the browser. See --help.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR
. "$here/lib.sh"
cd "$here/.."

usage() {
  cat <<HELP
deploy/demo.sh           starts the portal and a first machine; Ctrl-C stops the portal, machines keep running
deploy/demo.sh --once    does the same with a machine of its own, checks its console, deletes it, stops
deploy/demo.sh --reset   forgets the demo's data: its machines, networks, disks and database
deploy/demo.sh --help    says this

Needs Debian 12 or 13 and root or sudo: it installs what is missing, and the portal talks to libvirt as root.

BERTH_PORT       where the portal listens, 8080
BERTH_LISTEN     on which address, localhost; 0.0.0.0 lets others in, and they know the passwords
BERTH_DEMO_HOME  the demo's data and logs, /var/lib/berth-demo
BERTH_CACHE      the guest image and the packages it is made of, /var/cache/berth
HELP
}

mode=serve
case ${1:-} in
'') ;;
--once) mode=once ;;
--reset) mode=reset ;;
-h | --help) usage; exit ;;
*) usage >&2; exit 2 ;;
esac

if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || die "Run this as root, or install sudo."
  echo "The demo installs packages and talks to libvirt as root: asking sudo."
  exec sudo --preserve-env=BERTH_PORT,BERTH_LISTEN,BERTH_DEMO_HOME,BERTH_CACHE bash "$here/demo.sh" "$@"
fi

port=${BERTH_PORT:-8080}
listen=${BERTH_LISTEN:-localhost} # everybody knows the demo's passwords
home=$(realpath -m "${BERTH_DEMO_HOME:-/var/lib/berth-demo}")
cache=$(realpath -m "${BERTH_CACHE:-/var/cache/berth}")
url=http://localhost:$port
log=$home/portal.log
portal=
classes=
sharing=()
export LIBVIRT_DEFAULT_URI=qemu:///system

fail() { die "$*" "See $log."; }

# --- the portal ----------------------------------------------------------------------------------------------------

build() {
  local jar=target/quarkus-app/quarkus-run.jar as=()
  [ ! -f "$jar" ] || [ -n "$(find pom.xml src/main templates static migrations -newer "$jar" -print -quit)" ] || return 0
  need_build_tools
  note "Building the portal; the first time takes some minutes"
  # what sudo's caller checked out stays theirs
  [ -z "${SUDO_USER:-}" ] || as=(sudo -H -u "$SUDO_USER")
  "${as[@]}" mvn -B -q package -DskipTests || die "The build failed; the reason is above."
}

# Java keeps what it made of the classes when it first stops; later starts take a third less time for it. That is good
# for this build and this Java only, so both are in the name.
share_classes() {
  classes=$home/classes-$({ java -version; stat -c %Y target/quarkus-app/quarkus-run.jar; } 2>&1 | cksum | cut -d ' ' -f 1).jsa
  if [ -f "$classes" ]; then
    sharing=("-XX:SharedArchiveFile=$classes")
  else
    rm -f "$home"/classes-*
    sharing=("-XX:ArchiveClassesAtExit=$classes.new" -Xlog:cds=error)
  fi
}

start_portal() {
  ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null ||
    die "Port $port is taken: stop what listens there, or set BERTH_PORT to another."
  mkdir -p "$home"
  chmod 711 "$home"
  share_classes
  note "Starting the portal at $url"
  BERTH_DEMO=true \
    BERTH_DATABASE_EMBEDDED_DIRECTORY=$home/postgres \
    BERTH_WORKER_DIRECTORY=$home/worker \
    BERTH_LIBRARY_DIRECTORY=$home/images \
    BERTH_LIBRARY_IMPORT_DIRECTORY=$cache \
    QUARKUS_HTTP_HOST=$listen QUARKUS_HTTP_PORT=$port \
    java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC "${sharing[@]}" -jar target/quarkus-app/quarkus-run.jar >"$log" 2>&1 </dev/null &
  portal=$!
  trap stop_portal EXIT
  trap '' PIPE # a reader that goes away, as in `demo.sh | head`, must not leave the portal behind
  trap 'exit 130' INT TERM
  until curl -fs -m 5 -o /dev/null "$url/q/health/ready"; do
    kill -0 "$portal" 2>/dev/null || fail "The portal ended while starting."
    [ $((SECONDS - started)) -lt 300 ] || fail "The portal is not ready after five minutes."
    sleep 0.3
  done
}

stop_portal() {
  trap - EXIT INT TERM
  kill -0 "$portal" 2>/dev/null || return 0
  remember_networks || true
  kill "$portal"
  note "Stopping the portal" || true
  wait "$portal" || true
  [ ! -f "$classes.new" ] || mv "$classes.new" "$classes"
}

# api USER METHOD PATH [JSON]: prints the answer; what the portal refuses ends the script with its reason.
api() {
  local answer status body=()
  [ $# -lt 4 ] || body=(-H 'Content-Type: application/json' --data "$4")
  answer=$(curl -sS -m 120 -u "$1:berth" -X "$2" "${body[@]}" -w '\n%{http_code}' "$url/api/v1$3") ||
    fail "The portal does not answer."
  status=${answer##*$'\n'} answer=${answer%$'\n'*}
  [ "$status" -lt 400 ] || fail "$2 $3 was refused ($status): $(jq -r '.detail // .title // .' <<<"$answer" 2>/dev/null)"
  printf '%s\n' "$answer"
}

# --- the catalogue -------------------------------------------------------------------------------------------------

# The image is named after its content: one that was built anew becomes a new revision, an old one is found again.
fill_catalogue() {
  local image number template
  image=demo-guest-$(cut -c 1-8 "$cache/guest.qcow2.stamp")
  if [ -z "$(api admin GET '/images?limit=200' | jq -r --arg name "$image" '.items[] | select(.name == $name).id')" ]; then
    note "Importing the guest image as $image"
    api admin POST /images/import "$(jq -n --arg name "$image" \
      '{name: $name, file: "guest.qcow2", format: "qcow2", description: "Small Linux for the demo"}')" >/dev/null
  fi
  template=$(api admin GET '/templates?limit=200' | jq -c '.items[] | select(.slug == "demo-linux")')
  if [ -z "$template" ]; then
    note "Making the template Demo Linux"
    template=$(api admin POST /templates '{"slug": "demo-linux", "name": "Demo Linux",
      "description": "Small and quick to boot; log in as berth or root without a password.",
      "policy": {"maxVcpus": 2, "maxMemoryMib": 1024, "maxDiskGib": 10, "maxLeaseHours": 168}}')
  fi
  if [ "$(jq -r '.current as $n | .revisions[] | select(.number == $n).image' <<<"$template")" != "$image" ]; then
    number=$(api admin POST /templates/demo-linux/revisions "$(jq -n --arg image "$image" \
      '{image: $image, sizes: ["tiny", "small"], networks: ["nat"], storage: ["qcow2"]}')" | jq .number)
    api admin POST "/templates/demo-linux/revisions/$number/approve" >/dev/null
  fi
}

wait_for_host() {
  local problem
  while problem=$(api admin GET /hosts | jq -r '.items[0] | if .seenAt == null then "not seen yet" else .problem end')
    [ -n "$problem" ]; do
    [ $((SECONDS - started)) -lt 300 ] || fail "No host takes machines: $problem."
    sleep 0.5
  done
}

# --- the machine ---------------------------------------------------------------------------------------------------

machine() { api alice GET "/machines/$1"; }

# find_machine NAME: its id and state, or nothing
find_machine() {
  api alice GET '/tenants/blue/machines?limit=200' |
    jq -r --arg name "$1" '.items[] | select(.name == $name) | "\(.id) \(.state)"' | head -n 1
}

request_machine() {
  local request id
  request=$(api alice POST /tenants/blue/requests "$(jq -n --arg name "$1" '{template: "demo-linux", size: "tiny",
    name: $name, network: "nat", storage: "qcow2", sshKeys: [], userData: "", leaseHours: 24,
    reason: "The demo'"'"'s first machine"}')")
  if [ "$(jq -r .state <<<"$request")" = PENDING ]; then
    id=$(jq -r .id <<<"$request")
    request=$(api admin POST "/requests/$id/approve")
  fi
  jq -r .machineId <<<"$request"
}

# follow ID STATE: prints what is new on the timeline until the machine is in that state and, if running, has an address.
last=0
follow() {
  local now state events event line until=$((SECONDS + 300))
  while :; do
    now=$(machine "$1") # before the events: those that led to its state are then among them
    events=$(api alice GET "/machines/$1/events")
    while IFS=$'\t' read -r event line; do
      printf '          %s\n' "$line"
      last=$event
    done < <(jq -r --argjson last "$last" '
      .items | sort_by(.id) | .[: (map(.state == "STARTED") | index(true))][] | select(.id > $last)
      | "\(.id)\t\(.step)" + (if .state == "NOTE" then "" else ", \(.millis) ms" end)
        + (if .state == "FAILED" then ", failed" else "" end) + (if .message == "" then "" else ": " + .message end)
      ' <<<"$events")
    state=$(jq -r .state <<<"$now")
    [ "$state" != FAILED ] || fail "The machine failed: $(jq -r .failure <<<"$now")"
    if [ "$state" = "$2" ]; then
      [ "$state" != RUNNING ] || [ "$(jq -r .address <<<"$now")" = null ] || break
      [ "$state" = RUNNING ] || break
    fi
    [ $SECONDS -lt $until ] || fail "The machine is still $state after five minutes."
    sleep 0.5
  done
}

# first_machine NAME: sets `id` to a running machine of that name, an old one or a new one.
first_machine() {
  local found state
  found=$(find_machine "$1")
  read -r id state <<<"$found" || true
  [ -z "$id" ] || last=$(api alice GET "/machines/$id/events" | jq '[.items[].id] | max // 0')
  case $state in
  '' | GONE | DELETING)
    [ "$state" != DELETING ] || follow "$id" GONE
    note "Requesting the machine $1 as alice"
    id=$(request_machine "$1")
    ;;
  RUNNING) note "The machine $1 is there already"; return ;;
  STOPPED)
    note "Starting the machine $1 again"
    api alice POST "/machines/$id/extend" '{"hours": 24}' >/dev/null
    api alice POST "/machines/$id/start" >/dev/null
    ;;
  FAILED) note "Trying the machine $1 again"; api alice POST "/machines/$id/retry" >/dev/null ;;
  esac
  follow "$id" RUNNING
}

# delete_machine ID: and waits until it is gone
delete_machine() {
  api alice DELETE "/machines/$1" >/dev/null
  follow "$1" GONE
}

# check_console ID: opens the machine's console as a browser would, up to VNC's first words.
check_console() {
  local path banner
  path=$(api alice POST "/machines/$1/console" | jq -r .url)
  # 101 Switching Protocols, then one WebSocket frame of two bytes and the banner
  banner=$(curl -sN --http1.1 -m 5 -u alice:berth -H 'Connection: Upgrade' -H 'Upgrade: websocket' \
    -H 'Sec-WebSocket-Version: 13' -H "Sec-WebSocket-Key: $(head -c 16 /dev/urandom | base64)" \
    -H "Origin: $url" "$url$path" | head -c 14 | tail -c 12 | tr -d '\0') || true
  [ "${banner%%.*}" = "RFB 003" ] || fail "The machine's console does not answer."
  note "The console answers: $banner"
}

# --- what --reset needs to know ------------------------------------------------------------------------------------

# The networks that the portal made, by their ids: a name alone could be another installation's.
remember_networks() {
  local slugs slug
  slugs=$(api admin GET '/network-profiles?limit=200' | jq -r '.items[].slug')
  for slug in $slugs; do virsh net-uuid "berth-$slug" 2>/dev/null; done | grep . >"$home/networks" || true
}

# forget_rules TABLE: the packet filter's
forget_rules() { nft delete table ip "$1" 2>/dev/null || true; }

reset() {
  local domain pool network mark
  [ -d "$home" ] || { note "There is no demo in $home."; return; }
  exec 9<>"$home/lock"
  flock -n 9 || die "The demo is running: stop it first."
  if command -v virsh >/dev/null; then
    start_libvirt 9>&-
    # ours are those with Berth's mark and their files below the demo's directory
    for domain in $(virsh list --all --uuid); do
      [[ $(virsh dumpxml "$domain" 2>/dev/null) == *"'$home/"* ]] || continue
      mark=$(virsh metadata "$domain" urn:x-berth:domain:1 2>/dev/null) || continue
      forget_rules "berth_fwd_$(sed -nE 's/.*installation=.(.{8}).*/\1/p' <<<"$mark")"
      note "Removing the machine $(virsh domname "$domain")"
      virsh destroy "$domain" >/dev/null 2>&1 || true
      virsh undefine "$domain" --nvram >/dev/null
    done
    for pool in $(virsh pool-list --all --uuid); do
      [[ $(virsh pool-dumpxml "$pool" 2>/dev/null) == *"<path>$home/"* ]] || continue
      virsh pool-destroy "$pool" >/dev/null 2>&1 || true
      virsh pool-undefine "$pool" >/dev/null
    done
    while read -r network; do
      forget_rules "berth_net_${network:0:8}"
      virsh net-info "$network" >/dev/null 2>&1 || continue
      virsh net-destroy "$network" >/dev/null 2>&1 || true
      virsh net-undefine "$network" >/dev/null
    done < <(cat "$home/networks" 2>/dev/null)
  fi
  rm -rf "${home:?}"
  note "Forgot the demo's data in $home."
}

# --- the whole story -----------------------------------------------------------------------------------------------

if [ "$mode" = reset ]; then
  reset
  exit
fi

need_packages curl ca-certificates jq
need_hypervisor
command -v java >/dev/null || need_packages default-jdk-headless
mkdir -p "$home" "$cache"
chmod 755 "$cache"
start_libvirt # before the lock, which its daemons would inherit
exec 9<>"$home/lock"
flock -n 9 || die "The demo is running already; its log is $log."
"$here/guest/build.sh" "$cache/guest.qcow2"
build
started=$SECONDS
start_portal
wait_for_host
note "The portal is ready"
fill_catalogue

if [ "$mode" = once ]; then
  # a name of its own, so that the machine of a demo that someone looks at stays
  name=check-console found=$(find_machine check-console)
  [ -z "$found" ] || delete_machine "${found%% *}"
  first_machine "$name"
  remember_networks
  check_console "$id"
  note "Deleting the machine"
  delete_machine "$id"
  stop_portal
  note "The demo works."
  exit
fi

first_machine first
remember_networks
now=$(machine "$id")
cat <<DONE

Berth is at $url

  admin   runs templates, quotas, approvals      alice  member of the team blue
  bob     owner of the team blue                 carol  owner of the team green
  The password of each is: berth

The machine "first" runs at $(jq -r .address <<<"$now"); its console is in the browser:
  $url/machines/$id

Ctrl-C stops the portal; machines keep running. The log is $log.
DONE
trap 'exit 0' INT TERM
wait "$portal" || true
fail "The portal ended by itself."
