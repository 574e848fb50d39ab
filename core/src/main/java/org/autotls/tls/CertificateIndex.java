package org.autotls.tls;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.autotls.Identifier;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/**
 * From server name to bundle, as of one change. Immutable; a handshake takes one and asks nothing else but the time.
 *
 * <p>A bundle is found under every name and address of its leaf, whatever it was stored as. When several bundles cover one
 * name, each client gets the best that it can use:
 *
 * <ol>
 *   <li>one that is valid now before one that is not, so that time alone may bring another;
 *   <li>one whose key is not RSA before one whose key is;
 *   <li>the one issued later, then the one that ends later;
 *   <li>the one that has been there for longer.
 * </ol>
 *
 * <p>An index that differs by one bundle shares all but the bundle's own names with the one before.
 */
public final class CertificateIndex {

    private static final Comparator<IndexEntry> LATER = Comparator.<IndexEntry, Boolean>comparing(
                    entry -> entry.leafKey() != LeafKey.RSA)
            .thenComparing(entry -> entry.bundle().notBefore())
            .thenComparing(entry -> entry.bundle().notAfter());

    /** All that cover a name, a wildcard or an address, in the order in which they came; nearly always one. */
    private final PMap<String, List<IndexEntry>> byName;

    private final Optional<IndexEntry> fallback;
    private final InstantSource clock;

    private CertificateIndex(
            PMap<String, List<IndexEntry>> byName, Optional<IndexEntry> fallback, InstantSource clock) {
        this.byName = byName;
        this.fallback = fallback;
        this.clock = clock;
    }

    /** Asks {@code clock} at each lookup. */
    static CertificateIndex empty(InstantSource clock) {
        return new CertificateIndex(HashTreePMap.empty(), Optional.empty(), clock);
    }

    /** The index in which an entry is found under its names, too. */
    CertificateIndex with(IndexEntry entry) {
        PMap<String, List<IndexEntry>> names = byName;
        for (Identifier identifier : entry.identifiers()) {
            List<IndexEntry> all = new ArrayList<>(covering(names, identifier.value()));
            all.add(entry);
            names = names.plus(identifier.value(), List.copyOf(all));
        }
        return new CertificateIndex(names, fallback, clock);
    }

    /** The index in which an entry is found under none of its names. */
    CertificateIndex without(IndexEntry entry) {
        PMap<String, List<IndexEntry>> names = byName;
        for (Identifier identifier : entry.identifiers()) {
            List<IndexEntry> all = new ArrayList<>(covering(names, identifier.value()));
            all.remove(entry);
            names = all.isEmpty() ? names.minus(identifier.value()) : names.plus(identifier.value(), List.copyOf(all));
        }
        return new CertificateIndex(names, fallback, clock);
    }

    CertificateIndex withFallback(Optional<IndexEntry> other) {
        return new CertificateIndex(byName, other, clock);
    }

    private static List<IndexEntry> covering(PMap<String, List<IndexEntry>> names, String identifier) {
        List<IndexEntry> found = names.get(identifier);
        return found == null ? List.of() : found;
    }

    private static boolean isValid(IndexEntry entry, Instant now) {
        return !now.isBefore(entry.bundle().notBefore())
                && now.isBefore(entry.bundle().notAfter());
    }

    /**
     * Finds what to serve for a server name to a client that can use every key; others may get another entry.
     *
     * <ol>
     *   <li>the bundle whose leaf has exactly this name, if it is valid now;
     *   <li>else the bundle whose leaf has a wildcard for the first label, and for that label only, if that is valid now;
     *   <li>else the first of them, expired or not valid yet;
     *   <li>else the second.
     * </ol>
     *
     * @param serverName in any case; what is no DNS name is not found
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
     * Finds what to serve to a client: what it can use, in the order of {@link #find(String)}, valid or not; if it can use
     * nothing, what others get, for the TLS engine to refuse.
     */
    Optional<IndexEntry> findNormalised(String name, Predicate<IndexEntry> usable) {
        Instant now = clock.instant();
        IndexEntry found = first(name, usable, now);
        return Optional.ofNullable(found == null ? first(name, anyone -> true, now) : found);
    }

    private @Nullable IndexEntry first(String name, Predicate<IndexEntry> usable, Instant now) {
        IndexEntry exact = best(name, usable, now);
        int dot = name.indexOf('.');
        if (dot <= 0 || (exact != null && isValid(exact, now))) {
            return exact;
        }
        IndexEntry wildcard = best("*" + name.substring(dot), usable, now);
        return exact == null || (wildcard != null && isValid(wildcard, now)) ? wildcard : exact;
    }

    private @Nullable IndexEntry best(String identifier, Predicate<IndexEntry> usable, Instant now) {
        IndexEntry best = null;
        for (IndexEntry entry : covering(byName, identifier)) {
            if (usable.test(entry) && (best == null || isBetter(entry, best, now))) {
                best = entry;
            }
        }
        return best;
    }

    private static boolean isBetter(IndexEntry entry, IndexEntry other, Instant now) {
        boolean valid = isValid(entry, now);
        return valid == isValid(other, now) ? LATER.compare(entry, other) > 0 : valid;
    }

    /** Finds what is served for an identifier of an entry, which may be a wildcard, to those who use that kind of key. */
    Optional<IndexEntry> findBeside(IndexEntry entry, Identifier identifier) {
        return Optional.ofNullable(best(identifier.value(), sameKind(entry), clock.instant()));
    }

    private static Predicate<IndexEntry> sameKind(IndexEntry entry) {
        boolean rsa = entry.leafKey() == LeafKey.RSA;
        return other -> rsa == (other.leafKey() == LeafKey.RSA);
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
        Instant now = clock.instant();
        IndexEntry found = best(address, usable, now);
        return Optional.ofNullable(found == null ? best(address, anyone -> true, now) : found);
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
        Instant now = clock.instant();
        Set<IndexEntry> all = new HashSet<>();
        byName.forEach((name, covering) -> covering.stream()
                .filter(entry -> entry == best(name, sameKind(entry), now))
                .forEach(all::add));
        return Set.copyOf(all);
    }

    /**
     * Returns how many names, wildcards and addresses are served.
     *
     * @return zero or more
     */
    public int size() {
        return byName.size();
    }
}
