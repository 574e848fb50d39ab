package org.autotls;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.autotls.AutoTlsSettings.Home;
import org.autotls.AutoTlsSettings.Source;

/** Façade. */
public final class AutoTls {

    private AutoTls() {}

    /**
     * Keeps certificates in a directory.
     *
     * @param directory must exist and be writable (for {@link Builder#local} it is made when absent; for
     *     {@link Builder#readOnly} it need only be readable)
     * @return a builder; nothing is opened or written before {@link Builder#start}
     */
    public static Builder at(Path directory) {
        return new Builder(new Home.InDirectory(requireNonNull(directory, "directory")));
    }

    /**
     * Keeps certificates in stores of your own, such as a database.
     *
     * @param certificates bundles
     * @param state attempt records, orders in flight, leases, the embedded CA
     * @param accountKeys the ACME account's key
     * @return a builder; nothing is opened or written before {@link Builder#start}
     */
    public static Builder with(CertificateStore certificates, StateStore state, AccountKeyStore accountKeys) {
        return new Builder(new Home.InStores(certificates, state, accountKeys));
    }

    /**
     * Settings, all with a default but for the directory: Let's Encrypt's production CA is asked, once its terms are agreed
     * to ({@link #agreeToTerms}).
     *
     * <p><b>Threads.</b> One thread at a time. A setter checks nothing but null; {@link #check} and {@link #start} check.
     */
    public static final class Builder {

        private static final URI LETS_ENCRYPT = URI.create("https://acme-v02.api.letsencrypt.org/directory");
        private static final URI LETS_ENCRYPT_STAGING =
                URI.create("https://acme-staging-v02.api.letsencrypt.org/directory");
        private static final Duration MAX_TIMEOUT = Duration.ofHours(1);

        private final Home home;
        private final List<String> names = new ArrayList<>();
        private final List<X509Certificate> roots = new ArrayList<>();
        private final List<Path> rootFiles = new ArrayList<>();
        private final List<Responder> responders = new ArrayList<>();
        private Source source = new Source.Acme(LETS_ENCRYPT);
        private String email = "";
        private boolean termsAgreed;
        private Duration timeout = Duration.ofSeconds(40);
        private Duration checkInterval = Duration.ofDays(1);
        private Duration reissueInterval = Duration.ofDays(30);
        private Duration panicInterval = Duration.ofDays(15);
        private Supplier<KeyPair> keys = () -> KeyType.EC_P256.generate(new SecureRandom());
        private int httpPort = AutoTlsSettings.NO_HTTP_PORT;

        private Builder(Home home) {
            this.home = home;
        }

        /**
         * Asks for certificates: each argument that has no entry yet gets one at start, and is issued.
         *
         * @param names one certificate each: a DNS name or IP address as a person writes it, or several, separated by
         *     commas, for one certificate over all of them
         * @return this
         */
        public Builder names(String... names) {
            this.names.addAll(List.of(names));
            return this;
        }

        /**
         * Orders from Let's Encrypt's production CA. The default.
         *
         * @return this
         */
        public Builder letsEncrypt() {
            return acme(LETS_ENCRYPT);
        }

        /**
         * Orders from Let's Encrypt's staging CA: generous limits, but no browser trusts what it issues.
         *
         * @return this
         */
        public Builder letsEncryptStaging() {
            return acme(LETS_ENCRYPT_STAGING);
        }

        /**
         * Orders from an ACME CA (RFC 8555).
         *
         * @param directory the URL of its directory, https
         * @return this
         */
        public Builder acme(URI directory) {
            this.source = new Source.Acme(requireNonNull(directory, "directory"));
            return this;
        }

        /**
         * Issues from a private CA of its own, made in the directory at the first start; needs no network. The directory is
         * made when absent (mode 0700), and {@code localhost} is issued when no name is asked for or stored.
         *
         * @return this
         */
        public Builder local() {
            this.source = new Source.Local();
            return this;
        }

        /**
         * Only reads, and never writes: another process keeps the directory up to date, and what it writes is served within
         * about a second. A {@code DEFAULT.pem} is served to clients that send no server name.
         *
         * @return this
         */
        public Builder readOnly() {
            this.source = new Source.ReadOnly();
            return this;
        }

        /**
         * Orders from an issuer of your own.
         *
         * @param issuer called for each attempt to issue; what it throws is a failed attempt
         * @return this
         */
        public Builder issuer(Supplier<Issuer> issuer) {
            this.source = new Source.Custom(requireNonNull(issuer, "issuer"));
            return this;
        }

        /**
         * Gives the CA an address to write to when something is wrong. Default: none.
         *
         * @param email an e-mail address; an existing registration is updated
         * @return this
         */
        public Builder email(String email) {
            this.email = requireNonNull(email, "email");
            return this;
        }

        /**
         * Says whether you agree to the CA's terms of service. Default: no, and then a CA that has terms gets no request
         * but for its directory, and the failure names the URL of the terms.
         *
         * @param agreed whether you agree
         * @return this
         */
        public Builder agreeToTerms(boolean agreed) {
            this.termsAgreed = agreed;
            return this;
        }

        /**
         * Trusts further roots for the CA's own https, besides the JDK's.
         *
         * @param roots certificates
         * @return this
         */
        public Builder trust(X509Certificate... roots) {
            this.roots.addAll(List.of(roots));
            return this;
        }

        /**
         * Trusts further roots for the CA's own https, besides the JDK's.
         *
         * @param rootFile certificates in PEM, read at start
         * @return this
         */
        public Builder trust(Path rootFile) {
            this.rootFiles.add(requireNonNull(rootFile, "rootFile"));
            return this;
        }

