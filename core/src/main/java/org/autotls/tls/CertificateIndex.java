package org.autotls.tls;

import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.autotls.Identifier;
import org.jspecify.annotations.Nullable;

/**
 * From server name to bundle, at one moment. Immutable; a handshake takes one and asks nothing else.
 *
 * <p>A bundle is found under every name and address of its leaf, whatever it was stored as. When two bundles with the same
 * kind of key (RSA, or any other) cover one name, the one that is valid when the index is made wins over one that is not; of two
 * like that, the one issued later. Of two with different kinds, each client gets what it can use; a client that can use both,
 * the one that is not RSA, unless only the other is valid.
 */
public final class CertificateIndex {

    private final Map<String, IndexEntry> rsa;
    /** ECDSA, nearly always. */
    private final Map<String, IndexEntry> others;

    private final Optional<IndexEntry> fallback;
    private final Instant madeAt;

    private CertificateIndex(
            Map<String, IndexEntry> rsa,
            Map<String, IndexEntry> others,
            Optional<IndexEntry> fallback,
            Instant madeAt) {
        this.rsa = rsa;
        this.others = others;
        this.fallback = fallback;
        this.madeAt = madeAt;
    }

    static CertificateIndex of(Collection<IndexEntry> entries, Optional<IndexEntry> fallback, Instant now) {
        Comparator<IndexEntry> better = Comparator.<IndexEntry, Boolean>comparing(entry -> isValid(entry, now))
                .thenComparing(entry -> entry.bundle().notBefore())
                .thenComparing(entry -> entry.bundle().notAfter());
        Map<String, IndexEntry> rsa = new HashMap<>();
        Map<String, IndexEntry> others = new HashMap<>(entries.size() * 2);
        for (IndexEntry entry : entries) {
            Map<String, IndexEntry> found = entry.leafKey() == LeafKey.RSA ? rsa : others;
            for (Identifier identifier : entry.identifiers()) {
                found.merge(identifier.value(), entry, (one, other) -> better.compare(other, one) > 0 ? other : one);
            }
        }
        return new CertificateIndex(rsa, others, fallback, now);
    }

    private static boolean isValid(IndexEntry entry, Instant now) {
        return !now.isBefore(entry.bundle().notBefore())
                && now.isBefore(entry.bundle().notAfter());
    }

    /**
     * Finds what to serve for a server name to a client that can use every key; others may get another entry.
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
        return find(serverName, anyone -> true);
    }

    /** As above, in a client's eyes. */
    Optional<IndexEntry> find(String serverName, Predicate<IndexEntry> usable) {
        return ServerName.normalise(serverName).flatMap(name -> findNormalised(name, usable));
    }

    /**
     * Finds what to serve to a client: what it can use, by the exact name before a wildcard; if it can use nothing, what others
     * get, for the TLS engine to refuse.
     */
    Optional<IndexEntry> findNormalised(String name, Predicate<IndexEntry> usable) {
        int dot = name.indexOf('.');
        String wildcard = dot > 0 ? "*" + name.substring(dot) : name;
        IndexEntry found = best(name, usable);
        if (found == null) {
            found = best(wildcard, usable);
        }
        if (found == null) {
            found = best(name, anyone -> true);
        }
        return Optional.ofNullable(found == null ? best(wildcard, anyone -> true) : found);
    }

    private @Nullable IndexEntry best(String identifier, Predicate<IndexEntry> usable) {
        IndexEntry other = others.get(identifier);
        IndexEntry withRsa = rsa.get(identifier);
        if (withRsa != null && !usable.test(withRsa)) {
            withRsa = null;
        }
        if (other == null || !usable.test(other)) {
            return withRsa;
        }
        return withRsa != null && !isValid(other, madeAt) && isValid(withRsa, madeAt) ? withRsa : other;
    }

    /** Finds what is served for an identifier of an entry, which may be a wildcard, to those who use that kind of key. */
    Optional<IndexEntry> findBeside(IndexEntry entry, Identifier identifier) {
        return Optional.ofNullable((entry.leafKey() == LeafKey.RSA ? rsa : others).get(identifier.value()));
    }

    /**
     * Finds what to serve on an IP address to a client that sends no server name, as clients do that connect to an address
     * (RFC 6066 §3, RFC 8738).
     *
     * @param address the local end of the connection in its canonical text form
     * @return the entry, expired or not
     */
    public Optional<IndexEntry> findAddress(String address) {
        return findAddress(address, anyone -> true);
    }

    /** As above, in a client's eyes. */
    Optional<IndexEntry> findAddress(String address, Predicate<IndexEntry> usable) {
        IndexEntry found = best(address, usable);
        return Optional.ofNullable(found == null ? best(address, anyone -> true) : found);
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
     * Returns all that is served by name or address, for reports.
     *
     * @return each entry once
     */
    public Set<IndexEntry> entries() {
        Set<IndexEntry> all = new HashSet<>(others.values());
        all.addAll(rsa.values());
        return Set.copyOf(all);
    }

    /**
     * Returns how many names, wildcards and addresses are served.
     *
     * @return zero or more
     */
    public int size() {
        Set<String> all = new HashSet<>(others.keySet());
        all.addAll(rsa.keySet());
        return all.size();
    }
}
