package org.autotls.doctor;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.autotls.Identifier;
import org.autotls.Scheduler;
import org.autotls.doctor.PortUse.State;
import org.autotls.doctor.ProbeResult.Kind;
import org.autotls.responder.TlsAlpn01Responder;
import org.autotls.testkit.FreePorts;
import org.autotls.tls.AutoTlsContext;
import org.autotls.tls.LiveIndex;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The probes against sockets of this machine, honest and hostile. */
class ProbesTest {

    private static final Identifier NAME = Identifier.of("a.example");
    private static final Identifier ADDRESS = Identifier.of("127.0.0.1");
    private static final InetAddress HERE = Reserved.address("127.0.0.1");
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final Duration SHORT = Duration.ofMillis(500);

    private final Scheduler scheduler = Scheduler.system();
    private final RehearsalPorts ports = new RehearsalPorts(
            List.of(NAME, ADDRESS, Identifier.of("*.b.example")), 80, 443, scheduler, new SecureRandom());
    private final CountDownLatch closing = new CountDownLatch(1);

    @AfterEach
    void close() {
        closing.countDown();
        ports.close();
    }

    private ProbeResult http(int port, Identifier identifier) {
        return new HttpProbe(ports.ports().rehearsal(), port, scheduler, LIMIT).ask(HERE, identifier);
    }

    private ProbeResult tls(int port, Identifier identifier) {
        return new TlsProbe(ports.ports().rehearsal(), port, scheduler, LIMIT).ask(HERE, identifier);
    }

    /** What a server does with its first client. */
    private interface Behaviour {
        void serve(Socket client) throws Exception;
    }

    private int serving(Behaviour behaviour) throws IOException {
        ServerSocket server = new ServerSocket(0, 1, HERE);
        Thread thread = new Thread(
                () -> {
                    try (server;
                            Socket client = server.accept()) {
                        client.getInputStream().read(new byte[4096]);
                        behaviour.serve(client);
                    } catch (Exception e) {
                        closing.countDown(); // the probe hung up, as it should
                    }
                },
                "test-server");
        thread.setDaemon(true);
        thread.start();
        return server.getLocalPort();
    }

    private int saying(String text) throws IOException {
        return serving(client -> client.getOutputStream().write(text.getBytes(ISO_8859_1)));
    }

    @Test
    void http_ownPort_isAnsweredForNamesAndAddresses() {
        int port = FreePorts.next();
        ports.openHttp(port);

        assertThat(ports.ports().http().state()).isEqualTo(State.OURS);
        assertThat(http(port, NAME).kind()).isEqualTo(Kind.ANSWERED);
        assertThat(http(port, ADDRESS).kind()).isEqualTo(Kind.ANSWERED);
        assertThat(http(port, Identifier.of("c.example")).kind())
                .as("nobody asked for it")
                .isEqualTo(Kind.OTHER);
    }

    @Test
    void closedPort_refuses() {
        assertThat(http(FreePorts.next(), NAME).kind()).isEqualTo(Kind.REFUSED);
        assertThat(tls(FreePorts.next(), NAME).kind()).isEqualTo(Kind.REFUSED);
    }

