package dev.berth.notices;

import dev.berth.testing.WebProfile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/** A web process with a mail server, which the test starts and stops, and with webhooks to this machine allowed. */
public class NoticesProfile extends WebProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
        Map<String, String> all = new HashMap<>(super.getConfigOverrides());
        all.put("berth.public-url", "http://localhost");
        all.put("berth.mail.host", "127.0.0.1");
        all.put("berth.mail.port", Integer.toString(freePort()));
        all.put("berth.mail.from", "berth@example.org");
        all.put("berth.mail.start-tls", "DISABLED");
        all.put("berth.notices.retry-pauses", "200ms,200ms,200ms,1s,5s,5s,10s,10s,30s,30s,30s");
        all.put("berth.notices.poll-interval", "100ms");
        all.put("berth.notices.webhook-schemes", "http,https");
        all.put("berth.notices.webhook-networks", "127.0.0.0/8");
        return all;
    }

    /** One below those that the system hands out by itself. */
    private static int freePort() {
        for (int attempt = 0; attempt < 100; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(11_000, 19_000);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (IOException e) {
                // Somebody has it: another one.
            }
        }
        throw new UncheckedIOException(new IOException("No free port"));
    }
}
