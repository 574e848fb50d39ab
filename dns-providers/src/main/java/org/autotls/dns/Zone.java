package org.autotls.dns;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;

/**
 * A zone at a provider. Immutable.
 *
 * @param name without the final dot
 * @param id what the provider's paths call it
 */
record Zone(String name, String id) {

    /**
     * Finds the zone that a name lies in: the longest suffix that the provider has, the name itself included.
     *
     * @param lookup the id of the zone of exactly that name
     * @throws IssueException of kind {@code CONFIGURATION} if there is none
     */
    static Zone find(String api, String name, Function<String, Optional<String>> lookup) {
        for (String candidate : candidates(name)) {
            Optional<String> id = lookup.apply(candidate);
            if (id.isPresent()) {
                return new Zone(candidate, id.get());
            }
        }
        throw new IssueException(
                Kind.CONFIGURATION,
                api + " has no zone for " + name + " that these credentials may see (looked for " + candidates(name)
                        + ")");
    }

    /** Not the top-level domain: nobody's zone, and asking for it takes a request. */
    private static List<String> candidates(String name) {
        List<String> all = new ArrayList<>();
        for (String at = name; at.indexOf('.') > 0; at = at.substring(at.indexOf('.') + 1)) {
            all.add(at);
        }
        return all;
    }

    /** What the provider calls a name inside this zone: without the zone, {@code @} for the zone itself. */
    String relative(String name) {
        return name.equals(this.name) ? "@" : name.substring(0, name.length() - this.name.length() - 1);
    }
}
