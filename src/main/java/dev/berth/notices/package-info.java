/**
 * What people are told: the bell, mail, webhooks. Hears {@link dev.berth.common.Notice}s in the transaction that makes
 * them so, and sends after it.
 */
package dev.berth.notices;
