# shellcheck shell=bash
# Functions that the scripts of this directory share.

note() { printf '%s\n' "$*"; }
die() { printf '%s\n' "$*" >&2; exit 1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

update_packages() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y update >/dev/null || die "apt-get update failed: is there a network?"
}

# need_packages NAME...: installs those that are missing.
need_packages() {
  local name missing=()
  for name; do
    dpkg-query -W -f '${Status}\n' "$name" 2>/dev/null | grep -q '^install ok installed' || missing+=("$name")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  note "Installing ${missing[*]}"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends "${missing[@]}" >/dev/null 2>&1 && return
  update_packages
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends "${missing[@]}" >/dev/null ||
    die "Cannot install ${missing[*]}."
}

libvirt_answers() { timeout 10 virsh -c qemu:///system version >/dev/null 2>&1; }

# start_libvirt: makes qemu:///system answer. Sets libvirt_started to the pids of what it started itself.
libvirt_started=
start_libvirt() {
  ! libvirt_answers || return 0
  note "Starting libvirt"
  if [ -d /run/systemd/system ]; then
    # one daemon on Debian 12; 13 may have one for each driver instead
    as_root systemctl start libvirtd.socket 2>/dev/null ||
      as_root systemctl start virtqemud.socket virtnetworkd.socket virtstoraged.socket virtnwfilterd.socket
  else
    local daemon pid
    for daemon in virtlogd virtlockd libvirtd; do
      pid=/run/berth-$daemon.pid
      as_root "$daemon" -d -p "$pid" || continue
      libvirt_started="$(cat "$pid") $libvirt_started"
    done
  fi
  local tries
  for tries in $(seq 60); do
    ! libvirt_answers || return 0
    sleep 0.5
  done
  die "libvirt does not answer at qemu:///system after ${tries} tries: see /var/log/libvirt and 'journalctl -u libvirtd'."
}
