package org.autotls.acme;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.autotls.OrderLimits;
import org.autotls.RateLimit;
import org.autotls.Text;

/** The directory URLs (RFC 8555 §7.1.1) of well-known CAs. The command line's help is made from this table. */
public final class AcmeDirectories {

    /**
     * A well-known CA. Immutable.
     *
     * @param name what the command line calls it
     * @param title what people call it
     * @param directory its directory's URL
     * @param externalAccount whether an account must be bound to one that the CA gave you before (§7.3.4)
     * @param note what else to know; may be empty
     * @param limits what it publishes of its limits
     */
    public record Ca(
            String name, String title, URI directory, boolean externalAccount, String note, AcmeLimits limits) {

        /**
         * Finds where tries do not spend this CA's limits.
         *
         * @return the directory of its staging CA, if it has one
         */
        public Optional<URI> staging() {
            return find(name + "-staging").map(Ca::directory);
        }

        private Ca limited(AcmeLimits published) {
            return new Ca(name, title, directory, externalAccount, note, published);
        }

        /** One line: name, title, what it needs. */
        @Override
        public String toString() {
            return name + "  " + title + (externalAccount ? "; needs --eab-kid and --eab-key-file" : "")
                    + (note.isEmpty() ? "" : "; " + note);
        }
    }

    /**
     * What is kept to at a CA that has no name here: it may be one's own, which limits nothing. Requests are paced as for Let's
     * Encrypt, orders are not counted; what it says against them is kept to.
     */
    static final AcmeLimits UNKNOWN = new AcmeLimits(
            OrderLimits.NONE,
            false,
            RateLimit.perSecond(40, 40),
            RateLimit.perSecond(20, 10),
            RateLimit.perSecond(5, 15),
            RateLimit.perSecond(300, 200),
            RateLimit.perSecond(1000, 100));

    /** What is kept to at a public CA that publishes nothing: orders per account as at Let's Encrypt, requests as there. */
    private static final AcmeLimits UNPUBLISHED =
            UNKNOWN.withOrders(OrderLimits.perAccount(new RateLimit(300, Duration.ofHours(3))), false);

    /** https://letsencrypt.org/docs/rate-limits/, read in August 2026. */
    private static final AcmeLimits LETS_ENCRYPT_LIMITS = UNPUBLISHED.withOrders(
            new OrderLimits(
                    new RateLimit(300, Duration.ofHours(3)),
                    new RateLimit(50, Duration.ofDays(7)),
                    new RateLimit(5, Duration.ofDays(7))),
            true);

    /** https://letsencrypt.org/docs/staging-environment/, read in August 2026. */
    private static final AcmeLimits LETS_ENCRYPT_STAGING_LIMITS = UNPUBLISHED.withOrders(
            new OrderLimits(
                    new RateLimit(1500, Duration.ofHours(3)),
                    new RateLimit(30_000, Duration.ofDays(7)),
                    new RateLimit(30_000, Duration.ofDays(7))),
            true);

    /** Every CA that has a name here, those that need nothing first. */
    public static final List<Ca> ALL = List.of(
            ca("letsencrypt", "Let's Encrypt", "https://acme-v02.api.letsencrypt.org/directory", false, "")
                    .limited(LETS_ENCRYPT_LIMITS),
            ca(
                            "letsencrypt-staging",
                            "Let's Encrypt, staging",
                            "https://acme-staging-v02.api.letsencrypt.org/directory",
                            false,
                            "trusted by nobody, for trying out")
                    .limited(LETS_ENCRYPT_STAGING_LIMITS),
            ca(
                    "google",
                    "Google Trust Services",
                    "https://dv.acme-v02.api.pki.goog/directory",
                    true,
                    "each key is good for one account"),
            ca(
                    "google-staging",
                    "Google Trust Services, staging",
                    "https://dv.acme-v02.test-api.pki.goog/directory",
                    true,
                    "has keys of its own"),
            ca("zerossl", "ZeroSSL", "https://acme.zerossl.com/v2/DV90", true, "has no staging"),
            ca("sslcom-ecc", "SSL.com, EC keys", "https://acme.ssl.com/sslcom-dv-ecc", true, ""),
            ca("sslcom-rsa", "SSL.com, RSA keys", "https://acme.ssl.com/sslcom-dv-rsa", true, ""),
            ca("actalis", "Actalis", "https://acme-api.actalis.com/acme/directory", true, "has no staging"));

    /** Let's Encrypt, certificates that browsers trust. */
    public static final URI LETS_ENCRYPT = named("letsencrypt").directory();

    /** Let's Encrypt's staging CA: generous limits, certificates that nobody trusts. For trying things out. */
    public static final URI LETS_ENCRYPT_STAGING = named("letsencrypt-staging").directory();

    private AcmeDirectories() {}

    /**
     * Finds a CA.
     *
     * @param name as in {@link #ALL}
     * @return the CA
     * @throws IllegalArgumentException naming those there are, if it is none of them
     */
    public static Ca named(String name) {
        return find(name)
                .orElseThrow(() -> new IllegalArgumentException("issuer '" + Text.escape(name) + "': expected one of "
                        + ALL.stream().map(Ca::name).collect(Collectors.joining(", "))));
    }

    /**
     * Finds a CA, if there is one of that name.
     *
     * @param name any text
     * @return the CA, or empty
     */
    public static Optional<Ca> find(String name) {
        return ALL.stream().filter(ca -> ca.name().equals(name)).findFirst();
    }

    /**
     * Finds the CA that has this directory.
     *
     * @param directory any URL
     * @return the CA, or empty
     */
    public static Optional<Ca> at(URI directory) {
        return ALL.stream().filter(ca -> ca.directory().equals(directory)).findFirst();
    }

    private static Ca ca(String name, String title, String directory, boolean externalAccount, String note) {
        return new Ca(name, title, URI.create(directory), externalAccount, note, UNPUBLISHED);
    }
}
