package org.autotls.conscrypt;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.autotls.Subject;
import org.autotls.testkit.ManualClock;
import org.autotls.testkit.TestCa;
import org.autotls.testkit.TlsProbe;
import org.autotls.tls.AutoTlsContext;
import org.autotls.tls.ChallengeCertificates;
import org.autotls.tls.ClientTrust;
import org.autotls.tls.LiveIndex;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Full handshakes per CPU second of the server's side, JDK engine and Conscrypt in turn in one process. The client is the
 * JDK's, on the same thread, and not counted; neither are JIT compiler and garbage collector. Run by
 *
 * <pre>mvn -q test -pl conscrypt -am -Dfast -Dtest=HandshakeBenchmark -Dgroups=benchmark -DexcludedTags=none
 *     -Dsurefire.failIfNoSpecifiedTests=false</pre>
 */
@Tag("benchmark")
class HandshakeBenchmark {

    private static final Instant FROM = Instant.parse("2020-01-01T00:00:00Z");
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final int WARM_UP = 4000;
    private static final int ROUNDS = 7;
    private static final int HANDSHAKES = 1000;
    private static final int NAMES = 10;

    private final TestCa ca = new TestCa();
    private final LiveIndex index = new LiveIndex(new ManualClock());
    private final SSLContext trusting = TlsProbe.trusting(ca.root());
    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final ByteBuffer toServer = ByteBuffer.allocate(1 << 16);
    private final ByteBuffer toClient = ByteBuffer.allocate(1 << 16);
    private final ByteBuffer plain = ByteBuffer.allocate(1 << 15);

    @BeforeEach
    void serve() {
        for (int i = 0; i < NAMES; i++) {
            index.put(Subject.of("h" + i + ".example"), ca.issue(FROM, Duration.ofDays(36500), "h" + i + ".example"));
        }
    }

    @Test
    void conscrypt_costsAFractionOfTheJdksEngine() throws SSLException {
        for (String version : List.of("TLSv1.3", "TLSv1.2")) {
            SSLContext conscrypt = context("");
            SSLContext jdk = context("jdk");
            measure(jdk, version, WARM_UP);
            measure(conscrypt, version, WARM_UP);
            List<Double> ofJdk = new ArrayList<>();
            List<Double> ofConscrypt = new ArrayList<>();
            for (int round = 0; round < ROUNDS; round++) {
                ofJdk.add(measure(jdk, version, HANDSHAKES));
                ofConscrypt.add(measure(conscrypt, version, HANDSHAKES));
            }
            double ratio = median(ofConscrypt) / median(ofJdk);
            System.out.printf(
                    "%s, Java %s, full handshakes per CPU second: JDK %s, Conscrypt %s, ratio %.1f%n",
                    version, Runtime.version().feature(), text(ofJdk), text(ofConscrypt), ratio);
            assertThat(ratio).isGreaterThan(1);
        }
    }

    private SSLContext context(String engine) {
        System.setProperty("autotls.engine", engine);
        try {
            return AutoTlsContext.create(index, ChallengeCertificates.NONE, ClientTrust.whereAsked());
        } finally {
            System.clearProperty("autotls.engine");
        }
    }

    private double measure(SSLContext context, String version, int count) throws SSLException {
        long cpu = 0;
        for (int i = 0; i < count; i++) {
            SSLEngine client = Conversation.client(trusting, "h" + i % NAMES + ".example", parameters -> {
                parameters.setProtocols(new String[] {version});
            });
            cpu += handshake(client, context);
            client.getSession().invalidate(); // the next handshake is a full one
        }
        return count * 1e9 / cpu;
    }

    /** Returns the nanoseconds that the server's side took. */
    private long handshake(SSLEngine client, SSLContext context) throws SSLException {
        toServer.clear().flip();
        toClient.clear().flip();
        client.beginHandshake();
        long begin = threads.getCurrentThreadCpuTime();
        SSLEngine server = context.createSSLEngine();
        server.setUseClientMode(false);
        server.beginHandshake();
        long cpu = threads.getCurrentThreadCpuTime() - begin;
        while (client.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING
                || server.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING) {
            step(client, toClient, toServer);
            begin = threads.getCurrentThreadCpuTime();
            step(server, toServer, toClient);
            cpu += threads.getCurrentThreadCpuTime() - begin;
        }
        begin = threads.getCurrentThreadCpuTime();
        server.closeOutbound();
        step(server, toServer, toClient);
        return cpu + threads.getCurrentThreadCpuTime() - begin;
    }

    /** Lets an engine do what it can with what has arrived, and say what it has to say. */
    private void step(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws SSLException {
        while (true) {
            for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
                task.run();
            }
            int before = in.remaining();
            if (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
                out.compact();
                engine.wrap(NOTHING, out);
                out.flip();
            } else if (before > 0) {
                engine.unwrap(in, plain.clear());
                if (in.remaining() == before && engine.getHandshakeStatus() == HandshakeStatus.NEED_UNWRAP) {
                    return;
                }
            } else {
                return;
            }
        }
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    private static String text(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        return "%.0f [%.0f..%.0f]".formatted(median(values), sorted.get(0), sorted.get(sorted.size() - 1));
    }
}
