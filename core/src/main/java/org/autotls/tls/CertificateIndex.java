package org.autotls.tls;

import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.autotls.Identifier;

/**
 * From server name to bundle, at one moment. Immutable; a handshake takes one and asks nothing else.
 *
 * <p>A bundle is found under every name and address of its leaf, whatever it was stored as. When two bundles cover one name,
 * the one that is valid when the index is made wins over one that is not; of two like that, the one issued later.
 */
public final class CertificateIndex {

    private final Map<String, IndexEntry> byIdentifier;
    private final Optional<IndexEntry> fallback;

    private CertificateIndex(Map<String, IndexEntry> byIdentifier, Optional<IndexEntry> fallback) {
        this.byIdentifier = byIdentifier;
        this.fallback = fallback;
    }

    static CertificateIndex of(Collection<IndexEntry> entries, Optional<IndexEntry> fallback, Instant now) {
        Comparator<IndexEntry> better = Comparator.<IndexEntry, Boolean>comparing(entry -> isValid(entry, now))
                .thenComparing(entry -> entry.bundle().notBefore())
                .thenComparing(entry -> entry.bundle().notAfter());
        Map<String, IndexEntry> found = new HashMap<>(entries.size() * 2);
        for (IndexEntry entry : entries) {
            for (Identifier identifier : entry.identifiers()) {
                found.merge(identifier.value(), entry, (one, other) -> better.compare(other, one) > 0 ? other : one);
            }
        }
        return new CertificateIndex(found, fallback);
    }

    private static boolean isValid(IndexEntry entry, Instant now) {
        return !now.isBefore(entry.bundle().notBefore())
                && now.isBefore(entry.bundle().notAfter());
    }

    /**
     * Finds what to serve for a server name.
     *
     * <ol>
     *   <li>the bundle whose leaf has exactly this name;
     *   <li>else the bundle whose leaf has a wildcard for its first label, and for that label only.
     * </ol>
     *
     * @param serverName in any case; what {@link ServerName} refuses is not found
     * @return the entry, expired or not
     */
    public Optional<IndexEntry> find(String serverName) {
        return ServerName.normalise(serverName).flatMap(this::findNormalised);
    }

    Optional<IndexEntry> findNormalised(String name) {
        IndexEntry exact = byIdentifier.get(name);
        int dot = name.indexOf('.');
        return Optional.ofNullable(exact == null && dot > 0 ? byIdentifier.get("*" + name.substring(dot)) : exact);
    }

    /** Finds what is served for an identifier of a leaf, which may be a wildcard. */
    Optional<IndexEntry> findIdentifier(Identifier identifier) {
        return Optional.ofNullable(byIdentifier.get(identifier.value()));
    }

    /**
     * Finds what to serve on an IP address to a client that sends no server name, as clients do that connect to an address
     * (RFC 6066 §3, RFC 8738).
     *
     * @param address the local end of the connection in its canonical text form
     * @return the entry, expired or not
     */
    public Optional<IndexEntry> findAddress(String address) {
        return Optional.ofNullable(byIdentifier.get(address));
    }

    /**
     * Returns what is served to a client that sends no server name and connects to no address that is served.
     *
     * @return empty if such a client is refused, the default
     */
    public Optional<IndexEntry> fallback() {
        return fallback;
    }

    /**
     * Returns how many names, wildcards and addresses are served.
     *
     * @return zero or more
     */
    public int size() {
        return byIdentifier.size();
    }
}
