/**
 * What a program meets: the JSON API under {@code /api/v1}, its errors, its OpenAPI document, and what monitoring asks.
 * It has no rule of its own; it calls the services that pages call too.
 */
package dev.berth.api;
