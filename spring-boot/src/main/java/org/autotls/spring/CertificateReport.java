package org.autotls.spring;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.autotls.AttemptRecord;
import org.autotls.AutoTls;
import org.autotls.CertificateBundle;
import org.autotls.IssuingService;
import org.autotls.Subject;
import org.autotls.SubjectStatus;
import org.autotls.tls.IndexEntry;

/**
 * How the certificates of an application stand, for the endpoints {@code health} and {@code info} of Actuator. Holds no key.
 * Immutable.
 */
public final class CertificateReport {

    /** More are not listed, those that end first go before others. */
    private static final int MAX_LISTED = 100;

    /**
     * One certificate.
     *
     * @param name what it is for
     * @param notAfter when it ends; empty if there is none
     * @param failure the last failure to issue it; empty if the last try succeeded, or the first one runs
     */
    private record Line(String name, Optional<Instant> notAfter, String failure) {

        static Line of(SubjectStatus status) {
            AttemptRecord attempts = status.attempts();
            boolean failing = attempts.failures() > (attempts.kind().equals(AttemptRecord.STARTED) ? 1 : 0);
            return new Line(
                    status.subject().name(),
                    status.leaf().exists() ? Optional.of(status.leaf().notAfter()) : Optional.empty(),
                    failing ? attempts.kind() + ": " + attempts.message() : "");
        }

        static Line of(CertificateBundle served, Instant now) {
            boolean expired = !now.isBefore(served.notAfter());
            return new Line(
                    Subject.of(served.identifiers()).name(),
                    Optional.of(served.notAfter()),
                    expired ? "whoever keeps the directory has not renewed it" : "");
        }

        boolean isLost(Instant now) {
            return !failure.isEmpty() && notAfter.map(end -> !now.isBefore(end)).orElse(true);
        }

        Map<String, Object> details(Instant now) {
            Map<String, Object> details = new LinkedHashMap<>();
            notAfter.ifPresent(end -> {
                details.put("daysLeft", Math.floorDiv(Duration.between(now, end).toSeconds(), 86_400L));
                details.put("validUntil", end.toString());
            });
            if (!failure.isEmpty()) {
                details.put("lastFailure", failure);
            }
            return details;
        }
    }

    private final List<Line> lines;
    private final Instant now;

    private CertificateReport(List<Line> lines, Instant now) {
        this.lines = lines;
        this.now = now;
    }

    /**
     * Reads how they stand now, from memory.
     *
     * @param autoTls what serves and issues
     * @return a report
     */
    public static CertificateReport of(AutoTls autoTls) {
        return of(autoTls, InstantSource.system());
    }

    static CertificateReport of(AutoTls autoTls, InstantSource clock) {
        Instant now = clock.instant();
        Optional<IssuingService> service = autoTls.service();
        List<Line> lines = new ArrayList<>();
        if (service.isPresent()) {
            service.get().status().forEach(status -> lines.add(Line.of(status)));
        } else {
            for (IndexEntry entry : autoTls.index().current().entries()) {
                lines.add(Line.of(entry.bundle(), now));
            }
        }
        lines.sort(Comparator.comparing((Line line) -> line.notAfter().orElse(Instant.MIN))
                .thenComparing(Line::name));
        return new CertificateReport(List.copyOf(lines), now);
    }

    /**
     * Tells whether every name can be served, or still be hoped for.
     *
     * @return false if one has no certificate, or an expired one, and the last try to issue it failed
     */
    public boolean isUp() {
        return lines.stream().noneMatch(line -> line.isLost(now));
    }

    /**
     * Returns what {@code health} shows: the days that each certificate has left, when it ends, and its last failure.
     *
     * @return by what the certificates are for; at most a hundred of them, and how many there are in all
     */
    public Map<String, Object> health() {
        Map<String, Object> certificates = new LinkedHashMap<>();
        lines.stream().limit(MAX_LISTED).forEach(line -> certificates.putIfAbsent(line.name(), line.details(now)));
        return counted("certificates", certificates);
    }

    /**
     * Returns what {@code info} shows: what certificates are for and when they end.
     *
     * @return at most a hundred of them, and how many there are in all
     */
    public Map<String, Object> info() {
        Map<String, Object> certificates = new LinkedHashMap<>();
        lines.stream()
                .limit(MAX_LISTED)
                .forEach(line -> certificates.putIfAbsent(
                        line.name(), line.notAfter().map(Instant::toString).orElse("none yet")));
        return counted("validUntil", certificates);
    }

    private Map<String, Object> counted(String name, Map<String, Object> certificates) {
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("count", lines.size());
        details.put(name, certificates);
        return details;
    }
}
