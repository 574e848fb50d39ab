package org.autotls.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.autotls.Identifier;

/** May this CA issue for this name (RFC 8659, with the parameters of RFC 8657)? Stateless. */
final class CaaCheck {

    static final String NAME = "caa";

    /** RFC 8659, RFC 9495, and what the CA/Browser Forum has: no reason for a CA not to issue. */
    private static final Set<String> KNOWN =
            Set.of("issue", "issuewild", "iodef", "issuemail", "issuevmc", "contactemail", "contactphone");

    private CaaCheck() {}

    /**
     * What we are to a CA.
     *
     * @param directory its directory's URL
     * @param identities the domains that CAA records name it by; empty if it does not say
     * @param account the URL of our account; empty if there is none yet
     * @param method the challenge that would be used
     */
    record Applicant(String directory, List<String> identities, String account, String method) {
        Applicant {
            identities = identities.stream()
                    .map(identity -> identity.toLowerCase(Locale.ROOT))
                    .toList();
        }
    }

    /**
     * Judges.
     *
     * <p>The order of the decision: 1. no records at all: everybody may issue; 2. a critical property that nobody knows:
     * nobody may; 3. no property that restricts this kind of name: everybody may; 4. no property names any CA: nobody may; 5. the
     * CA does not say what it is called: a person has to judge; 6. a property names the CA, and its parameters let us in;
     * 7. none does.
     */
    static Finding judge(Identifier name, CaaSearch search, Applicant applicant) {
        if (search.records().isEmpty()) {
            return Finding.ok(NAME, name.value(), "no CAA records: every CA may issue");
        }
        for (CaaRecord record : search.records()) {
            if (record.critical() && !KNOWN.contains(record.tag())) {
                return Finding.problem(
                        NAME,
                        name.value(),
                        "CAA at " + search.at() + " has a critical property that CAs do not know: " + record,
                        "remove it, or clear its critical flag");
            }
        }
        List<CaaRecord> restricting = search.restricting(name.isWildcard());
        if (restricting.isEmpty()) {
            return Finding.ok(NAME, name.value(), "CAA at " + search.at() + " restricts nobody: " + search.records());
        }
        if (restricting.stream().allMatch(CaaCheck::isNobody)) {
            return Finding.problem(
                    NAME,
                    name.value(),
                    "CAA at " + search.at() + " lets nobody issue: " + restricting,
                    "add at " + search.at() + " the CA's domain: CAA 0 "
                            + restricting.get(0).tag() + " \"ca.example\"");
        }
        if (applicant.identities().isEmpty()) {
            return Finding.warning(
                    NAME,
                    name.value(),
                    "CAA at " + search.at() + " restricts who may issue: " + restricting + ", and the CA at "
                            + applicant.directory() + " does not say by which domain CAA records name it",
                    "look into the CA's documents whether one of these is its own");
        }
        return restricted(name, search.at(), restricting, applicant);
    }

    /** A property that is malformed lets nobody in either. */
    private static boolean isNobody(CaaRecord record) {
        return CaaProperty.parse(record.value())
                .map(CaaProperty::issuer)
                .orElse("")
                .isEmpty();
    }

    private static Finding restricted(Identifier name, String at, List<CaaRecord> restricting, Applicant applicant) {
        List<String> obstacles = new ArrayList<>();
        for (CaaRecord record : restricting) {
            Optional<CaaProperty> ours = CaaProperty.parse(record.value())
                    .filter(property -> applicant.identities().contains(property.issuer()));
            if (ours.isEmpty()) {
                continue;
            }
            Optional<String> obstacle = ours.get().obstacle(applicant.account(), applicant.method());
            if (obstacle.isEmpty()) {
                return Finding.ok(
                        NAME,
                        name.value(),
                        "CAA at " + at + " lets " + ours.get().issuer() + " issue: " + record);
            }
            obstacles.add(obstacle.get());
        }
        String tag = restricting.get(0).tag();
        return obstacles.isEmpty()
                ? Finding.problem(
                        NAME,
                        name.value(),
                        "CAA at " + at + " lets only others issue: " + restricting,
                        "add at " + at + ": CAA 0 " + tag + " \""
                                + applicant.identities().get(0) + "\", or order from another CA")
                : Finding.problem(
                        NAME,
                        name.value(),
                        "CAA at " + at + " names " + applicant.identities().get(0) + ", but not for us: "
                                + String.join("; ", obstacles),
                        "change the record; 'autotls account show' tells the account's URL, --challenge chooses the"
                                + " method");
    }
}
