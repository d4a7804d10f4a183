package dev.berth.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A mail server and a program that webhooks call. Each keeps the ids of what it gets, and may hold one in its hands for a
 * while: it has it whole and has not said so, as when whoever sends it dies just then.
 */
public final class HoldingServers implements AutoCloseable {
    private final List<String> mails = new CopyOnWriteArrayList<>();
    private final List<String> calls = new CopyOnWriteArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final ServerSocket mailServer;
    private final HttpServer webServer;
    private volatile int heldFrom = Integer.MAX_VALUE;
    private volatile CountDownLatch held = new CountDownLatch(0);

    public HoldingServers() throws IOException {
        InetAddress here = InetAddress.getByName("127.0.0.1");
        mailServer = new ServerSocket(FreePort.choose(), 50, here);
        webServer = HttpServer.create(new InetSocketAddress(here, 0), 50);
        webServer.createContext("/", this::called);
        webServer.setExecutor(threads);
        webServer.start();
        threads.execute(this::listen);
    }

    public int mailPort() {
        return mailServer.getLocalPort();
    }

    public String hook() {
        return "http://127.0.0.1:" + webServer.getAddress().getPort() + "/hook";
    }

    /** The message ids, in the order in which they came. */
    public List<String> mails() {
        return mails;
    }

    public List<String> calls() {
        return calls;
    }

    /** From the one with this number on, counted from 1, each server answers nothing until {@link #letGo}. */
    public void holdFrom(int number) {
        held = new CountDownLatch(1);
        heldFrom = number;
    }

    public void letGo() {
        heldFrom = Integer.MAX_VALUE;
        held.countDown();
    }

    private void got(List<String> all, String id) {
        all.add(id);
        if (all.size() >= heldFrom) {
            try {
                held.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void called(HttpExchange exchange) throws IOException {
        exchange.getRequestBody().readAllBytes();
        got(calls, exchange.getRequestHeaders().getFirst("webhook-id"));
        exchange.sendResponseHeaders(204, -1);
        exchange.close();
    }

    private void listen() {
        while (!mailServer.isClosed()) {
            try {
                Socket socket = mailServer.accept();
                threads.execute(() -> talk(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    /** As much of RFC 5321 as a client needs to be rid of a mail. */
    private void talk(Socket socket) {
        try (socket;
                BufferedReader in =
                        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))) {
            OutputStream out = socket.getOutputStream();
            say(out, "220 here");
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String verb = line.toUpperCase(Locale.ROOT);
                if (verb.startsWith("DATA")) {
                    say(out, "354 go on");
                    got(mails, messageId(in));
                    say(out, "250 taken");
                } else if (verb.startsWith("QUIT")) {
                    say(out, "221 bye");
                    return;
                } else {
                    say(out, "250 fine");
                }
            }
        } catch (IOException e) {
            // Whoever talked has died.
        }
    }

    private static String messageId(BufferedReader in) throws IOException {
        String id = "";
        for (String line = in.readLine(); line != null && !line.equals("."); line = in.readLine()) {
            if (line.toLowerCase(Locale.ROOT).startsWith("message-id:")) {
                id = line.substring(line.indexOf(':') + 1).strip();
            }
        }
        return id;
    }

    private static void say(OutputStream out, String line) throws IOException {
        out.write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    @Override
    public void close() throws IOException {
        letGo();
        mailServer.close();
        webServer.stop(0);
        threads.shutdownNow();
    }
}
