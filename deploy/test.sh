#!/usr/bin/env bash
# test.sh [--long] [MAVEN ARGUMENTS]: installs what the tests need on a bare Debian 12 or 13, runs them, leaves nothing
# behind. --long runs those too that take long and repeat much of what others show: workers killed at each step of what
# is done to a machine after it is made. For a part of them:  deploy/test.sh -Dtest=QuotaRaceTest -DskipITs
# test.sh --lab runs instead those that need what this machine's kernel may lack, in a virtual machine: see lab/labvm.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR
. "$here/lib.sh"
cd "$here/.."

if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || die "Run this as root, or install sudo."
  echo "The tests start machines with libvirt as root: asking sudo."
  exec sudo --preserve-env=BERTH_CACHE,LABDIR,LAB_CPUS,LAB_MEMORY,LAB_MINUTES,CI bash "$here/test.sh" "$@"
fi

without=long
if [ "${1:-}" = --long ]; then
  without=
  shift
fi

if [ "${1:-}" = --lab ]; then
  shift
  guest=$(realpath -m "${BERTH_CACHE:-/var/cache/berth}")/guest.qcow2
  need_packages ca-certificates curl jq libxml2-utils
  need_build_tools
  "$here/guest/build.sh" "$guest"
  "$here/lab/labvm" build
  note "Building"
  mvn -B -q test-compile
  exec "$here/lab/run-tests" "$guest" "$@"
fi

export LIBVIRT_DEFAULT_URI=qemu:///system
# Maven does not run for long enough to gain by Java's second compiler
export MAVEN_OPTS=${MAVEN_OPTS:--XX:TieredStopAtLevel=1 -XX:+UseSerialGC}
guest=$(realpath -m "${BERTH_CACHE:-/var/cache/berth}")/guest.qcow2

# What tests make is named after Berth, whichever kind of thing it is.
berth_things() {
  {
    virsh list --all --name | sed 's/^/machine /'
    virsh net-list --all --name | sed 's/^/network /'
    virsh pool-list --all --name | sed 's/^/pool /'
    nft list tables ip | sed 's/^table ip /table /'
    find /var/tmp -maxdepth 1 -name 'berth-test-*' -printf 'directory %p\n'
    ip netns list | sed -n 's/^berth-test-/namespace &/p'
    ovs-vsctl --timeout=5 list-br | sed -n 's/^bt[0-9a-f]\{6\}o/switch &/p'
    ip -o link | sed -nE 's/^[0-9]+: (bt[0-9a-f]{6}[a-z][0-9]+)[:@].*/device \1/p'
  } | grep -E '^(machine|network|pool|table) berth|^(directory|namespace|switch|device)' | sort || true
}

# Most tests wait for guests and processes more than they compute, so four groups run side by side: those that speak to
# libvirt directly, those that start Berth as a program and those of the pages, those of workers, and the others.
# group LOG TESTS...: runs these tests, those of each argument in a process of their own. One that fails is run again, so
# that a flaky one is told from a broken one: both are named at the end, and both are bugs.
group() {
  local log=$1 tests status=0
  shift
  for tests; do
    mvn -B surefire:test -Dtest="$tests" -DexcludedGroups=$without -Dtest.guest-image="$guest" \
      -Dtest.program="$PWD/target/quarkus-app/quarkus-run.jar" -Dsurefire.rerunFailingTestsCount=1 || status=$?
  done >"$log" 2>&1
  return $status
}

# ca-certificates comes before the JDK, whose own store is made from it
need_packages ca-certificates curl jq chromium libxml2-utils
need_hypervisor
need_lab
need_build_tools
trap 'stop_libvirt; stop_switch' EXIT
start_libvirt
start_switch
"$here/guest/build.sh" "$guest"
chmod 755 "$(dirname "$guest")"

before=$(berth_things)
status=0
if [ $# -gt 0 ]; then
  note "Running some tests"
  mvn -B verify -Dtest.guest-image="$guest" "$@" || status=$?
else
  note "Building"
  mvn -B -q package -DskipTests
  note "Running the tests in four groups, each with a log in target/groups"
  mkdir -p target/groups
  group target/groups/hypervisor.log "dev/berth/hypervisor/**/*Test" &
  groups=($!)
  group target/groups/programs.log "dev/berth/**/*IT" "dev/berth/web/**/*Test" &
  groups+=($!)
  group target/groups/workers.log "dev/berth/provisioning/**/*Test" &
  groups+=($!)
  group target/groups/others.log "*Test,!dev/berth/hypervisor/**,!dev/berth/web/**,!dev/berth/provisioning/**" &
  groups+=($!)
  for each in "${groups[@]}"; do
    wait "$each" || status=$?
  done
  # how long each class took, and what failed, for good or at first
  grep -hE "Tests run:.*Time elapsed" target/groups/*.log || true
  grep -hE -A12 "<<< (FAILURE|ERROR)!|^\[(ERROR|WARNING)\] +(dev|Flakes|Run [12])" target/groups/*.log || true
fi
left=$(comm -13 <(echo "$before") <(berth_things) | grep . || true)
if [ -n "$left" ]; then
  note "The tests left behind:"
  printf '%s\n' "$left"
  [ $status != 0 ] || status=1
fi
if [ $status = 0 ]; then
  note "All tests passed."
else
  note "The tests failed; reports are in target/surefire-reports and target/failsafe-reports."
fi
exit $status
