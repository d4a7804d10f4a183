package dev.berth.console;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Bounds of the console ({@code berth.console.*}). */
@ConfigMapping(prefix = "berth.console")
public interface ConsoleConfig {
    /** Sessions this process relays at once; one more is told to try again later. */
    @WithDefault("500")
    int maxSessions();

    /** Consoles that one person may have open, in all web processes together. */
    @WithDefault("20")
    int maxPerUser();

    /** Consoles of one machine that may be open, in all web processes together. */
    @WithDefault("5")
    int maxPerMachine();

    /** How long a ticket may wait to be used. */
    @WithDefault("30s")
    Duration ticketLife();

    /** How long reaching the worker and QEMU's VNC socket may take. */
    @WithDefault("5s")
    Duration connectTimeout();

    /** A ping this often keeps proxies from dropping a quiet session; two unanswered ones end it. */
    @WithDefault("30s")
    Duration ping();

    /** How often it is looked at whether the people of open sessions may still see their machines. */
    @WithDefault("10s")
    Duration recheck();
}
