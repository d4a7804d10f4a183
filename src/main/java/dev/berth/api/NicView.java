package dev.berth.api;

import dev.berth.machines.Nic;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A machine's network card as the API shows it. */
@Schema(name = "Nic")
public record NicView(
        UUID id,
        @Schema(description = "From 0; the first card's address is the machine's.") int position,
        @Schema(examples = "nat") String network,
        @Schema(description = "What the network is.", examples = "nat") String kind,
        @Schema(description = "The card's for life.", examples = "52:54:00:a0:00:17") String mac,
        @Schema(
                        description = "The IPv4 address it was given; null where the network gives none.",
                        nullable = true,
                        examples = "10.77.0.12")
                String address,
        @Schema(
                        description = "The IPv4 address seen in use on it, in part by the guest's own word.",
                        nullable = true,
                        examples = "10.77.0.12")
                String seenAddress,
        @Schema(
                        description = "How far it is.",
                        enumeration = {"adding", "present", "removing", "at-next-start"})
                String state,
        @Schema(description = "What to know of it for now; empty for nothing.") String note) {
    static NicView of(Nic nic) {
        return new NicView(
                nic.id(),
                nic.position(),
                nic.networkSlug(),
                nic.network().kind(),
                nic.mac(),
                nic.address(),
                nic.seenAddress(),
                nic.state().key(),
                nic.note());
    }
}
