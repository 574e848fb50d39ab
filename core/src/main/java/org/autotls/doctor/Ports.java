package org.autotls.doctor;

import static java.util.Objects.requireNonNull;

/**
 * Who answers challenges meanwhile, and what. Immutable.
 *
 * @param http the port of http-01
 * @param tls the port of tls-alpn-01
 * @param rehearsal what is answered where a port is ours
 */
public record Ports(PortUse http, PortUse tls, Rehearsal rehearsal) {

    /** Checks the values. */
    public Ports {
        requireNonNull(http, "http");
        requireNonNull(tls, "tls");
        requireNonNull(rehearsal, "rehearsal");
    }

    PortUse of(String type) {
        return type.equals(ChallengeOrder.HTTP) ? http : tls;
    }
}
