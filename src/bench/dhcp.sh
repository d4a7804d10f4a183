#!/usr/bin/env bash
# (f) DHCP entries through Berth against `virsh net-update` in a loop.   dhcp.sh [ENTRIES]
# Each has a network of its own, made from the same description, and adds 20 at a time by turns.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
entries=${1:-1000}
turn=20
outer=10.$((200 + RANDOM % 50))
ours=$((RANDOM % 16 * 16)) theirs=
theirs=$((ours + 8))
rival=berth-$tag-virsh

[ -f "$app/quarkus-run.jar" ] || die "Build first: mvn package -Dmaven.test.skip"
mkdir -p "$home/worker"

# Berth's side waits for its turns: orders go in by one pipe, times come out by the other.
coproc worker {
  exec java -XX:+UseSerialGC -cp "$app/app/*:$app/lib/boot/*:$app/lib/main/*" "$bench/Dhcp.java" \
    "$tag" "$outer" "$ours" "$home/worker" 2>"$home/dhcp.log"
}
pid=$worker_PID
remove_networks() {
  kill "$pid" 2>/dev/null || true
  { virsh net-destroy "$rival"; virsh net-undefine "$rival"; } >/dev/null 2>&1 || true
  clean_up
}
trap remove_networks EXIT
read -r -t 120 <&"${worker[0]}" || { tail -n 20 "$home/dhcp.log" >&2; die "Berth's side did not start."; }

# The same network once more, with other addresses.
virsh net-dumpxml --inactive "berth-$tag" |
  sed -e "s|<name>.*</name>|<name>$rival</name>|; s|<uuid>.*</uuid>||; s|bridge name='[^']*'|bridge name='${tag}v'|" \
    -e "s|<mac address='[^']*'/>||; s|'$outer\.$ours\.1'|'$outer.$theirs.1'|g; s|domain name='[^']*'|domain name='$rival'|" \
    >"$home/rival.xml"
virsh -q net-define "$home/rival.xml"
virsh -q net-start "$rival"

# by_virsh FROM TO: sets `took`, in ms
by_virsh() {
  local begin number offset
  begin=$(now)
  for ((number = $1; number <= $2; number++)); do
    offset=$((number + 10))
    virsh -q net-update "$rival" add-last ip-dhcp-host --live --config \
      "<host mac='$(printf '52:54:00:bf:%02x:%02x' $((number / 256)) $((number % 256)))' name='bench-$number'
        ip='$outer.$((theirs + offset / 256)).$((offset % 256))'/>" >/dev/null
  done
  took=$(($(now) - begin))
}

by_berth() {
  echo "$1 $2" >&"${worker[1]}"
  read -r took <&"${worker[0]}" || { tail -n 20 "$home/dhcp.log" >&2; die "Berth's side ended."; }
}

berth=0 virsh=0 berth_turns=() virsh_turns=()
for ((from = 0, round = 0; from < entries; from += turn, round++)); do
  to=$((from + turn < entries ? from + turn - 1 : entries - 1))
  for side in $([ $((round % 2)) = 0 ] && echo berth virsh || echo virsh berth); do
    "by_$side" "$from" "$to"
    case $side in
    berth) berth=$((berth + took)) berth_turns+=("$took") ;;
    virsh) virsh=$((virsh + took)) virsh_turns+=("$took") ;;
    esac
  done
  note "up to $to: berth ${berth_turns[-1]} ms, virsh ${virsh_turns[-1]} ms"
done

for network in "berth-$tag" "$rival"; do
  there=$(virsh net-dumpxml "$network" | grep -c "name='bench-")
  [ "$there" = "$entries" ] || die "$network has $there entries instead of $entries."
done

echo "(f) $entries DHCP entries, one after another"
printf '    %-8s %6.1f s  %5.0f ms each, first %d: %5.0f ms, last %d: %5.0f ms\n' \
  berth "$(ratio "$berth" 1000)" "$(ratio "$berth" "$entries")" \
  "$turn" "$(ratio "${berth_turns[0]}" "$turn")" "$turn" "$(ratio "${berth_turns[-1]}" "$turn")" \
  virsh "$(ratio "$virsh" 1000)" "$(ratio "$virsh" "$entries")" \
  "$turn" "$(ratio "${virsh_turns[0]}" "$turn")" "$turn" "$(ratio "${virsh_turns[-1]}" "$turn")"
echo "    ratio: $(ratio "$berth" "$virsh")"
