package dev.berth.security;

import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.RoutingContext;

/** Where a request came from, as the audit log, the list of logins and limits by address name it. */
public final class RemoteAddress {
    private RemoteAddress() {}

    /**
     * @param context null outside of a request
     * @return without the port; empty where no connection from a network brought the request
     */
    public static String of(RoutingContext context) {
        SocketAddress address = context == null ? null : context.request().remoteAddress();
        return address == null || address.hostAddress() == null ? "" : address.hostAddress();
    }
}
