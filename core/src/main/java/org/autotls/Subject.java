package org.autotls;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The canonical set of identifiers that one certificate is for; the key of stores and plans. Immutable; two subjects are
 * equal when they hold the same identifiers, in whatever order they were given.
 */
public final class Subject implements Comparable<Subject> {

    /** More names than any CA of the public Web takes into one certificate. */
    private static final int MAX_IDENTIFIERS = 100;

    private final List<Identifier> identifiers;
    private final String name;

    private Subject(Collection<Identifier> identifiers) {
        this.identifiers = List.copyOf(new TreeSet<>(identifiers));
        if (this.identifiers.isEmpty() || this.identifiers.size() > MAX_IDENTIFIERS) {
            throw new IllegalArgumentException(
                    "a subject has 1 to " + MAX_IDENTIFIERS + " identifiers, not " + this.identifiers.size());
        }
        this.name = this.identifiers.stream().map(Identifier::value).collect(Collectors.joining(","));
    }

    /**
     * Makes a subject of names and addresses as a person writes them.
     *
     * @param identifiers at least one, read by {@link Identifier#of}; repetitions are dropped
     * @return the subject
     * @throws IllegalArgumentException naming the value that is not a DNS name or IP address
     */
    public static Subject of(String... identifiers) {
        return new Subject(Arrays.stream(identifiers).map(Identifier::of).toList());
    }

    /**
     * Makes a subject of identifiers.
     *
     * @param identifiers at least one; repetitions are dropped
     * @return the subject
     */
    public static Subject of(Collection<Identifier> identifiers) {
        return new Subject(identifiers);
    }

    /**
     * Reads the form that {@link #name} writes: identifiers separated by commas.
     *
     * @param name for example {@code a.example,b.example}
     * @return the subject
     * @throws IllegalArgumentException naming the value that is not a DNS name or IP address
     */
    public static Subject parse(String name) {
        requireNonNull(name, "name");
        return of(name.split(",", -1));
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
     * Returns the canonical text: the sorted identifiers, separated by commas.
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
