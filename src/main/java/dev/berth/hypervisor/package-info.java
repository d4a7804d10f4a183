/**
 * The only door to libvirt and to commands on a host. Knows machines, networks and disks as libvirt sees them;
 * knows neither the database nor the web. Every verb looks before it acts, so calling it twice is harmless.
 */
package dev.berth.hypervisor;
