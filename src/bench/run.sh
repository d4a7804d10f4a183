#!/usr/bin/env bash
# Runs the benchmarks, one after another: run.sh [a|b|c|d|e|f|g|h|i|j|k]...; see docs/benchmarks.md.
# Needs the packaged portal, libvirt at qemu:///system, root, curl and jq; (e) instead of libvirt wants websockify.
# Each takes away what it made.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ $# -gt 0 ] || set -- a b c d e f g h i j k
uptime
for each; do
  case $each in
  a) bash "$here/create.sh" ;;
  b) bash "$here/burst.sh" ;;
  c) bash "$here/pages.sh" ;;
  d) bash "$here/start.sh" ;;
  e) bash "$here/console/run.sh" ;;
  f) bash "$here/dhcp.sh" ;;
  g) bash "$here/port.sh" ;;
  h) bash "$here/disk.sh" ;;
  i) bash "$here/admit.sh" ;;
  j) bash "$here/abuse.sh" ;;
  k) bash "$here/guest-disk.sh" ;;
  *) echo "run.sh [a|b|c|d|e|f|g|h|i|j|k]..." >&2; exit 2 ;;
  esac
  uptime
done
