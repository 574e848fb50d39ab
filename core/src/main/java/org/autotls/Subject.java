package org.autotls;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What one certificate is for: a canonical set of identifiers. The key of stores and plans. Immutable; two subjects are
 * equal when they hold the same identifiers, in whatever order they were given, and are both primary or alternates of one
 * algorithm.
 *
 * <p>A certificate with another kind of key over the same identifiers has a subject of its own, the {@linkplain #alternate
 * alternate}: it is stored, renewed and revoked by itself. Which of the two a client gets is decided by what the client can
 * verify.
 */
public final class Subject implements Comparable<Subject> {

    /** More names than any CA of the public Web takes into one certificate. */
    private static final int MAX_IDENTIFIERS = 100;

    private final List<Identifier> identifiers;
    private final Optional<KeyAlgorithm> alternate;
    private final String name;

    private Subject(Collection<Identifier> identifiers, Optional<KeyAlgorithm> alternate) {
        this.identifiers = List.copyOf(new TreeSet<>(identifiers));
        if (this.identifiers.isEmpty() || this.identifiers.size() > MAX_IDENTIFIERS) {
            throw new IllegalArgumentException(
                    "a subject has 1 to " + MAX_IDENTIFIERS + " identifiers, not " + this.identifiers.size());
        }
        this.alternate = alternate;
        this.name = this.identifiers.stream().map(Identifier::value).collect(Collectors.joining(","))
                + alternate.map(KeyAlgorithm::suffix).orElse("");
    }

    /**
     * Makes a subject of names and addresses as a person writes them.
     *
     * @param identifiers at least one, read by {@link Identifier#of}; repetitions are dropped
     * @return the subject
     * @throws IllegalArgumentException naming the value that is not a DNS name or IP address
     */
    public static Subject of(String... identifiers) {
        return of(Arrays.stream(identifiers).map(Identifier::of).toList());
    }

    /**
     * Makes a subject of identifiers.
     *
     * @param identifiers at least one; repetitions are dropped
     * @return the subject
     */
    public static Subject of(Collection<Identifier> identifiers) {
        return new Subject(identifiers, Optional.empty());
    }

    /**
     * Reads the form that {@link #name} writes: identifiers separated by commas, and {@code :rsa} or {@code :ecdsa} after
     * those of an alternate.
     *
     * @param name for example {@code a.example,b.example}
     * @return the subject
     * @throws IllegalArgumentException naming the value that is not a DNS name or IP address
     */
    public static Subject parse(String name) {
        Optional<KeyAlgorithm> alternate = KeyAlgorithm.atEndOf(requireNonNull(name, "name"));
        int end = name.length()
                - alternate.map(algorithm -> algorithm.suffix().length()).orElse(0);
        Subject primary = of(name.substring(0, end).split(",", -1));
        return alternate.map(primary::alternate).orElse(primary);
    }

    /**
     * Returns the subject of a second certificate over the same identifiers, whose key is of this algorithm.
     *
     * @param algorithm what its clients can verify
     * @return another subject; the same for this one and for its other alternate
     */
    public Subject alternate(KeyAlgorithm algorithm) {
        return new Subject(identifiers, Optional.of(algorithm));
    }

    /**
     * Returns the subjects of all other certificates that there may be for this one's identifiers.
     *
     * @return one for each algorithm; none for an alternate
     */
    public List<Subject> alternates() {
        return alternate.isPresent()
                ? List.of()
                : Arrays.stream(KeyAlgorithm.values()).map(this::alternate).toList();
    }

    /**
     * Returns the subject without its algorithm.
     *
     * @return this, unless this is an alternate
     */
    public Subject primary() {
        return alternate.isPresent() ? of(identifiers) : this;
    }

    /**
     * Returns of which algorithm the certificate's key has to be.
     *
     * @return empty for a primary subject, whose key may be of any
     */
    public Optional<KeyAlgorithm> keyAlgorithm() {
        return alternate;
    }

    /**
     * Returns the identifiers, sorted.
     *
     * @return at least one; unmodifiable
     */
    public List<Identifier> identifiers() {
        return identifiers;
    }

    /**
     * Returns the canonical text: the sorted identifiers, separated by commas, and the algorithm of an alternate.
     *
     * @return text that {@link #parse} reads back
     */
    public String name() {
        return name;
    }

    @Override
    public int compareTo(Subject other) {
        return name.compareTo(other.name);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Subject that && name.equals(that.name);
    }

    @Override
    public int hashCode() {
        return name.hashCode();
    }

    @Override
    public String toString() {
        return name;
    }
}
