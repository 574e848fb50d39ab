package org.autotls;

import static java.util.Objects.requireNonNull;

/**
 * One TXT value that proves control of an identifier (RFC 8555 §8.4, and the drafts beside it), and where it goes. Immutable.
 *
 * @param name where it goes: a DNS name in lower case, without the final dot. Usually {@code _acme-challenge.} and the
 *     identifier; another name, perhaps of another zone, if that one is an alias (CNAME)
 * @param value what stands there: 43 characters of base64url, or for dns-persist-01 at most 255 of visible ASCII and blanks;
 *     not secret
 * @param challenge what it answers, for those who have to be told more than name and value
 */
public record TxtRecord(String name, String value, Challenge challenge) {

    /** Checks a record. */
    public TxtRecord {
        requireNonNull(name, "name");
        requireNonNull(value, "value");
        requireNonNull(challenge, "challenge");
    }

    @Override
    public String toString() {
        return name + " TXT " + value;
    }
}
