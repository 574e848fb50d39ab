package org.autotls.endpoint;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;

/**
 * The prefixes that are known, each with its {@link EndpointParser}. Immutable; safe for many threads.
 *
 * <p>{@link #standard} knows {@code le lets txsni acme local} over {@code tcp tcp6 unix systemd}, {@code haproxy} between
 * the two, and what {@link ServiceLoader} finds.
 */
public final class EndpointParsers {

    private final Map<String, EndpointParser> byPrefix;

    private EndpointParsers(Map<String, EndpointParser> byPrefix) {
        this.byPrefix = byPrefix;
    }

    /**
     * Returns our own prefixes and those of every parser on the class path or module path.
     *
     * @return the prefixes
     * @throws IllegalArgumentException if two parsers claim one prefix, naming both
     */
    public static EndpointParsers standard() {
        List<EndpointParser> all = new ArrayList<>(ours().all());
        ServiceLoader.load(EndpointParser.class, EndpointParsers.class.getClassLoader())
                .forEach(all::add);
        return of(all);
    }

    /**
     * Returns our own prefixes only.
     *
     * @return the prefixes
     */
    public static EndpointParsers ours() {
        List<EndpointParser> all = new ArrayList<>(CertificateParsers.all());
        all.addAll(AddressParsers.all());
        return of(all);
    }

    /**
     * Adds a prefix.
     *
     * @param parser a parser whose prefix is not taken
     * @return these prefixes and that one
     * @throws IllegalArgumentException if the prefix is taken, naming both parsers, or is no prefix
     */
    public EndpointParsers with(EndpointParser parser) {
        List<EndpointParser> all = new ArrayList<>(byPrefix.values());
        all.add(parser);
        return of(all);
    }

    /**
     * Returns the parsers, for help.
     *
     * @return sorted by prefix; unmodifiable
     */
    public List<EndpointParser> all() {
        return List.copyOf(byPrefix.values());
    }

    /**
     * Reads an endpoint string. Nothing is bound and nothing is written.
     *
     * @param text for example {@code lets:/srv/www/certs:tcp:443}
     * @return what it says
     * @throws EndpointException with the string, the column and what was expected
     */
    public ServerEndpoint parse(String text) {
        return parse(EndpointDescription.parse(text));
    }

    /**
     * Reads an endpoint that was taken apart, or a sub-endpoint.
     *
     * @param description its prefix first
     * @return what it says
     * @throws EndpointException with the string, the column and what was expected
     */
    public ServerEndpoint parse(EndpointDescription description) {
        EndpointParser parser = byPrefix.get(description.prefix().value());
        if (parser == null) {
            throw description.refuse(description.prefix(), "one of " + String.join(", ", byPrefix.keySet()));
        }
        return parser.parse(description, this);
    }

    private static EndpointParsers of(Collection<EndpointParser> parsers) {
        Map<String, EndpointParser> byPrefix = new TreeMap<>();
        for (EndpointParser parser : parsers) {
            String prefix = parser.prefix();
            if (!prefix.matches("[a-z0-9]+")) {
                throw new IllegalArgumentException(
                        "prefix '" + prefix + "' of " + parser.getClass().getName() + ": expected [a-z0-9]+");
            }
            EndpointParser other = byPrefix.putIfAbsent(prefix, parser);
            if (other != null) {
                throw new IllegalArgumentException("prefix '" + prefix + "' is claimed by "
                        + other.getClass().getName() + " and by "
                        + parser.getClass().getName());
            }
        }
        return new EndpointParsers(byPrefix);
    }
}
