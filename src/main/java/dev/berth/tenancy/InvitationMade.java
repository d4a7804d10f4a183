package dev.berth.tenancy;

import java.util.UUID;

/** Fired in the transaction in which somebody is invited who is to hear of it. */
public record InvitationMade(UUID id) {}
