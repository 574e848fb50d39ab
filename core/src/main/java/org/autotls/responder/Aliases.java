package org.autotls.responder;

import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import org.autotls.DnsQueries;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.Text;

/** Aliases (CNAME, DNAME) of a name that a CA will ask for. Stateless. */
final class Aliases {

    private static final int MAX_ALIASES = 8;

    private Aliases() {}

    /**
     * Follows them, at most eight.
     *
     * @return the last name
     * @throws IssueException of kind {@code UNPROVED} if there are more, or they lead in a circle
     */
    static String follow(DnsQueries dns, String start) {
        Set<String> seen = new LinkedHashSet<>();
        String name = start;
        while (true) {
            if (!seen.add(name)) {
                throw new IssueException(
                        Kind.UNPROVED, "the aliases (CNAME) of " + start + " lead in a circle: " + shown(seen));
            }
            if (seen.size() > MAX_ALIASES + 1) {
                throw new IssueException(
                        Kind.UNPROVED,
                        start + " leads over more than " + MAX_ALIASES + " aliases (CNAME): " + shown(seen));
            }
            Optional<String> next = dns.alias(name);
            if (next.isEmpty()) {
                return name;
            }
            name = next.get();
        }
    }

    private static String shown(Set<String> names) {
        return Text.escape(String.join(" -> ", names));
    }
}
