package org.autotls.benchmarks;

import static java.util.Objects.requireNonNull;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.HashMap;
import java.util.LinkedHashMap;
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
import org.autotls.testkit.ManualClock;
import org.autotls.tls.IndexEntry;
import org.autotls.tls.LiveIndex;

/**
 * What many names with a certificate of their own cost: reading them, memory, a renewal, a lookup; beside the least that a program of
 * one's own would do, a plain map of what the JDK reads from the same files. Counted is the processor time
 * of the thread; for reading, which others help with, that of the process.
 */
public final class Names {

    private static final int LOOKUPS = 2_000_000;
    private static final int ASKED = 100_000;
    private static final int RENEWED = 200;

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final OperatingSystemMXBean process = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    private final Certificates certificates;
    private final Map<String, Figures> figures = new LinkedHashMap<>();

    private Names(Certificates certificates) {
        this.certificates = certificates;
    }

    /** Runs it; see {@code benchmarks/run}. */
    public static void main(String... arguments) throws IOException {
        Options options = Options.parse(arguments, Map.of("names", 10_000, "rounds", 5));
        try (Scratch scratch = Scratch.create()) {
            Names names = new Names(Certificates.write(scratch.directory(), options.number("names")));
            names.round(); // of warming up
            names.figures.clear();
            for (int round = 0; round < options.number("rounds"); round++) {
                names.round();
            }
            names.figures.forEach((what, measured) -> measured.print(what, "plain"));
        }
    }

    private void round() {
        int count = certificates.count();
        LiveIndex index = new LiveIndex(new ManualClock()); // the system's would hold what is replaced for a minute
        long empty = heap();
        Map<Subject, CertificateBundle> read = new HashMap<>();
        StoreWatch watch = watch(read);
        double reading = processNanos(() -> {
            watch.poll();
            index.replace(read);
        });
        if (index.current().size() != count) {
            throw new IllegalStateException(
                    "%d of %d were read".formatted(index.current().size(), count));
        }
        add("read one certificate, µs", "autotls", reading / count / 1000);
        read.clear();
        long withIndex = heap();
        add("heap for one name, bytes", "autotls", (double) (withIndex - empty) / count);

        Map<String, PlainPem> plain = new HashMap<>();
        reading = processNanos(() -> {
            for (int i = 0; i < count; i++) {
                plain.put(Certificates.name(i), PlainPem.read(certificates.file(i)));
            }
        });
        add("read one certificate, µs", "plain", reading / count / 1000);
        add("heap for one name, bytes", "plain", (double) (heap() - withIndex) / count);

        add("look for changes, µs a name", "autotls", cpuNanos(watch::poll) / count / 1000);
        renew(plain, index);
        lookUp(plain, index);
    }

    private StoreWatch watch(Map<Subject, CertificateBundle> read) {
        DirectoryStore store = DirectoryStore.openReadOnly(certificates.directory(), Scheduler.system());
        return new StoreWatch(store, new StoreListener() {
            @Override
            public void changed(StoredBundle entry) {
                read.put(entry.subject(), entry.bundle().orElseThrow());
            }
        });
    }

    /** The plain program makes a new map for each, as it must if handshakes are to see one state of it without a lock. */
    private void renew(Map<String, PlainPem> plain, LiveIndex index) {
        int renewed = Math.min(RENEWED, certificates.count());
        CertificateBundle[] bundles =
                IntStream.range(0, renewed).mapToObj(certificates::issue).toArray(CertificateBundle[]::new);
        double taken = cpuNanos(() -> {
            for (int i = 0; i < renewed; i++) {
                index.put(Subject.of(Certificates.name(i)), bundles[i]);
            }
        });
        add("put one renewed certificate, µs", "autotls", taken / renewed / 1000);
        taken = cpuNanos(() -> {
            Map<String, PlainPem> current = plain;
            for (int i = 0; i < renewed; i++) {
                current = new HashMap<>(current);
                current.put(Certificates.name(i), new PlainPem(bundles[i].privateKey(), bundles[i].chain()));
            }
            check(current.size());
        });
        add("put one renewed certificate, µs", "plain", taken / renewed / 1000);
    }

    private void lookUp(Map<String, PlainPem> plain, LiveIndex index) {
        String[] asked = new Random(1)
                .ints(ASKED, 0, certificates.count())
                .mapToObj(Certificates::name)
                .toArray(String[]::new);
        double taken = cpuNanos(() -> {
            for (int i = 0; i < LOOKUPS; i++) {
                IndexEntry found = index.current().find(asked[i % ASKED]).orElseThrow();
                check(found.alias().length());
            }
        });
        add("look one name up, ns", "autotls", taken / LOOKUPS);
        taken = cpuNanos(() -> {
            for (int i = 0; i < LOOKUPS; i++) {
                check(requireNonNull(plain.get(asked[i % ASKED])).chain().size());
            }
        });
        add("look one name up, ns", "plain", taken / LOOKUPS);
    }

    private void add(String what, String contestant, double figure) {
        figures.computeIfAbsent(what, ignored -> new Figures()).add(contestant, figure);
    }

    /** Threads of the common pool read, too. */
    private double processNanos(Runnable work) {
        long begin = process.getProcessCpuTime();
        work.run();
        return process.getProcessCpuTime() - begin;
    }

    private double cpuNanos(Runnable work) {
        long begin = threads.getCurrentThreadCpuTime();
        work.run();
        return threads.getCurrentThreadCpuTime() - begin;
    }

    /** Uses a result, so that what it came from is not left out. */
    private static void check(int positive) {
        if (positive <= 0) {
            throw new AssertionError();
        }
    }

    private static long heap() {
        for (int i = 0; i < 5; i++) {
            System.gc();
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
