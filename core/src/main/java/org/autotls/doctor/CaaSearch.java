package org.autotls.doctor;

import java.util.List;

/**
 * The CAA records that count for a name: the first there are on the way up the tree (RFC 8659 §3). Immutable.
 *
 * @param at where they stand; empty if there are none
 * @param records at least one, unless {@code at} is empty
 */
record CaaSearch(String at, List<CaaRecord> records) {

    private static final CaaSearch NOTHING = new CaaSearch("", List.of());

    CaaSearch {
        records = List.copyOf(records);
    }

    /**
     * Climbs from the name to the top-level domain. An alias is followed for its own records only: the way up goes on from
     * the name, not from what it stands for.
     *
     * @param name no wildcard
     * @throws org.autotls.IssueException if a level cannot be asked: then a CA must not issue either
     */
    static CaaSearch climb(String name, DnsLookup dns) {
        String at = name;
        while (true) {
            List<CaaRecord> records = dns.caa(at);
            if (!records.isEmpty()) {
                return new CaaSearch(at, records);
            }
            int dot = at.indexOf('.');
            if (dot < 0) {
                return NOTHING;
            }
            at = at.substring(dot + 1);
        }
    }

    /** The properties that restrict: for a wildcard {@code issuewild} if there is one, else {@code issue} (§4.2, §4.3). */
    List<CaaRecord> restricting(boolean wildcard) {
        List<CaaRecord> wild = tagged("issuewild");
        return wildcard && !wild.isEmpty() ? wild : tagged("issue");
    }

    private List<CaaRecord> tagged(String tag) {
        return records.stream().filter(record -> record.tag().equals(tag)).toList();
    }
}
