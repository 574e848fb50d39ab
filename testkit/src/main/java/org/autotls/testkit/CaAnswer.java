package org.autotls.testkit;

/**
 * One answer of a hostile or broken CA, by name. Immutable.
 *
 * @param name short and unique, for example {@code 503-retry-after-date}
 * @param sort what a client can make of it
 * @param fault how it is given
 */
public record CaAnswer(String name, Sort sort, Fault fault) {

    /** What a client can make of an answer, which says how it should fail. */
    public enum Sort {
        /** Unusual, and right: nothing may fail. */
        HARMLESS,
        /** The connection ends before the answer does. */
        BROKEN,
        /** Nothing more comes, or not enough, and the connection stays open: only a deadline ends it. */
        STALLED,
        /** More than any honest answer: to be cut off. */
        TOO_LARGE,
        /** Says that all is well, with a body that cannot be what was asked for. */
        GARBAGE,
        /** A status that is no success, and no problem document that says why. */
        ERROR,
        /** Asks for patience. */
        LIMIT,
        /** A problem document (RFC 8555 §6.7). */
        PROBLEM,
        /** The usual answer, in part untrue: what is to happen depends on where it is untrue. */
        UNTRUE
    }
}