        /**
         * Limits each request to the CA, headers and body together. Default: 40 s.
         *
         * @param timeout more than zero, at most an hour
         * @return this
         */
        public Builder timeout(Duration timeout) {
            this.timeout = requireNonNull(timeout, "timeout");
            return this;
        }

        /**
         * Sets how often the whole store is checked, besides at start. Default: a day.
         *
         * @param interval more than zero
         * @return this
         */
        public Builder checkInterval(Duration interval) {
            this.checkInterval = requireNonNull(interval, "interval");
            return this;
        }

        /**
         * Caps how early a certificate is reissued: at the latest when less than this is left, never before a third of its
         * lifetime is (half, if it lives under ten days). Default: 30 days.
         *
         * @param interval more than zero
         * @return this
         */
        public Builder reissueInterval(Duration interval) {
            this.reissueInterval = requireNonNull(interval, "interval");
            return this;
        }

        /**
         * Caps how early a failure to reissue raises the alarm. Default: 15 days.
         *
         * @param interval more than zero
         * @return this
         */
        public Builder panicInterval(Duration interval) {
            this.panicInterval = requireNonNull(interval, "interval");
            return this;
        }

        /**
         * Sets the kind of key that certificates are made for. Default: EC P-256.
         *
         * @param keyType the kind
         * @return this
         */
        public Builder keyType(KeyType keyType) {
            requireNonNull(keyType, "keyType");
            return generateKey(() -> keyType.generate(new SecureRandom()));
        }

        /**
         * Makes keys your own way, in a hardware module for example.
         *
         * @param keys makes a new pair at each call
         * @return this
         */
        public Builder generateKey(Supplier<KeyPair> keys) {
            this.keys = requireNonNull(keys, "keys");
            return this;
        }

        /**
         * Answers http-01 challenges on a port of its own (RFC 8555 §8.3), and redirects all else to https. Default: no
         * port; tls-alpn-01 on the port that serves is enough.
         *
         * @param port usually 80, where the CA asks; 0 lets the system choose
         * @return this
         */
        public Builder httpPort(int port) {
            this.httpPort = port;
            return this;
        }

        /**
         * Adds responders of your own, such as one for dns-01. They go before ours; if two answer one challenge type, the
         * first is used.
         *
         * @param responders in the order of preference
         * @return this
         */
        public Builder responder(Responder... responders) {
            this.responders.addAll(List.of(responders));
            return this;
        }

        /**
         * Checks every setting and the directory, and writes nothing.
         *
         * @throws IllegalArgumentException naming the setting, its value and what was expected
         * @throws StoreException if the directory is absent, is none, or cannot be written
         */
        public void check() {
            checkDirectory();
            settings();
        }

        /** Shows where certificates are kept and where they come from. */
        @Override
        public String toString() {
            return "AutoTls.Builder[" + home + ", " + source + ", timeout " + timeout + "]";
        }

        private AutoTlsSettings settings() {
            List<Subject> subjects = names.stream().map(Subject::parse).distinct().toList();
            checkSource(subjects);
            if (!email.isEmpty() && !email.matches("[^\\s@:,?]+@[^\\s@:,?]+")) {
                throw new IllegalArgumentException("email '" + Text.escape(email) + "': expected name@host");
            }
            if (timeout.isNegative() || timeout.isZero() || timeout.compareTo(MAX_TIMEOUT) > 0) {
                throw new IllegalArgumentException("timeout " + timeout + ": expected more than 0, at most an hour");
            }
            if (httpPort != AutoTlsSettings.NO_HTTP_PORT && (httpPort < 0 || httpPort > 65_535)) {
                throw new IllegalArgumentException("http port " + httpPort + ": expected 0 to 65535");
            }
            return new AutoTlsSettings(
                    home,
                    source,
                    subjects,
                    new AutoTlsSettings.Ca(email, termsAgreed, List.copyOf(roots), List.copyOf(rootFiles), timeout),
                    new AutoTlsSettings.Timing(
                            positive("check interval", checkInterval),
                            positive("reissue interval", reissueInterval),
                            positive("panic interval", panicInterval)),
                    keys,
                    List.copyOf(responders),
                    httpPort);
        }

        private void checkSource(List<Subject> subjects) {
            if (source instanceof Source.ReadOnly && !subjects.isEmpty()) {
                throw new IllegalArgumentException(
                        "names " + subjects + ": nothing is asked for in a directory that is only read");
            }
            if (source instanceof Source.Acme acme
                    && (!"https".equalsIgnoreCase(acme.directory().getScheme())
                            || acme.directory().getHost() == null)) {
                throw new IllegalArgumentException("ACME directory '" + Text.escape(acme.toString())
                        + "': expected a URL such as https://ca.example/directory");
            }
        }

        private void checkDirectory() {
            if (!(home instanceof Home.InDirectory directory)) {
                return;
            }
            Path path = directory.path();
            if (source instanceof Source.Local && Files.notExists(path)) {
                return; // made at start
            }
            if (!Files.isDirectory(path)) {
                throw StoreException.fatal("certificate directory " + path
                        + (Files.exists(path) ? " is not a directory" : " does not exist; make it: mkdir -m 700 " + path));
            }
            if (!(source instanceof Source.ReadOnly) && !Files.isWritable(path)) {
                throw StoreException.fatal("certificate directory " + path + " cannot be written by this user");
            }
        }

        private static Duration positive(String name, Duration interval) {
            if (interval.isNegative() || interval.isZero()) {
                throw new IllegalArgumentException(name + " " + interval + ": expected more than 0");
            }
            return interval;
        }
    }
}
