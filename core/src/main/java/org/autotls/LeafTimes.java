package org.autotls;

import static java.util.Objects.requireNonNull;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import org.autotls.internal.Certificates;
import org.autotls.internal.Sha256;

/**
 * What {@link RenewalPolicy} looks at in a leaf. Immutable. Only the leaf counts; an intermediate that ends sooner does not
 * make a certificate due.
 *
 * @param notBefore when the leaf begins to be valid
 * @param notAfter when it ends
 * @param draw where in its renewal window it is renewed, from 0 to less than 1
 */
public record LeafTimes(Instant notBefore, Instant notAfter, double draw) {

    /** No certificate: counts as one that expired long ago. */
    public static final LeafTimes NONE = new LeafTimes(Instant.EPOCH, Instant.EPOCH, 0);

    private static final double TWO_TO_53 = 0x1p53;

    /** Checks the values. */
    public LeafTimes {
        requireNonNull(notBefore, "notBefore");
        requireNonNull(notAfter, "notAfter");
        if (!(draw >= 0 && draw < 1)) {
            throw new IllegalArgumentException("draw " + draw + ": expected 0 to less than 1");
        }
    }

    /**
     * Reads a bundle's leaf. The draw comes from a hash of the leaf: every node and every restart draws the same, and
     * nothing has to be kept.
     *
     * @param bundle any bundle
     * @return its leaf's times
     */
    public static LeafTimes of(CertificateBundle bundle) {
        return new LeafTimes(bundle.notBefore(), bundle.notAfter(), draw(Certificates.der(bundle.leaf())));
    }

    /**
     * Reads an entry.
     *
     * @param entry any entry
     * @return its leaf's times, or {@link #NONE} if it holds no bundle
     */
    public static LeafTimes of(StoredBundle entry) {
        return entry.bundle().map(LeafTimes::of).orElse(NONE);
    }

    /**
     * Tells whether there is a certificate at all.
     *
     * @return false for {@link #NONE}
     */
    public boolean exists() {
        return !notAfter.equals(Instant.EPOCH);
    }

    /**
     * Returns how long the leaf is valid in all.
     *
     * @return at least a second, whatever the leaf says
     */
    Duration lifetime() {
        Duration said = Duration.between(notBefore, notAfter);
        return said.compareTo(Duration.ofSeconds(1)) < 0 ? Duration.ofSeconds(1) : said;
    }

    private static double draw(byte[] der) {
        long bits = ByteBuffer.wrap(Sha256.of(der)).getLong();
        return (bits >>> 11) / TWO_TO_53;
    }
}
