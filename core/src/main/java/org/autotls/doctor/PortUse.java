package org.autotls.doctor;

import static java.util.Objects.requireNonNull;

/**
 * Who answers challenges of one type while it is looked whether they can be reached. Immutable.
 *
 * @param state who
 * @param detail why nobody, one line; empty otherwise
 * @param askedPort where CAs ask: 80 for http-01, 443 for tls-alpn-01, unless the CA is one for tests
 */
public record PortUse(State state, String detail, int askedPort) {

    private static final int MAX_PORT = 65_535;

    /** Who answers. */
    public enum State {
        /** We do, with the {@link Rehearsal}. */
        OURS,
        /** Another program has the port; it may be this one, serving already. */
        TAKEN,
        /** Nobody: we may not listen there. */
        CLOSED,
        /** Not known. */
        UNKNOWN
    }

    /** Checks the port. */
    public PortUse {
        requireNonNull(state, "state");
        requireNonNull(detail, "detail");
        if (askedPort < 1 || askedPort > MAX_PORT) {
            throw new IllegalArgumentException("port " + askedPort + ": expected 1 to " + MAX_PORT);
        }
    }

    /**
     * Returns the same with another state.
     *
     * @param now who answers
     * @param why one line; empty if there is nothing to say
     * @return a copy
     */
    public PortUse with(State now, String why) {
        return new PortUse(now, why, askedPort);
    }
}
