import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/**
 * Both ends of a connection, for port.sh. {@code listen PORT} takes connections and hangs up. {@code to HOST} reads
 * ports from standard input, tries each once a millisecond until a connection is made, and prints when that was, in
 * microseconds since the epoch.
 */
final class Connect {
    private static final int PATIENCE_MILLIS = 200;

    public static void main(String[] arguments) throws Exception {
        if (arguments[0].equals("listen")) {
            try (ServerSocket server = new ServerSocket(Integer.parseInt(arguments[1]))) {
                System.out.println("ready");
                while (true) {
                    server.accept().close();
                }
            }
        }
        BufferedReader ports = new BufferedReader(new InputStreamReader(System.in));
        System.out.println("ready");
        for (String port = ports.readLine(); port != null; port = ports.readLine()) {
            while (!connects(arguments[1], Integer.parseInt(port))) {
                Thread.sleep(1);
            }
            java.time.Instant now = java.time.Instant.now();
            System.out.println(now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000);
        }
    }

    private static boolean connects(String host, int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), PATIENCE_MILLIS);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
