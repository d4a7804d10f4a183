package dev.berth.catalog;

import dev.berth.hypervisor.Traits;
import java.util.Map;
import java.util.UUID;

/** A named use of one kind of network or disk, with the kind's words for people. */
public record Profile(
        UUID id,
        String slug,
        String name,
        String description,
        String kind,
        Traits traits,
        Map<String, String> config,
        boolean retired) {}