    @Test
    void http_portOfAnother_isTaken() throws IOException {
        try (ServerSocket other = new ServerSocket(0, 1)) {
            ports.openHttp(other.getLocalPort());
        }
        assertThat(ports.ports().http().state()).isEqualTo(State.TAKEN);
        assertThat(ports.ports().http().detail()).contains("taken by another program");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "HTTP/1.1 404 Not Found~~ | OTHER | HTTP 404",
                "HTTP/1.1 200 OK~~hello | OTHER | HTTP 200",
                "HTTP/1.1 301 Moved~Location: https://a.example/x~~ | REDIRECTED | https://a.example/x",
                "HTTP/1.0 302 Found~location: http://169.254.169.254/~~ | REDIRECTED | http://169.254.169.254/",
                "HTTP/1.1 301 Moved~~Location: https://body.example/ | OTHER | HTTP 301",
                "SSH-2.0-OpenSSH~ | OTHER | not HTTP",
                "'' | OTHER | says nothing"
            })
    void http_otherServers_areQuoted(String said, Kind kind, String detail) throws IOException {
        ProbeResult result = http(saying(said.replace("~", "\r\n")), NAME);
        assertThat(result.kind()).isEqualTo(kind);
        assertThat(result.detail()).contains(detail);
    }

    @Test
    void http_endlessBody_isCut() throws IOException {
        int port = serving(client -> {
            client.getOutputStream().write("HTTP/1.1 200 OK\r\n\r\n".getBytes(ISO_8859_1));
            byte[] more = new byte[8192];
            while (closing.getCount() > 0) {
                client.getOutputStream().write(more);
            }
        });
        assertThat(http(port, NAME).kind()).isEqualTo(Kind.OTHER);
    }

    @Test
    void dripping_endsAtTheDeadline() throws IOException {
        Behaviour drip = client -> {
            while (!closing.await(100, java.util.concurrent.TimeUnit.MILLISECONDS)) {
                client.getOutputStream().write('x');
            }
        };
        Rehearsal rehearsal = ports.ports().rehearsal();
        assertThat(new HttpProbe(rehearsal, serving(drip), scheduler, SHORT)
                        .ask(HERE, NAME)
                        .kind())
                .isEqualTo(Kind.OTHER);
    }

    @Test
    void tls_silent_endsAtTheDeadline() throws IOException {
        int port = serving(client -> closing.await());
        ProbeResult result = new TlsProbe(ports.ports().rehearsal(), port, scheduler, SHORT).ask(HERE, NAME);
        assertThat(result.kind()).isEqualTo(Kind.OTHER);
    }

    private static HttpsServer tlsServer(TlsAlpn01Responder responder) {
        try {
            HttpsServer server = HttpsServer.create(new InetSocketAddress(HERE, 0), 0);
            server.setHttpsConfigurator(
                    new HttpsConfigurator(AutoTlsContext.create(new LiveIndex(Scheduler.system()), responder)));
            server.start();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void tls_ownPort_isAnsweredForNamesAndAddresses() {
        int[] port = new int[1];
        ports.openTls(responder -> {
            HttpsServer server = tlsServer(responder);
            port[0] = server.getAddress().getPort();
            return () -> server.stop(0);
        });

        assertThat(ports.ports().tls().state()).isEqualTo(State.OURS);
        assertThat(tls(port[0], NAME).kind()).isEqualTo(Kind.ANSWERED);
        assertThat(tls(port[0], ADDRESS).kind()).isEqualTo(Kind.ANSWERED);
        assertThat(tls(port[0], Identifier.of("c.example")).kind()).isEqualTo(Kind.OTHER);
    }

    @Test
    void tls_anotherAnswer_isNotOurs() {
        HttpsServer[] server = new HttpsServer[1];
        RehearsalPorts others = new RehearsalPorts(List.of(NAME), 80, 443, scheduler, new SecureRandom());
        others.openTls(responder -> {
            server[0] = tlsServer(responder);
            return () -> server[0].stop(0);
        });
        ProbeResult result = tls(server[0].getAddress().getPort(), NAME);
        others.close();
        assertThat(result.kind()).isEqualTo(Kind.OTHER);
        assertThat(result.detail()).contains("not ours");
    }

    @Test
    void tls_plainServer_isNotTls() throws IOException {
        assertThat(tls(saying("HTTP/1.1 400 Bad Request\r\n\r\n"), NAME).kind()).isEqualTo(Kind.OTHER);
    }

    @Test
    void tls_portThatCannotBeOpened_isClosedOrTaken() {
        ports.openTls(responder -> {
            throw new UncheckedIOException("Permission denied", new IOException("Permission denied"));
        });
        assertThat(ports.ports().tls().state()).isEqualTo(State.CLOSED);
        ports.openTls(responder -> {
            throw new IllegalStateException("cannot listen", new IOException("Address already in use"));
        });
        assertThat(ports.ports().tls().state()).isEqualTo(State.TAKEN);
    }
}
