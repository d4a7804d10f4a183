/** The hosts that machines run on, and where a new one goes. */
package dev.berth.fleet;
