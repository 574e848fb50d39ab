package org.autotls;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.autotls.internal.JsonObject;

/**
 * What a restart, or another node, must not forget about the renewal of one certificate: who issued it, when that issuer
 * wants it renewed, and when it is asked again. Immutable.
 *
 * <p>The instant is drawn once for each window and kept, so that looking often does not mean renewing early. Before the
 * issuer is asked, the record is written as if the answer had not come, so that a program which crashes in a loop asks no
 * more often than one that fails.
 *
 * @param certificateId RFC 9773 §4.1; empty if nothing is known
 * @param origin what the issuer called itself
 * @param issuedAt when it came, by this machine's clock: a CA may date certificates back
 * @param window when the issuer wants it renewed; empty if it has not said
 * @param selected the instant drawn from the window; meaningless without one
 * @param explanationUrl a page that says why; may be empty
 * @param askAt when the issuer is asked again
 * @param failures how often in a row it was asked and gave no answer
 */
public record RenewalRecord(
        String certificateId,
        String origin,
        Instant issuedAt,
        Optional<RenewalWindow> window,
        Instant selected,
        String explanationUrl,
        Instant askAt,
        int failures) {

    /** Nothing is known. */
    public static final RenewalRecord NONE =
            new RenewalRecord("", "", Instant.EPOCH, Optional.empty(), Instant.EPOCH, "", Instant.EPOCH, 0);

    private static final Duration LONGEST = Duration.ofDays(1);
    private static final int MAX_FAILURES = 1000;

    /** Checks the values. */
    public RenewalRecord {
        requireNonNull(certificateId, "certificateId");
        requireNonNull(origin, "origin");
        requireNonNull(issuedAt, "issuedAt");
        requireNonNull(window, "window");
        requireNonNull(selected, "selected");
        requireNonNull(explanationUrl, "explanationUrl");
        requireNonNull(askAt, "askAt");
        failures = Math.max(0, Math.min(failures, MAX_FAILURES));
    }

    /** A new certificate, whose issuer is asked at once (RFC 9773 §4.3.2). */
    static RenewalRecord issued(String certificateId, String origin, Instant now) {
        return new RenewalRecord(certificateId, origin, now, Optional.empty(), Instant.EPOCH, "", now, 0);
    }

    /**
     * Tells whether anything is known.
     *
     * @return false for {@link #NONE}
     */
    public boolean exists() {
        return !certificateId.isEmpty();
    }

    /** The certificate, for who issued it. */
    Optional<IssuedCertificate> certificate() {
        return exists() ? Optional.of(new IssuedCertificate(certificateId, origin)) : Optional.empty();
    }

    /** When to ask, even if a clock that ran ahead wrote the record. */
    Instant askAt(Instant now) {
        Instant latest = now.plus(LONGEST);
        return askAt.isAfter(latest) ? now : askAt;
    }

    /** What is kept while the question is under way. */
    RenewalRecord asked(Instant now, RandomGenerator random) {
        return asking(failures + 1, new IssueException(IssueException.Kind.SERVER, "no answer yet"), now, random);
    }

    /**
     * What is kept when there was no answer: the window of the last one. After 1, 10 and 100 minutes and then every six hours
     * the issuer is asked again (RFC 9773 §4.3.3), or when it asked for that, within a day.
     */
    RenewalRecord failed(IssueException failure, Instant now, RandomGenerator random) {
        return asking(Math.max(1, failures), failure, now, random);
    }

    private RenewalRecord asking(int failed, IssueException failure, Instant now, RandomGenerator random) {
        Instant next = RetrySchedule.next(failed, failure, now, random);
        Instant latest = now.plus(failure.retryAt().isPresent() ? LONGEST : RenewalInformation.ASK_AGAIN);
        return new RenewalRecord(
                certificateId,
                origin,
                issuedAt,
                window,
                selected,
                explanationUrl,
                next.isAfter(latest) ? latest : next,
                failed);
    }

    /** What is kept of an answer. A window that was known keeps its draw. */
    RenewalRecord answered(RenewalInformation said, Instant now, RandomGenerator random) {
        RenewalWindow told = said.window();
        Instant drawn = window.filter(told::equals).isPresent() ? selected : told.at(random.nextDouble());
        return new RenewalRecord(
                certificateId,
                origin,
                issuedAt,
                Optional.of(told),
                drawn,
                said.explanationUrl(),
                now.plus(said.askAgainAfter()),
                0);
    }

    /** What is kept if the issuer has no word on renewal: it may have one tomorrow. */
    RenewalRecord unsaid(Instant now) {
        return new RenewalRecord(
                certificateId, origin, issuedAt, Optional.empty(), Instant.EPOCH, "", now.plus(LONGEST), 0);
    }

    Map<String, Object> toJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("certificate", certificateId);
        json.put("origin", origin);
        json.put("issuedAt", issuedAt);
        window.ifPresent(known -> {
            json.put("start", known.start());
            json.put("end", known.end());
            json.put("selected", selected);
            json.put("explanation", explanationUrl);
        });
        json.put("askAt", askAt);
        json.put("failures", failures);
        return json;
    }

    /**
     * Reads what {@link #toJson} wrote.
     *
     * @throws IllegalArgumentException or {@link java.time.DateTimeException} if it did not
     */
    static RenewalRecord parse(JsonObject json) {
        Optional<RenewalWindow> window =
                json.text("start").map(start -> new RenewalWindow(Instant.parse(start), instant(json, "end")));
        return new RenewalRecord(
                json.text("certificate").orElse(""),
                json.text("origin").orElse(""),
                instant(json, "issuedAt"),
                window,
                instant(json, "selected"),
                json.text("explanation").orElse(""),
                instant(json, "askAt"),
                json.number("failures").map(Long::intValue).orElse(0));
    }

    private static Instant instant(JsonObject json, String name) {
        return json.text(name).map(Instant::parse).orElse(Instant.EPOCH);
    }
}
