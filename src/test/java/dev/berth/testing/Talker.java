package dev.berth.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Somebody on a network, for {@link Namespace}: does what it reads line by line and answers each with one line. It
 * needs nothing but the JDK, so that it starts with {@code java -cp target/test-classes}.
 *
 * <pre>
 * serve tcp PORT NAME | serve udp PORT NAME   answers "NAME saw CLIENT" from now on
 * tcp ADDRESS PORT                            what a new connection says first
 * udp ADDRESS PORT                            what answers a datagram, always from the same socket
 * keep ADDRESS PORT                           a connection that stays; kept: what it says when asked again
 * </pre>
 */
public final class Talker {
    private static final int PATIENCE_MILLIS = 1_500;

    private final Map<String, DatagramSocket> sockets = new HashMap<>();
    private Socket kept;

    private Talker() {}

    public static void main(String[] arguments) throws IOException {
        Talker talker = new Talker();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            System.out.println(talker.answer(line.split(" ")));
        }
    }

    private String answer(String[] words) {
        try {
            return switch (words[0]) {
                case "serve" -> serve(words[1], Integer.parseInt(words[2]), words[3]);
                case "tcp" -> tcp(words[1], Integer.parseInt(words[2]));
                case "udp" -> udp(words[1], Integer.parseInt(words[2]));
                case "keep" -> keep(words[1], Integer.parseInt(words[2]));
                case "kept" -> say(kept);
                default -> "what?";
            };
        } catch (ConnectException | PortUnreachableException e) {
            return "refused";
        } catch (SocketTimeoutException e) {
            return "silence";
        } catch (SocketException e) {
            return "broken";
        } catch (IOException e) {
            return "failed " + e;
        }
    }

    private String serve(String protocol, int port, String name) throws IOException {
        if (protocol.equals("tcp")) {
            ServerSocket server = new ServerSocket(port);
            daemon(() -> {
                while (true) {
                    Socket client = server.accept();
                    daemon(() -> greet(client, name));
                }
            });
        } else {
            DatagramSocket server = new DatagramSocket(port);
            daemon(() -> {
                while (true) {
                    DatagramPacket packet = new DatagramPacket(new byte[64], 64);
                    server.receive(packet);
                    byte[] answer =
                            (name + " saw " + packet.getAddress().getHostAddress()).getBytes(StandardCharsets.UTF_8);
                    server.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
                }
            });
        }
        return "serving";
    }

    /** Greets, and greets again for each line it gets. */
    private static void greet(Socket client, String name) throws IOException {
        try (client) {
            byte[] greeting =
                    (name + " saw " + client.getInetAddress().getHostAddress() + "\n").getBytes(StandardCharsets.UTF_8);
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8));
            do {
                client.getOutputStream().write(greeting);
            } while (in.readLine() != null);
        }
    }

    private static Socket connect(String address, int port) throws IOException {
        Socket socket = new Socket();
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.connect(new InetSocketAddress(address, port), PATIENCE_MILLIS);
        return socket;
    }

    private static String line(Socket socket) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = socket.getInputStream().read();
                next >= 0 && next != '\n';
                next = socket.getInputStream().read()) {
            line.append((char) next);
        }
        return line.toString();
    }

    private static String tcp(String address, int port) throws IOException {
        try (Socket socket = connect(address, port)) {
            return line(socket);
        }
    }

    private String keep(String address, int port) throws IOException {
        kept = connect(address, port);
        return line(kept);
    }

    private static String say(Socket socket) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write("more\n".getBytes(StandardCharsets.UTF_8));
        return line(socket);
    }

    private String udp(String address, int port) throws IOException {
        DatagramSocket socket = sockets.get(address + port);
        if (socket == null) {
            socket = new DatagramSocket();
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.connect(InetAddress.getByName(address), port);
            sockets.put(address + port, socket);
        }
        socket.send(new DatagramPacket("ping".getBytes(StandardCharsets.UTF_8), 4));
        DatagramPacket answer = new DatagramPacket(new byte[128], 128);
        socket.receive(answer);
        return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.UTF_8);
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void daemon(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException e) {
                System.err.println(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
    }
}
