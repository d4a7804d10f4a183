package dev.berth.hypervisor.network;

/**
 * What a kind of network does for whom: what an advisor compares with people's answers.
 *
 * @param reach who can start a connection to a machine
 * @param seenByNetworkTeam whether the outer network's tools see each machine as a port with a MAC address of its own
 * @param speed how little stands between a machine and the wire
 * @param reachesHost whether a machine and its own host can talk
 */
public record Fit(Reach reach, boolean seenByNetworkTeam, Speed speed, boolean reachesHost) {
    /** Who can start a connection to a machine, from fewest to most. */
    public enum Reach {
        /** Its neighbours, and others through ports that are opened for them. */
        OPENED_PORTS,
        /** Whoever has a route to its network. */
        ROUTED,
        /** Everybody on the outer network, as if it were plugged in there. */
        DIRECT
    }

    /** How much of the wire's speed is left, from least to most. */
    public enum Speed {
        /** The host translates and forwards each packet. */
        TRANSLATED,
        /** The host forwards each packet. */
        FORWARDED,
        /** The host switches each frame. */
        SWITCHED,
        /** Frames go to the device nearly untouched. */
        DIRECT
    }
}
