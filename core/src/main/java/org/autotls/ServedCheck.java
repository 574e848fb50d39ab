package org.autotls;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiPredicate;

/**
 * Looks, half a minute after a certificate was saved, whether it is what handshakes get; if not, raises the alarm once, and
 * looks again until it is. A certificate that is renewed and not served is as good as none, and nothing else would notice
 * before it has expired.
 *
 * <p>What replaces a certificate in the store meanwhile takes its place here; what is removed is looked for no more.
 *
 * <p><b>Threads.</b> Safe for many threads. Looking reads memory only.
 */
final class ServedCheck implements ServiceListener, AutoCloseable {

    /** What is stored is served within about a second; the rest is patience with a busy machine. */
    private static final Duration DELAY = Duration.ofSeconds(30);

    private final Scheduler scheduler;
    private final BiPredicate<Subject, CertificateBundle> served;
    private final PanicCallback alarm;
    private final Map<Subject, CertificateBundle> expected = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /**
     * Makes a check.
     *
     * @param scheduler when to look
     * @param served whether handshakes get this bundle; asked on the scheduler's thread, must not block
     * @param alarm told of a certificate that is not served, with a {@link StoreException}
     */
    ServedCheck(Scheduler scheduler, BiPredicate<Subject, CertificateBundle> served, PanicCallback alarm) {
        this.scheduler = scheduler;
        this.served = served;
        this.alarm = alarm;
    }

    @Override
    public void saved(Subject subject, CertificateBundle bundle) {
        CertificateBundle before = expected.put(subject, bundle);
        if (before == null || !before.serial().equals(bundle.serial())) {
            look(subject, bundle, false);
        }
    }

    @Override
    public void changed(StoredBundle entry) {
        if (expected.containsKey(entry.subject())) {
            entry.bundle()
                    .ifPresentOrElse(bundle -> saved(entry.subject(), bundle), () -> expected.remove(entry.subject()));
        }
    }

    @Override
    public void removed(Subject subject) {
        expected.remove(subject);
    }

    /** Looks no more. */
    @Override
    public void close() {
        closed = true;
        expected.clear();
    }

    private void look(Subject subject, CertificateBundle bundle, boolean alarmed) {
        scheduler.schedule(DELAY, () -> {
            CertificateBundle newest = expected.get(subject);
            if (closed || newest == null || !newest.serial().equals(bundle.serial())) {
                return;
            }
            if (served.test(subject, bundle)) {
                expected.remove(subject);
                return;
            }
            if (!alarmed) {
                alarm.panic(notServed(bundle), subject);
            }
            look(subject, bundle, true);
        });
    }

    private static StoreException notServed(CertificateBundle bundle) {
        return StoreException.fatal("its new certificate (serial " + bundle.serial() + ", until " + bundle.notAfter()
                + ") was stored " + DELAY.toSeconds() + " s ago and is still not served; if the log does not say why,"
                + " restart this program");
    }
}
