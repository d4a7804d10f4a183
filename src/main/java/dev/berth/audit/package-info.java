/** Who did what, when and from where: an append-only table for every change. */
package dev.berth.audit;
