package org.autotls.tls;

import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A hash map that is never changed: a change makes another map, which shares with this one all but the few nodes on the way
 * to the key. So one of 100,000 entries is replaced for the price of copying some 100 references, and whoever reads an older
 * map needs no lock and sees no change.
 *
 * <p>It is a hash array mapped trie (Bagwell, "Ideal Hash Trees", 2001). Each level takes five bits of the hash and has a
 * child for each value that occurs, in order, its bit map telling which; a key stands at the first level where its hash
 * is the only one. Keys with one and the same hash are chained.
 *
 * <p><b>Threads.</b> Immutable.
 *
 * @param <K> keys, with {@code equals} and {@code hashCode}
 * @param <V> values
 */
final class SharingMap<K, V> {

    private static final int BITS = 5;

    private sealed interface Node<K, V> permits Branch, Leaf {}

    /** Several hashes; only the root may have one child that is a leaf. */
    private static final class Branch<K, V> implements Node<K, V> {

        private final int bitmap;
        private final Node<K, V>[] children; // never written once it is here

        Branch(int bitmap, Node<K, V>[] children) {
            this.bitmap = bitmap;
            this.children = children;
        }

        /** Where the child for a bit is, or would be. */
        int index(int bit) {
            return Integer.bitCount(bitmap & (bit - 1));
        }
    }

    /** One key, and the others with the same hash. */
    private record Leaf<K, V>(
            int hash, K key, V value, @Nullable Leaf<K, V> next) implements Node<K, V> {}

    private static final SharingMap<?, ?> EMPTY = new SharingMap<>(new Branch<>(0, nodes(0)), 0);

    private final Branch<K, V> root;
    private final int size;

    private SharingMap(Branch<K, V> root, int size) {
        this.root = root;
        this.size = size;
    }

    @SuppressWarnings("unchecked") // holds nothing
    static <K, V> SharingMap<K, V> empty() {
        return (SharingMap<K, V>) EMPTY;
    }

    /** Finds what stands under a key; null if nothing does. */
    @Nullable
    V find(K key) {
        int hash = hash(key);
        Node<K, V> node = root;
        for (int shift = 0; node instanceof Branch<K, V> branch; shift += BITS) {
            int bit = bit(hash, shift);
            if ((branch.bitmap & bit) == 0) {
                return null;
            }
            node = branch.children[branch.index(bit)];
        }
        for (Leaf<K, V> leaf = (Leaf<K, V>) node; leaf != null; leaf = leaf.next()) {
            if (leaf.hash() == hash && leaf.key().equals(key)) {
                return leaf.value();
            }
        }
        return null;
    }

    /** The map in which {@code value} stands under a key, in place of what stands there. */
    SharingMap<K, V> with(K key, V value) {
        int added = find(key) == null ? 1 : 0;
        return new SharingMap<>(with(root, 0, new Leaf<>(hash(key), key, value, null)), size + added);
    }

    /** The map in which nothing stands under a key. */
    SharingMap<K, V> without(K key) {
        if (find(key) == null) {
            return this;
        }
        Node<K, V> left = without(root, 0, hash(key), key);
        if (left instanceof Leaf<K, V> leaf) {
            left = with(new Branch<K, V>(0, nodes(0)), 0, leaf);
        }
        return left == null ? empty() : new SharingMap<>((Branch<K, V>) left, size - 1);
    }

    int size() {
        return size;
    }

    /** Shows all entries, in no order. */
    void forEach(BiConsumer<? super K, ? super V> action) {
        forEach(root, action);
    }

    private static <K, V> void forEach(Node<K, V> node, BiConsumer<? super K, ? super V> action) {
        if (node instanceof Branch<K, V> branch) {
            for (Node<K, V> child : branch.children) {
                forEach(child, action);
            }
            return;
        }
        for (Leaf<K, V> leaf = (Leaf<K, V>) node; leaf != null; leaf = leaf.next()) {
            action.accept(leaf.key(), leaf.value());
        }
    }

    private static <K, V> Branch<K, V> with(Branch<K, V> branch, int shift, Leaf<K, V> added) {
        int bit = bit(added.hash(), shift);
        int index = branch.index(bit);
        if ((branch.bitmap & bit) == 0) {
            Node<K, V>[] children = nodes(branch.children.length + 1);
            System.arraycopy(branch.children, 0, children, 0, index);
            children[index] = added;
            System.arraycopy(branch.children, index, children, index + 1, branch.children.length - index);
            return new Branch<>(branch.bitmap | bit, children);
        }
        Node<K, V> child = branch.children[index];
        return replace(
                branch,
                index,
                child instanceof Branch<K, V> deeper
                        ? with(deeper, shift + BITS, added)
                        : beside((Leaf<K, V>) child, shift + BITS, added));
    }

    /** A key at a place where another is. */
    private static <K, V> Node<K, V> beside(Leaf<K, V> old, int shift, Leaf<K, V> added) {
        if (old.hash() == added.hash()) {
            return new Leaf<>(added.hash(), added.key(), added.value(), unchained(old, added.key()));
        }
        Node<K, V>[] only = nodes(1);
        only[0] = old;
        return with(new Branch<>(bit(old.hash(), shift), only), shift, added);
    }

    /** Null if nothing is left; a leaf if it is all that is left. The key is there. */
    private static <K, V> @Nullable Node<K, V> without(Node<K, V> node, int shift, int hash, K key) {
        if (!(node instanceof Branch<K, V> branch)) {
            return unchained((Leaf<K, V>) node, key);
        }
        int bit = bit(hash, shift);
        int index = branch.index(bit);
        Node<K, V> left = without(branch.children[index], shift + BITS, hash, key);
        int count = branch.children.length;
        if (left == null && count == 1) {
            return null;
        }
        if (left == null) {
            Node<K, V>[] children = nodes(count - 1);
            System.arraycopy(branch.children, 0, children, 0, index);
            System.arraycopy(branch.children, index + 1, children, index, count - 1 - index);
            return children.length == 1 && children[0] instanceof Leaf<K, V> only
                    ? only
                    : new Branch<>(branch.bitmap & ~bit, children);
        }
        return count == 1 && left instanceof Leaf<K, V> ? left : replace(branch, index, left);
    }

    private static <K, V> Branch<K, V> replace(Branch<K, V> branch, int index, Node<K, V> child) {
        Node<K, V>[] children = branch.children.clone();
        children[index] = child;
        return new Branch<>(branch.bitmap, children);
    }

    private static <K, V> @Nullable Leaf<K, V> unchained(@Nullable Leaf<K, V> leaf, K key) {
        if (leaf == null || leaf.key().equals(key)) {
            return leaf == null ? null : leaf.next();
        }
        return new Leaf<>(leaf.hash(), leaf.key(), leaf.value(), unchained(leaf.next(), key));
    }

    private static int hash(Object key) {
        int hash = key.hashCode();
        return hash ^ (hash >>> 16);
    }

    private static int bit(int hash, int shift) {
        return 1 << ((hash >>> shift) & ((1 << BITS) - 1));
    }

    @SuppressWarnings({"unchecked", "rawtypes"}) // Java has no arrays of a generic type
    private static <K, V> Node<K, V>[] nodes(int length) {
        return new Node[length];
    }
}
