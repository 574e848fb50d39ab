package org.autotls.dns;

import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.TxtRecord;

/**
 * Adding and removing where the provider replaces all values of a name at once. The old set is named in the change, which the
 * provider refuses if it is another by now: then the set is read again. So nobody's value is lost, whoever writes meanwhile.
 * Immutable.
 */
record WholeSet(String api, Calls calls) {

    private static final int MAX_RACES = 20;

    /**
     * All TXT values of a name, as the provider writes them.
     *
     * @param ttl in seconds; of the whole set
     * @param data in its order
     */
    record Values(long ttl, Set<String> data) {

        static final Values NONE = new Values(Txt.TTL, Set.of());

        boolean isEmpty() {
            return data.isEmpty();
        }
    }

    /** What differs between providers. */
    interface Calls {

        /** The id of the zone of exactly this name. */
        Optional<String> zone(String name);

        /** What is there; {@link Values#NONE} if nothing is. */
        Values read(Zone zone, String name);

        /** Replaces {@code before}, which may be none, by {@code after}, likewise; false if it is another by now. */
        boolean replace(Zone zone, String name, Values before, Values after);
    }

    void add(TxtRecord record) {
        change(record, true);
    }

    void remove(TxtRecord record) {
        change(record, false);
    }

    private void change(TxtRecord record, boolean wanted) {
        Zone zone = Zone.find(api, record.name(), calls::zone);
        String data = Txt.quote(record.value());
        for (int race = 0; race < MAX_RACES; race++) {
            Values before = calls.read(zone, record.name());
            if (before.data().contains(data) == wanted) {
                return;
            }
            Set<String> after = new LinkedHashSet<>(before.data());
            if (wanted) {
                after.add(data);
            } else {
                after.remove(data);
            }
            if (calls.replace(zone, record.name(), before, new Values(before.ttl(), after))) {
                return;
            }
        }
        throw new IssueException(
                Kind.UNPROVED,
                "the TXT values at " + record.name() + " change faster at " + api + " than they can be written");
    }
}
