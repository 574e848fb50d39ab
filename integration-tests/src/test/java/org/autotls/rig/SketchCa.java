package org.autotls.rig;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLServerSocket;
import org.autotls.testkit.TestCa;

/**
 * As much of a CA as a look at it needs: a directory and nonces, with a Date of its own, which no HTTP server of the JDK lets
 * one choose. One request per connection.
 */
final class SketchCa implements AutoCloseable {

    private final SSLServerSocket socket;
    private final Path root;
    private final String meta;
    private final Duration clockAhead;
    private final List<String> requests = new CopyOnWriteArrayList<>();

    /**
     * Starts it.
     *
     * @param meta what the directory says of the CA, JSON
     * @param clockAhead how wrong its clock is
     */
    SketchCa(Path directory, String meta, Duration clockAhead) {
        this.meta = meta;
        this.clockAhead = clockAhead;
        this.root = directory.resolve("sketch-root.pem");
        TestCa https = new TestCa();
        try {
            Tls.writePem(root, https.root());
            socket = (SSLServerSocket)
                    Tls.serving(https.issue(Instant.parse("2020-01-01T00:00:00Z"), Duration.ofDays(36500), "localhost"))
                            .getServerSocketFactory()
                            .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread thread = new Thread(this::serve, "sketch-ca");
        thread.setDaemon(true);
        thread.start();
    }

    URI acme() {
        return URI.create("https://localhost:" + socket.getLocalPort() + "/dir");
    }

    /** {@code --acme-root}. */
    Path httpsRoot() {
        return root;
    }

    /** The first line of each request. */
    List<String> requests() {
        return List.copyOf(requests);
    }

    private void serve() {
        while (!socket.isClosed()) {
            try (Socket client = socket.accept()) {
                byte[] head = new byte[4096];
                int read = client.getInputStream().read(head);
                String request = new String(head, 0, Math.max(0, read), UTF_8)
                        .lines()
                        .findFirst()
                        .orElse("");
                requests.add(request);
                client.getOutputStream().write(answer(request).getBytes(UTF_8));
            } catch (IOException e) {
                requests.add("broken: " + e.getMessage());
            }
        }
    }

    private String answer(String request) {
        String base = "https://localhost:" + socket.getLocalPort();
        String body =
                "{\"newNonce\":\"%1$s/nonce\",\"newAccount\":\"%1$s/account\",\"newOrder\":\"%1$s/order\",\"meta\":%2$s}"
                        .formatted(base, meta);
        String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                Instant.now().plus(clockAhead).atOffset(ZoneOffset.UTC));
        return "HTTP/1.1 200 OK\r\nDate: " + date + "\r\nReplay-Nonce: bm9uY2U\r\nConnection: close\r\nContent-Length: "
                + body.length() + "\r\n\r\n" + (request.startsWith("HEAD") ? "" : body);
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
