/** What every layer may use: ids, names, units, errors, the clock and configuration. */
package dev.berth.common;
