package org.autotls;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.autotls.internal.CertificateIds;
import org.autotls.internal.JsonObject;
import org.autotls.internal.StateKeys;

/**
 * The renewal records in a {@link StateStore}: one document for each subject, with the record of its newest certificate and
 * of the one before, which is still stored when the process dies between the two writes.
 *
 * <p><b>Threads.</b> Safe for many threads; every method may block on I/O.
 */
final class RenewalRecords {

    static final String PREFIX = "renewals/";

    private static final int KEPT = 2;
    private static final int TRIES = 5;

    /** A record before and after a change. */
    record Change(RenewalRecord before, RenewalRecord after) {

        boolean isMade() {
            return !before.equals(after);
        }

        boolean hasNewWindow() {
            return after.window().isPresent() && !after.window().equals(before.window());
        }
    }

    private record Document(List<RenewalRecord> records, Revision revision) {}

    private final StateStore state;

    RenewalRecords(StateStore state) {
        this.state = state;
    }

    /**
     * Reads the record of the certificate that is stored.
     *
     * @return {@link RenewalRecord#NONE} if there is none, or it came from elsewhere
     */
    RenewalRecord find(StoredBundle entry) {
        return entry.bundle()
                .flatMap(bundle -> CertificateIds.of(bundle.leaf()))
                .flatMap(id -> of(read(entry.subject()).records(), id))
                .orElse(RenewalRecord.NONE);
    }

    /** Reads the record of the last certificate that was issued for a subject, whatever is stored now. */
    RenewalRecord last(Subject subject) {
        return read(subject).records().stream().findFirst().orElse(RenewalRecord.NONE);
    }

    /** Notes who issued a bundle, before it is saved. One of an unknown origin, or without an identifier, is not noted. */
    void issued(Subject subject, CertificateBundle bundle, Instant now) {
        Optional<String> id = CertificateIds.of(bundle.leaf());
        if (id.isEmpty() || bundle.origin().isEmpty()) {
            return;
        }
        for (int i = 0; i < TRIES; i++) {
            Document document = read(subject);
            if (of(document.records(), id.get()).isPresent()) {
                return; // saved again after a crash
            }
            List<RenewalRecord> records =
                    new ArrayList<>(List.of(RenewalRecord.issued(id.get(), bundle.origin(), now)));
            document.records().stream().limit(KEPT - 1).forEach(records::add);
            if (save(subject, new Document(records, document.revision()))) {
                return;
            }
        }
        throw contended(subject);
    }

    /** Changes the record of one certificate; if another process came first, what it wrote is changed. */
    Change update(Subject subject, String certificateId, UnaryOperator<RenewalRecord> change) {
        for (int i = 0; i < TRIES; i++) {
            Document document = read(subject);
            Optional<RenewalRecord> before = of(document.records(), certificateId);
            if (before.isEmpty()) {
                return new Change(RenewalRecord.NONE, RenewalRecord.NONE);
            }
            Change made = new Change(before.get(), change.apply(before.get()));
            List<RenewalRecord> records = document.records().stream()
                    .map(record -> record.equals(made.before()) ? made.after() : record)
                    .toList();
            if (!made.isMade() || save(subject, new Document(records, document.revision()))) {
                return made;
            }
        }
        throw contended(subject);
    }

    void forget(Subject subject) {
        state.delete(key(subject));
    }

    private static Optional<RenewalRecord> of(List<RenewalRecord> records, String certificateId) {
        return records.stream()
                .filter(record -> record.certificateId().equals(certificateId))
                .findFirst();
    }

    private Document read(Subject subject) {
        return state.find(key(subject))
                .map(entry -> new Document(parse(entry.text()), entry.revision()))
                .orElse(new Document(List.of(), Revision.NONE));
    }

    private boolean save(Subject subject, Document document) {
        String text = JsonObject.write(Map.of(
                "certificates",
                document.records().stream().map(RenewalRecord::toJson).toList()));
        return state.save(key(subject), text, document.revision()).isPresent();
    }

    /** What cannot be read is not known: then the certificate's own times say when it is renewed. */
    private static List<RenewalRecord> parse(String text) {
        try {
            return JsonObject.parse(text).objects("certificates").stream()
                    .map(RenewalRecord::parse)
                    .filter(RenewalRecord::exists)
                    .limit(KEPT)
                    .toList();
        } catch (IllegalArgumentException | DateTimeException e) {
            return List.of();
        }
    }

    private static String key(Subject subject) {
        return PREFIX + StateKeys.segment(subject);
    }

    private static StoreException contended(Subject subject) {
        return StoreException.retryable(
                "the renewal record '" + key(subject) + "' changes faster than it can be saved",
                new IllegalStateException(TRIES + " tries to compare and save failed"));
    }
}
