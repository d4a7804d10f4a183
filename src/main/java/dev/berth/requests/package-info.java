/** Asking for machines, and who says yes: the ask, the policy, approval and denial. */
package dev.berth.requests;
