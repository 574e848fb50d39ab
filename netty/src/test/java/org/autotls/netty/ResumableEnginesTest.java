package org.autotls.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.net.ssl.SSLException;
import org.autotls.Subject;
import org.autotls.testkit.ManualClock;
import org.autotls.testkit.TestCa;
import org.autotls.tls.LiveIndex;
import org.junit.jupiter.api.Test;

/** What does not depend on one connection. That a session is resumed nowhere else is in {@link BoringSslServingTest}. */
class ResumableEnginesTest {

    private static final Instant FROM = Instant.parse("2020-01-01T00:00:00Z");
    private static final Duration LIFETIME = Duration.ofDays(36500);

    private final TestCa ca = new TestCa();
    private final LiveIndex index = new LiveIndex(new ManualClock());

    /** If two engines were made at once, one would carry the other's name, and its session would be lost. */
    @Test
    void manyNamesAtOnce_eachResumesItsOwnSession() throws Exception {
        int names = 4;
        for (int i = 0; i < names; i++) {
            index.put(Subject.of(i + ".example"), ca.issue(FROM, LIFETIME, i + ".example"));
        }
        AutoTlsSslContext server = server();
        ExecutorService clients = Executors.newFixedThreadPool(names);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < names; i++) {
                String name = i + ".example";
                running.add(clients.submit(() -> resumeOften(server, name)));
            }
            for (Future<?> client : running) {
                client.get();
            }
        } finally {
            clients.shutdownNow();
        }
    }

    @Test
    void certificateIsReplaced_itsSessionsAreNotResumed() throws SSLException {
        index.put(Subject.of("a.example"), ca.issue(FROM, LIFETIME, "a.example"));
        AutoTlsSslContext server = server();
        SslContext client = client();
        byte[] session = sessionAfter(server, client, "a.example");
        index.put(Subject.of("b.example"), ca.issue(FROM, LIFETIME, "b.example"));
        assertThat(sessionAfter(server, client, "a.example")).isEqualTo(session);
        index.put(Subject.of("a.example"), ca.issue(FROM, LIFETIME, "a.example"));
        assertThat(sessionAfter(server, client, "a.example")).isNotEqualTo(session);
    }

    /** A session that is resumed would not be judged again. */
    @Test
    void oneConnectionThatAsksForACertificate_resumesNoSessionMadeWithout() throws SSLException {
        index.put(Subject.of("a.example"), ca.issue(FROM, LIFETIME, "a.example"));
        AutoTlsSslContext server = server();
        SslContext client = client();
        byte[] session = sessionAfter(server, client, "a.example");
        assertThat(sessionAfter(server, client, "a.example")).isEqualTo(session);
        SslHandler asking = server.newHandler(ByteBufAllocator.DEFAULT);
        asking.engine().setNeedClientAuth(true);
        SslHandler anonymous = client.newHandler(ByteBufAllocator.DEFAULT, "a.example", 443);
        try (EmbeddedPair pair = new EmbeddedPair(asking, anonymous)) {
            pair.run();
            assertThat(asking.handshakeFuture().isSuccess()).isFalse();
        }
    }

    private AutoTlsSslContext server() {
        return AutoTlsSslContext.builder(index, name -> Optional.empty())
                .provider(SslProvider.OPENSSL)
                .build();
    }

    private SslContext client() throws SSLException {
        return SslContextBuilder.forClient()
                .sslProvider(SslProvider.JDK)
                .trustManager(ca.root())
                .protocols("TLSv1.2")
                .build();
    }

    private Void resumeOften(AutoTlsSslContext server, String name) throws SSLException {
        SslContext client = client();
        byte[] session = sessionAfter(server, client, name);
        for (int i = 0; i < 200; i++) {
            assertThat(sessionAfter(server, client, name)).isEqualTo(session);
        }
        return null;
    }

    /** With TLS 1.2 a session that is resumed keeps its id. */
    private static byte[] sessionAfter(SslContext server, SslContext client, String name) {
        SslHandler handler = client.newHandler(ByteBufAllocator.DEFAULT, name, 443);
        try (EmbeddedPair pair = new EmbeddedPair(server.newHandler(ByteBufAllocator.DEFAULT), handler)) {
            pair.run();
            assertThat(handler.handshakeFuture().isSuccess()).isTrue();
            return handler.engine().getSession().getId();
        }
    }
}
