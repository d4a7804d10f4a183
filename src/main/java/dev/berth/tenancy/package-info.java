/** Tenants, their members and keys, and their quotas. */
package dev.berth.tenancy;
