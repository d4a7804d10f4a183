# shellcheck shell=bash
# What the scripts of this directory share.

# A container's or CI's environment may hold next to nothing, and what is started from here, libvirtd too, looks for
# programs along PATH; a user's has no sbin.
export PATH=${PATH:-/usr/local/bin:/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin
export HOME=${HOME:-/root} LANG=${LANG:-C.UTF-8}

# note SENTENCE: progress, with the seconds since the script started.
note() { printf '[%3d s] %s\n' "$SECONDS" "$*"; }
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
    [ "$(dpkg-query -W -f '${Status}' "$name" 2>/dev/null)" = "install ok installed" ] || missing+=("$name")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  note "Installing ${missing[*]}"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends "${missing[@]}" >/dev/null 2>&1 && return
  update_packages
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends "${missing[@]}" >/dev/null ||
    die "Cannot install ${missing[*]}."
}

# need_build_tools: a JDK, Maven and npm, whichever way they came here.
need_build_tools() {
  command -v javac >/dev/null || need_packages default-jdk-headless
  command -v mvn >/dev/null || need_packages maven
  command -v npm >/dev/null || need_packages nodejs npm
}

# need_hypervisor: libvirt, QEMU and what Berth's networks, disks and seeds ask of a host.
need_hypervisor() {
  need_packages libvirt-daemon-system libvirt-clients qemu-system-x86 qemu-utils dnsmasq-base iptables nftables \
    iproute2 iputils-ping genisoimage qemu-block-extra libiscsi-bin fdisk gpgv
  # Debian 13 packs libvirt's network filters by themselves; 12 has them in its daemon and knows no such package
  ! apt-cache show libvirt-daemon-driver-nwfilter >/dev/null 2>&1 || need_packages libvirt-daemon-driver-nwfilter
}

libvirt_answers() { timeout 60 virsh -c qemu:///system version >/dev/null 2>&1; }

# QEMU's user may open /dev/kvm where udev made it; a container's is often for root alone. libvirt then takes what it
# knows of QEMU for outdated at every call, asks QEMU again each time, and starting a machine takes minutes.
open_kvm() {
  [ -c /dev/kvm ] && [ ! -d /run/udev/data ] && getent group kvm >/dev/null || return 0
  [ "$(stat -c '%a %G' /dev/kvm)" = "660 kvm" ] || { as_root chgrp kvm /dev/kvm && as_root chmod 660 /dev/kvm; } ||
    note "Cannot let QEMU's user open /dev/kvm: libvirt may be slow."
}

# start_libvirt: makes qemu:///system answer; libvirt_started lists the pids of what had to be started.
libvirt_started=()
start_libvirt() {
  local daemon
  open_kvm
  ! libvirt_answers || return 0
  note "Starting libvirt"
  if [ -d /run/systemd/system ]; then
    # one daemon for all, or one for each driver
    as_root systemctl start libvirtd.socket 2>/dev/null ||
      as_root systemctl start virtlogd.socket virtqemud.socket virtnetworkd.socket virtstoraged.socket virtnwfilterd.socket
  else
    for daemon in virtlogd virtlockd libvirtd; do
      # one that already runs refuses a second; that is fine
      as_root "$daemon" -d 2>/dev/null || continue
      libvirt_started=("$(cat "/run/$daemon.pid")" "${libvirt_started[@]}")
    done
  fi
  for _ in $(seq 60); do
    ! libvirt_answers || return 0
    sleep 0.5
  done
  die "libvirt does not answer at qemu:///system: see /var/log/libvirt or 'journalctl -u libvirtd'."
}

# stop_libvirt: ends what start_libvirt had to start, where no systemd looks after it.
stop_libvirt() {
  [ ${#libvirt_started[@]} -eq 0 ] || as_root kill "${libvirt_started[@]}" 2>/dev/null || true
  libvirt_started=()
}

# need_lab: what the tests' own networks are made of, besides what a host needs.
need_lab() {
  need_packages openvswitch-switch iputils-ping tcpdump tgt e2fsprogs mtools
}

switch_answers() {
  ovs-vsctl --timeout=5 show >/dev/null 2>&1 && ovs-appctl --timeout=5 -t ovs-vswitchd version >/dev/null 2>&1
}

# start_switch: makes Open vSwitch answer; switch_started says whether it had to be started.
switch_started=
start_switch() {
  ! switch_answers || return 0
  note "Starting Open vSwitch"
  if [ -d /run/systemd/system ]; then
    as_root systemctl start openvswitch-switch || true
  else
    # its data path in user space needs no kernel module, and that is what the tests use
    as_root /usr/share/openvswitch/scripts/ovs-ctl start --system-id=random >/dev/null 2>&1 || true
    switch_started=yes
  fi
  switch_answers || die "Open vSwitch does not answer: see /var/log/openvswitch."
}

# stop_switch: ends what start_switch had to start, where no systemd looks after it.
stop_switch() {
  [ -z "$switch_started" ] || as_root /usr/share/openvswitch/scripts/ovs-ctl stop >/dev/null 2>&1 || true
  switch_started=
}
