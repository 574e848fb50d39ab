package org.autotls.rig;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.autotls.CertificateBundle;
import org.autotls.testkit.Await;
import org.autotls.testkit.TestCa;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills the program with SIGKILL at every step of an issuance by a real CA, and starts it again: the six invariants of
 * docs/faults.md, E. The steps are found by running: each request is one point before the CA has it and one after the CA has
 * done it, and each durable write to the directory is one more.
 */
@Tag("rig")
@Tag("sweep") // minutes long, and about files and requests, not about the JDK: ./verify runs it on one
class KillSweepTest {

    private static final int MORE_THAN_ANY_ISSUANCE = 60;

    /** The exit code of a program that the signal ended. */
    private static final int SIGKILL = 137;

    private final TestCa old = new TestCa();

    @Test
    void E_killedAroundEveryRequest_theNextRunFinishesTheSameOrder(@TempDir Path directory) throws Exception {
        int killed = 0;
        try (PebbleCa ca = PebbleCa.on(PebbleBinary.installed())
                        .nonceRejectPercent(0)
                        .authorizationReusePercent(0)
                        .start(directory.resolve("ca"));
                CaProxy proxy = new CaProxy(ca, directory)) {
            for (int point = 1; point < MORE_THAN_ANY_ISSUANCE; point++) {
                Path certs = prepared(directory.resolve("certs" + point));
                if (!killedAt(point, ca, proxy, certs)) {
                    break;
                }
                killed++;
                survives("request point " + point, ca, proxy, certs);
            }
        }
        // Two points each: directory, nonce, account, order, authorization, challenge, poll, finalize, poll,
        // certificate.
        assertThat(killed).isGreaterThanOrEqualTo(18);
    }

    @Test
    void E_killedAtEveryDurableWrite_theNextRunFinishesTheSameOrder(@TempDir Path directory) throws Exception {
        int killed = 0;
        try (PebbleCa ca = PebbleCa.on(PebbleBinary.installed())
                        .nonceRejectPercent(0)
                        .authorizationReusePercent(0)
                        .start(directory.resolve("ca"));
                CaProxy proxy = new CaProxy(ca, directory)) {
            for (String call : List.of("rename", "fsync")) {
                for (int number = 1; number < MORE_THAN_ANY_ISSUANCE; number++) {
                    Path certs = prepared(directory.resolve(call + number));
                    proxy.forget();
                    try (ChildProcess child = Autotls.startTraced(directory, call, number, issue(ca, proxy, certs))) {
                        int code = child.exit(Await.HANG_LIMIT);
                        assertThat(code).as(child.output()).isIn(0, SIGKILL);
                        if (code == 0) {
                            break;
                        }
                    }
                    killed++;
                    survives(call + " " + number, ca, proxy, certs);
                }
            }
        }
        assertThat(killed).isGreaterThanOrEqualTo(8);
    }

    /** Runs once and kills at the given point; false if the run came to its end before. */
    private boolean killedAt(int point, PebbleCa ca, CaProxy proxy, Path certs) {
        AtomicInteger reached = new AtomicInteger();
        CompletableFuture<ChildProcess> started = new CompletableFuture<>();
        proxy.forget();
        // Before the start: no request may pass uncounted.
        proxy.gate((step, kind) -> {
            boolean here = reached.incrementAndGet() == point;
            if (here) {
                started.join().kill();
            }
            return !here;
        });
        try (ChildProcess child = Autotls.start(certs, issue(ca, proxy, certs))) {
            started.complete(child);
            int code = child.exit(Await.HANG_LIMIT);
            assertThat(code == 0 || reached.get() >= point)
                    .as("ended by itself with %d: %s", code, child.output())
                    .isTrue();
            return code != 0;
        } finally {
            proxy.gate(CaProxy.OPEN);
        }
    }

    private void survives(String where, PebbleCa ca, CaProxy proxy, Path certs) {
        // Invariants 1, 2 and 6: what was there is still whole, or the new one is.
        String left = OpenSsl.matchingPair(certs.resolve("a.example.pem"));
        assertThat(left).as(where).contains("a.example");
        String untouched = Repository.read(certs.resolve("b.example.pem"));

        try (ChildProcess again = Autotls.start(certs, issue(ca, proxy, certs))) {
            assertThat(again.exit(Await.HANG_LIMIT))
                    .as("%s: %s", where, again.output())
                    .isZero();
        }

        assertThat(Certificates.parse(Repository.read(certs.resolve("a.example.pem")))
                        .getIssuerX500Principal()
                        .getName())
                .as(where)
                .contains("Pebble");
        OpenSsl.matchingPair(certs.resolve("a.example.pem"));
        assertThat(Repository.read(certs.resolve("b.example.pem"))).as(where).isEqualTo(untouched);
        // Invariants 3 and 4: at most one extra order, and one account.
        assertThat(count(proxy, "order-plz", 201)).as("%s: orders", where).isBetween(1L, 2L);
        assertThat(count(proxy, "sign-me-up", 201)).as("%s: accounts", where).isEqualTo(1);
        // Invariant 5: no temporary files, nothing pending.
        assertThat(litter(certs)).as("%s: litter", where).isEmpty();
    }

    private static long count(CaProxy proxy, String kind, int status) {
        return proxy.exchanges().stream()
                .filter(exchange -> exchange.kind().equals(kind) && exchange.status() == status)
                .count();
    }

    private static List<String> litter(Path certs) {
        try (Stream<Path> files = Files.walk(certs)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> certs.relativize(file).toString())
                    .filter(name -> name.contains("tmp") || name.contains("bad-") || name.contains("orders/"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A directory with an old certificate for the name that is issued, and another name's beside it. */
    private Path prepared(Path certs) throws IOException {
        Files.createDirectories(certs);
        for (String name : List.of("a.example", "b.example")) {
            CertificateBundle bundle = old.issue(Instant.parse("2026-01-01T00:00:00Z"), Duration.ofDays(3650), name);
            Tls.writeBundle(certs.resolve(name + ".pem"), bundle);
        }
        return certs;
    }

    private static String[] issue(PebbleCa ca, CaProxy proxy, Path certs) {
        return new String[] {
            "issue",
            "a.example",
            "--certs",
            certs.toString(),
            "--acme",
            proxy.acme().toString(),
            "--acme-root",
            proxy.httpsRoot().toString(),
            "--agree-tos",
            "--port",
            "tcp:" + ca.tlsPort() + ":interface=127.0.0.1"
        };
    }
}
