/** Machines: what is wanted of them, what was last seen, their disks and network cards, and their timeline. */
package dev.berth.machines;
