package dev.berth.console;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** A WebSocket client by hand that reads nothing until it is told to. */
final class SlowBrowser implements AutoCloseable {
    private final Socket socket = new Socket();

    SlowBrowser(URI portal, String path) throws IOException {
        socket.setReceiveBufferSize(65_536);
        socket.connect(new java.net.InetSocketAddress(portal.getHost(), portal.getPort()));
        String request = "GET " + path + " HTTP/1.1\r\nHost: " + portal.getAuthority() + "\r\nOrigin: http://"
                + portal.getAuthority() + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                + "Sec-WebSocket-Protocol: binary\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    }

    /** Reads raw bytes, frames and all. */
    void read(long count) throws IOException {
        InputStream in = socket.getInputStream();
        byte[] buffer = new byte[65_536];
        long left = count;
        while (left > 0) {
            int n = in.read(buffer);
            if (n < 0) {
                throw new IOException("closed with " + left + " bytes missing");
            }
            left -= n;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
