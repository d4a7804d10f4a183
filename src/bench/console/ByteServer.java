import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * Stands in for QEMU's VNC server: sends back what comes, or sends as many bytes as asked. One port takes plain
 * connections; the other first shakes hands as Berth's worker does. Usage: ByteServer plainPort workerPort
 */
final class ByteServer {
    private static final byte[] BLOCK = new byte[65_536];

    public static void main(String[] args) throws IOException {
        listen(Integer.parseInt(args[1]), true);
        listen(Integer.parseInt(args[0]), false);
    }

    private static void listen(int port, boolean upgrade) throws IOException {
        ServerSocket server = new ServerSocket(port, 256, InetAddress.getLoopbackAddress());
        new Thread(() -> {
                    try {
                        while (true) {
                            Socket peer = server.accept();
                            Thread thread = new Thread(() -> serve(peer, upgrade));
                            thread.setDaemon(true);
                            thread.start();
                        }
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                })
                .start();
    }

    private static void serve(Socket peer, boolean upgrade) {
        try (peer) {
            peer.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(peer.getInputStream(), 65_536);
            OutputStream out = peer.getOutputStream();
            if (upgrade) {
                upgrade(in, out);
            }
            // 'E': echo. 'S' and a long: that many bytes, again and again.
            if (in.read() == 'E') {
                echo(in, out);
            } else {
                source(new DataInputStream(in), out);
            }
        } catch (IOException e) {
            // The client left.
        }
    }

    private static void upgrade(InputStream in, OutputStream out) throws IOException {
        int ends = 0;
        while (ends < 4) {
            int c = in.read();
            if (c < 0) {
                throw new IOException("no request");
            }
            ends = c == '\r' || c == '\n' ? ends + 1 : 0;
        }
        out.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: berth-screen\r\n\r\n"
                .getBytes(StandardCharsets.US_ASCII));
    }

    private static void echo(InputStream in, OutputStream out) throws IOException {
        byte[] buffer = new byte[65_536];
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            out.write(buffer, 0, n);
        }
    }

    private static void source(DataInputStream in, OutputStream out) throws IOException {
        while (true) {
            for (long left = in.readLong(); left > 0; left -= BLOCK.length) {
                out.write(BLOCK, 0, (int) Math.min(left, BLOCK.length));
            }
            in.readByte();
        }
    }
}
