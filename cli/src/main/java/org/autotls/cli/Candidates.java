package org.autotls.cli;

import java.util.Iterator;
import java.util.stream.Stream;
import org.autotls.KeyType;
import org.autotls.acme.RevocationReason;

/** What a shell may complete where the values of an option are not of a type that picocli knows. Stateless. */
final class Candidates {

    private Candidates() {}

    /** For {@code --key-type}. */
    static final class KeyTypes implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Stream.of(KeyType.values()).map(KeyType::toString).iterator();
        }
    }

    /** For {@code --reason}. */
    static final class Reasons implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Stream.of(RevocationReason.values())
                    .map(RevocationReason::toString)
                    .iterator();
        }
    }
}
