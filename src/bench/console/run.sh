#!/usr/bin/env bash
# Measures the console relay: see docs/benchmarks.md. Wants target/quarkus-app (mvn package) and websockify.
# Everything listens on loopback and is gone afterwards. ROUNDS=n for more or fewer rounds than 5.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
app=$root/target/quarkus-app
[ -f "$app/quarkus-run.jar" ] || { echo "Build first: mvn package -DskipTests" >&2; exit 1; }
command -v websockify >/dev/null || { echo "Install websockify first: apt-get install websockify" >&2; exit 1; }

work=$(mktemp -d)
pids=()
finish() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  rm -rf "$work"
}
trap finish EXIT
port() { python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])'; }
tcp=$(port) worker=$(port) websockify=$(port) berth=$(port)

java -Xmx256m "$here/ByteServer.java" "$tcp" "$worker" & pids+=($!)
websockify "127.0.0.1:$websockify" "127.0.0.1:$tcp" >"$work/websockify.log" 2>&1 & wpid=$!; pids+=($wpid)
BERTH_DATABASE_EMBEDDED_DIRECTORY=$work/database java -Xmx256m \
  -Dquarkus.http.host=127.0.0.1 -Dquarkus.http.port="$berth" \
  -Dberth.roles=web -Dberth.demo=true -Dberth.worker.directory="$work/worker" \
  -Dberth.library.directory="$work/library" \
  -Dberth.console.max-per-user=1000 -Dberth.console.max-per-machine=1000 \
  -Dberth.worker.secret="only for this benchmark, 32 characters and more" \
  -jar "$app/quarkus-run.jar" >"$work/berth.log" 2>&1 & bpid=$!; pids+=($bpid)

for _ in $(seq 120); do
  curl -sf "http://127.0.0.1:$berth/q/health/live" >/dev/null && break
  kill -0 "$bpid" || { cat "$work/berth.log" >&2; exit 1; }
  sleep 0.5
done
database=$(sed -n 4p "$work/database/data/postmaster.pid")
driver=$(ls "$app"/lib/main/org.postgresql.postgresql-*.jar)

java -Xmx512m -cp "$driver" -Drounds="${ROUNDS:-5}" \
  -Djdbc.url="jdbc:postgresql://127.0.0.1:$database/postgres" \
  -Dtcp.port="$tcp" -Dworker.port="$worker" -Dwebsockify.port="$websockify" -Dberth.port="$berth" \
  -Dwebsockify.pid="$wpid" -Dberth.pid="$bpid" \
  "$here/RelayBench.java" || { tail -n 40 "$work/berth.log" >&2; exit 1; }
