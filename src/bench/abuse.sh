#!/usr/bin/env bash
# Load with abuse: abuse.sh [SECONDS [CLIENTS]]. A packaged web process on the loopback interface, and clients that mix good
# calls with wrong passwords and tokens, huge and malformed bodies, path tricks, wrong ids, cross-site posts, half-open
# connections and oversized headers. Fails when an answer is a 5xx (but 503 with Retry-After), when a good call is refused,
# when the log has a stack trace or an error, or when memory grows.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
seconds=${1:-120}
clients=${2:-64}
warm=$seconds # by then Java has compiled and kept what it will

# Without limits of rate, so that what is behind them is hit.
start_portal BERTH_ROLES=web BERTH_RATE_LIMIT_PER_MINUTE=0 BERTH_RATE_LIMIT_ANONYMOUS_PER_MINUTE=0 \
  QUARKUS_LOG_CONSOLE_FORMAT='%p %c %m%n%e'
# live_heap: what a full collection leaves, MiB
live_heap() { jcmd "$portal" GC.class_histogram | awk '/^Total/ { printf "%d", $3 / 1048576 }'; }

status=0
note "Warming up for $warm s"
java_with_libraries Abuse.java "$url" "$clients" "$warm" >"$home/warm" || { cat "$home/warm"; status=1; }
before_heap=$(live_heap) before=$(rss "$portal")
note "Abusing it for $seconds s"
used=$(cpu "$portal")
java_with_libraries Abuse.java "$url" "$clients" "$seconds" >"$home/answers" || status=1
used=$(($(cpu "$portal") - used))
sleep 3
after_heap=$(live_heap) after=$(rss "$portal")
echo "(j) $clients clients, good and bad calls mixed, for $seconds s (aim: no 5xx, no stack trace, memory steady)"
cat "$home/answers"
traces=$(grep -cE '^[[:space:]]+at [a-z]' "$home/portal.log" || true)
errors=$(grep -cE '^(ERROR|FATAL|SEVERE) ' "$home/portal.log" || true)
printf '    %-24s %8s\n' "stack traces in the log" "$traces" "errors in the log" "$errors" \
  "live heap before, MiB" "$before_heap" "live heap after, MiB" "$after_heap" "RSS before, MiB" "$before" "RSS after, MiB" "$after" \
  "processor time, s" "$((used / 1000))" "open files" "$(find "/proc/$portal/fd" -mindepth 1 | wc -l)"
curl -fs -m 10 -o /dev/null "$url/q/health/ready" || { echo "It does not answer any more."; status=1; }
[ "$traces" = 0 ] && [ "$errors" = 0 ] || { grep -nE -B1 -A3 '^(ERROR|FATAL|SEVERE) |^[[:space:]]+at [a-z]' "$home/portal.log" | head -n 60; status=1; }
[ "$after_heap" -le $((before_heap * 5 / 4 + 8)) ] || { echo "The heap has grown."; status=1; }
[ "$after" -le $((before * 5 / 4 + 32)) ] || { echo "The process has grown."; status=1; }
[ $status = 0 ] || echo "FAILED; the log is $home/portal.log (kept with BENCH_KEEP=1)"
exit $status
