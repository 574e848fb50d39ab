package org.autotls.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.autotls.CertificateBundle;
import org.autotls.Scheduler;
import org.autotls.StoreListener;
import org.autotls.StoreWatch;
import org.autotls.StoredBundle;
import org.autotls.Subject;
import org.autotls.store.DirectoryStore;
import org.autotls.testkit.TestCa;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What many names with a certificate of their own take ({@code -Dautotls.benchmark.names}, 10,000 by default): reading them,
 * memory, a renewal, a lookup. Run by
 *
 * <pre>mvn -q test -pl core-tests -am -Dfast -Dtest=IndexBenchmark -Dgroups=benchmark -DexcludedTags=none
 *     -Dsurefire.failIfNoSpecifiedTests=false</pre>
 */
@Tag("benchmark")
class IndexBenchmark {

    private static final int NAMES = Integer.getInteger("autotls.benchmark.names", 10_000);
    private static final int RENEWALS = NAMES / 5;
    private static final int LOOKUPS = 5_000_000;
    private static final Base64.Encoder BASE64 = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));

    private final TestCa ca = new TestCa();
    private final Instant from = Instant.now().minusSeconds(60);
    private final LiveIndex index = new LiveIndex(Scheduler.system());

    @TempDir
    Path directory;

    @Test
    void measure() throws IOException {
        IntStream.range(0, NAMES).parallel().forEach(i -> write(issue(i)));
        long empty = heap();
        DirectoryStore store = DirectoryStore.open(directory, Scheduler.system());
        Map<Subject, CertificateBundle> read = new HashMap<>();
        StoreWatch watch = new StoreWatch(store, new StoreListener() {
            @Override
            public void changed(StoredBundle entry) {
                read.put(entry.subject(), entry.bundle().orElseThrow());
            }
        });
        report("read from the directory", 1, watch::poll);
        assertThat(read).hasSize(NAMES);
        report("put into the index in one step", 1, () -> index.replace(read));
        read.clear();
        System.out.printf("heap: %d MiB%n", (heap() - empty) >> 20);
        report("look for changes in the directory", 1, watch::poll);
        CertificateBundle[] renewed =
                IntStream.range(0, RENEWALS).parallel().mapToObj(this::issue).toArray(CertificateBundle[]::new);
        report("put one renewed certificate", RENEWALS, () -> {
            for (int i = 0; i < RENEWALS; i++) {
                index.put(Subject.of(name(i)), renewed[i]);
            }
        });
        String[] asked = new Random(1)
                .ints(100_000, 0, NAMES)
                .mapToObj(IndexBenchmark::name)
                .toArray(String[]::new);
        for (int round = 0; round < 3; round++) {
            report("look one name up", LOOKUPS, () -> {
                for (int i = 0; i < LOOKUPS; i++) {
                    if (index.current().find(asked[i % asked.length]).isEmpty()) {
                        throw new AssertionError(asked[i % asked.length]);
                    }
                }
            });
        }
    }

    private static String name(int number) {
        return "host" + number + ".customers.example.com";
    }

    private CertificateBundle issue(int number) {
        return ca.issue(from, Duration.ofDays(90), name(number));
    }

    /** As the store would, but without waiting for the disk each time. */
    private void write(CertificateBundle bundle) {
        try {
            StringBuilder text =
                    new StringBuilder(pem("PRIVATE KEY", bundle.privateKey().getEncoded()));
            for (var certificate : bundle.chain()) {
                text.append(pem("CERTIFICATE", certificate.getEncoded()));
            }
            Path file = directory.resolve(bundle.identifiers().get(0).value() + ".pem");
            Files.writeString(file, text);
            file.toFile().setReadable(false, false);
            file.toFile().setReadable(true, true);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static String pem(String type, byte[] content) {
        return "-----BEGIN " + type + "-----\n" + BASE64.encodeToString(content) + "\n-----END " + type + "-----\n";
    }

    private static long heap() {
        for (int i = 0; i < 5; i++) {
            System.gc();
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static void report(String what, int times, Runnable work) {
        long start = System.nanoTime();
        work.run();
        System.out.printf("%s: %.6f ms%n", what, (System.nanoTime() - start) / 1e6 / times);
    }
}
