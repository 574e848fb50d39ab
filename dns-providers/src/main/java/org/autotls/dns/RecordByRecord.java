package org.autotls.dns;

import java.util.List;
import java.util.Optional;
import org.autotls.TxtRecord;

/**
 * Adding and removing where the provider keeps each value as a record of its own: others' values cannot be touched, and two
 * processes do not meet. A value is found again by its content, so nothing need be remembered. Immutable.
 */
record RecordByRecord(String api, Calls calls) {

    /** What differs between providers. */
    interface Calls {

        /** The id of the zone of exactly this name. */
        Optional<String> zone(String name);

        /** All TXT records at a name. */
        List<Found> records(Zone zone, String name);

        /** Adds one; if it is there already, that is no error. */
        void create(Zone zone, TxtRecord record);

        /** Deletes one; if it is gone, that is no error. */
        void delete(Zone zone, Found found);
    }

    /** A record at the provider. */
    record Found(String id, String value) {}

    void add(TxtRecord record) {
        Zone zone = Zone.find(api, record.name(), calls::zone);
        if (own(zone, record).isEmpty()) {
            calls.create(zone, record);
        }
    }

    void remove(TxtRecord record) {
        Zone zone = Zone.find(api, record.name(), calls::zone);
        own(zone, record).forEach(found -> calls.delete(zone, found));
    }

    private List<Found> own(Zone zone, TxtRecord record) {
        return calls.records(zone, record.name()).stream()
                .filter(found -> found.value().equals(record.value()))
                .toList();
    }
}
