/** Bringing machines from what is seen to what is wanted: the queue, the reconciler and the sweep. */
package dev.berth.provisioning;
