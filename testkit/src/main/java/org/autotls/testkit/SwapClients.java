package org.autotls.testkit;

import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Clients that reconnect in a loop and look at the certificate. Serials grow, and a connection that begins after a swap must
 * show the new one or a later one, which was valid at some moment of the handshake. They are BoringSSL's: with the JDK's
 * client most of the time of ten thousand handshakes would be the client's. Used by one thread; the clients have their own.
 */
final class SwapClients {

    private static final int PATIENCE_SECONDS = 30;

    private final TlsProbe probe;
    private final SSLContext context;
    private final String serverName;
    private final InstantSource clock;
    private final List<Thread> threads = new ArrayList<>();
    private final Semaphore done = new Semaphore(0);
    private final AtomicInteger handshakes = new AtomicInteger();
    private final AtomicReference<BigInteger> least = new AtomicReference<>(BigInteger.ZERO);
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private volatile boolean stopped;

    SwapClients(TlsProbe probe, X509Certificate root, String serverName, InstantSource clock) {
        this.probe = probe;
        this.context = TlsProbe.trustingAtAnyTime(root);
        this.serverName = serverName;
        this.clock = clock;
    }

    void start(int count) {
        for (int i = 0; i < count; i++) {
            String version = i % 2 == 0 ? "TLSv1.3" : "TLSv1.2";
            Thread thread = new Thread(() -> loop(version), "swap-client-" + i);
            thread.setDaemon(true);
            thread.start();
            threads.add(thread);
        }
    }

    private void loop(String version) {
        try {
            while (!stopped) {
                BigInteger atLeast = least.get();
                Instant begun = clock.instant();
                X509Certificate leaf = probe.handshake(context, serverName, parameters -> {
                            parameters.setProtocols(new String[] {version});
                            return parameters;
                        })
                        .leaf();
                checkDates(leaf, begun, clock.instant());
                BigInteger seen = leaf.getSerialNumber();
                if (seen.compareTo(atLeast) < 0) {
                    throw new AssertionError("saw serial " + seen + " after " + atLeast + " was being served");
                }
                handshakes.incrementAndGet();
                done.release();
            }
        } catch (Throwable e) {
            failure.compareAndSet(null, e);
            done.release();
        }
    }

    private static void checkDates(X509Certificate leaf, Instant from, Instant until) {
        if (leaf.getNotBefore().toInstant().isAfter(until)
                || !leaf.getNotAfter().toInstant().isAfter(from)) {
            throw new AssertionError("between " + from + " and " + until + " a certificate was served that lasts from "
                    + leaf.getNotBefore().toInstant() + " to "
                    + leaf.getNotAfter().toInstant());
        }
    }

    /** From now on a new connection shows this serial or a later one. */
    void expect(BigInteger serial) {
        least.set(serial);
    }

    /** Waits until so many more handshakes are done; a failure ends the wait. */
    Optional<Throwable> awaitHandshakes(int count) throws InterruptedException {
        done.drainPermits();
        for (int i = 0; i < count && failure.get() == null; i++) {
            if (!done.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                return Optional.of(new AssertionError("no handshake for " + PATIENCE_SECONDS + " s"));
            }
        }
        return failure();
    }

    void stop() throws InterruptedException {
        stopped = true;
        for (Thread thread : threads) {
            thread.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
        }
    }

    Optional<Throwable> failure() {
        return Optional.ofNullable(failure.get());
    }

    int handshakes() {
        return handshakes.get();
    }
}
