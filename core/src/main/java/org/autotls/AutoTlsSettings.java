package org.autotls;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.autotls.internal.AcmeValues;
import org.autotls.internal.RootFile;

/**
 * What an {@link AutoTlsBuilder} was told, checked. Immutable.
 *
 * @param home where bundles, state and the account key are kept
 * @param source where certificates come from
 * @param subjects what is asked for at start, one certificate each
 * @param ca how to speak with an ACME CA
 * @param timing when to check and renew
 * @param keys makes the keys of new certificates
 * @param responders the user's own, asked before ours
 * @param challengeTypes which are used, best first; empty for all that have a responder
 * @param httpPort where http-01 is answered; {@link #NO_HTTP_PORT} for nowhere
 * @param httpsPort where plain http is redirected to
 * @param scheduler the only source of time
 * @param scheduled whether the store is checked and renewed by itself
 * @param panic the user's alarm; empty for the service's own
 * @param listeners told what the service does
 * @param preferences what certificates an ACME CA is asked for
 * @param limits how the limits of ACME CAs are spared
 * @param domainNames what is known of domain names
 */
record AutoTlsSettings(
        Home home,
        Source source,
        List<Subject> subjects,
        Ca ca,
        Timing timing,
        CertificateKeys keys,
        List<Responder> responders,
        List<String> challengeTypes,
        int httpPort,
        int httpsPort,
        Scheduler scheduler,
        boolean scheduled,
        Optional<PanicCallback> panic,
        List<ServiceListener> listeners,
        Preferences preferences,
        Limits limits,
        DomainNames domainNames) {

    /** http-01 is answered nowhere. */
    static final int NO_HTTP_PORT = -1;

    private static final Set<String> BUILT_IN = Set.of("tls-alpn-01", "http-01");
    private static final int MAX_PORT = 65_535;

    /** Checks every setting; touches no file. */
    AutoTlsSettings {
        subjects = List.copyOf(subjects);
        responders = List.copyOf(responders);
        challengeTypes = List.copyOf(challengeTypes);
        listeners = List.copyOf(listeners);
        if (source instanceof Source.ReadOnly && !subjects.isEmpty()) {
            throw new IllegalArgumentException(
                    "names " + subjects + ": nothing is asked for in a directory that is only read");
        }
        Set<String> answered = new TreeSet<>(BUILT_IN);
        responders.forEach(responder -> answered.add(responder.challengeType()));
        if (!answered.containsAll(challengeTypes)) {
            throw new IllegalArgumentException(
                    "challenge types " + challengeTypes + ": there are responders for " + answered);
        }
        if (httpPort != NO_HTTP_PORT && (httpPort < 0 || httpPort > MAX_PORT)) {
            throw new IllegalArgumentException("http port " + httpPort + ": expected 0 to " + MAX_PORT);
        }
        if (httpsPort < 1 || httpsPort > MAX_PORT) {
            throw new IllegalArgumentException("https port " + httpsPort + ": expected 1 to " + MAX_PORT);
        }
    }

    /**
     * The challenge types that are answered, best first. Whoever opens a port for http-01 wants it used; without one,
     * tls-alpn-01 is answered by the port that serves.
     */
    List<String> answeredTypes() {
        if (!challengeTypes.isEmpty()) {
            return challengeTypes;
        }
        List<String> ours =
                httpPort == NO_HTTP_PORT ? List.of("tls-alpn-01", "http-01") : List.of("http-01", "tls-alpn-01");
        return Stream.concat(responders.stream().map(Responder::challengeType), ours.stream())
                .distinct()
                .toList();
    }

    /** Checks the directory; writes nothing. */
    void checkDirectory() {
        if (!(home instanceof Home.InDirectory directory)) {
            return;
        }
        Path path = directory.path();
        if (source instanceof Source.Local && Files.notExists(path)) {
            return; // made at start
        }
        if (!Files.isDirectory(path)) {
            throw StoreException.fatal("certificate directory " + path + whyNone(path));
        }
        if (!(source instanceof Source.ReadOnly) && !Files.isWritable(path)) {
            throw StoreException.fatal("certificate directory " + path + " cannot be written by this user");
        }
    }

    private static String whyNone(Path path) {
        if (Files.exists(path)) {
            return " is not a directory";
        }
        return Files.notExists(path)
                ? " does not exist; make it: mkdir -m 700 " + path
                : " cannot be seen by this user, who may not enter a directory above it";
    }

    /** Where bundles, state and the account key are kept. */
    sealed interface Home {

        /** A certificate directory. */
        record InDirectory(Path path) implements Home {
            @Override
            public String toString() {
                return path.toString();
            }
        }

        /** Stores of the user's own. */
        record InStores(CertificateStore certificates, StateStore state, AccountKeyStore accountKeys) implements Home {
            @Override
            public String toString() {
                return "own stores";
            }
        }
    }

    /** Where certificates come from. */
    sealed interface Source {

        /** ACME CAs, by the URLs of their directories, in the order in which they are tried. */
        record Acme(List<URI> directories) implements Source {
            public Acme {
                directories = List.copyOf(directories);
                if (directories.isEmpty()) {
                    throw new IllegalArgumentException("no ACME directory: expected at least one");
                }
                directories.forEach(AcmeValues::directory);
            }

            @Override
            public String toString() {
                return directories.stream().map(URI::toString).collect(Collectors.joining(", then "));
            }
        }

        /** The embedded private CA. */
        record Local() implements Source {
            @Override
            public String toString() {
                return "local CA";
            }
        }

        /** Another process. */
        record ReadOnly() implements Source {
            @Override
            public String toString() {
                return "read-only";
            }
        }

        /** An issuer of the user's own, made anew for each attempt. */
        record Custom(Supplier<Issuer> issuer) implements Source {
            @Override
            public String toString() {
                return "own issuer";
            }
        }
    }

    /**
     * How to speak with an ACME CA.
     *
     * @param email the account's contact; empty for none
     * @param termsAgreed whether the user agreed to the CA's terms of service
     * @param roots trusted for the CA's https, besides the JDK's own
     * @param rootFiles the same, in PEM files, read at start
     * @param timeout for one request, headers and body
     */
    record Ca(String email, boolean termsAgreed, List<X509Certificate> roots, List<Path> rootFiles, Duration timeout) {
        Ca {
            roots = List.copyOf(roots);
            rootFiles = List.copyOf(rootFiles);
            if (!email.isEmpty()) {
                AcmeValues.email(email);
            }
            AcmeValues.timeout(timeout);
        }

        /**
         * Reads the files, and adds what was given as certificates.
         *
         * @throws IllegalArgumentException naming the file that cannot be read, is too large, or holds none
         */
        List<X509Certificate> allRoots() {
            List<X509Certificate> all = new ArrayList<>(roots);
            rootFiles.forEach(file -> all.addAll(RootFile.read(file)));
            return all;
        }
    }

    /**
     * What certificates an ACME CA is asked for, and as whom.
     *
     * @param profile the certificate profile; empty for none chosen
     * @param profileRequired whether nothing is ordered from a CA without it
     * @param preferredChain the common name of the root to end at; empty for no wish
     * @param externalAccounts what the account at a directory is bound to
     * @param externalAccount the same, for the first directory that wants one
     */
    record Preferences(
            String profile,
            boolean profileRequired,
            String preferredChain,
            Map<URI, ExternalAccount> externalAccounts,
            Optional<ExternalAccount> externalAccount) {
        Preferences {
            externalAccounts = Map.copyOf(externalAccounts);
        }
    }

    /**
     * How the limits of ACME CAs are spared.
     *
     * @param orders how many orders an account may place; empty for what the CA publishes
     * @param domains how many certificates are ordered below one registered domain; empty for what the CA publishes
     * @param dryRuns whether a name that fails again and again is tried at a staging CA first
     * @param staging where, at a CA that is not known to have one
     */
    record Limits(Optional<RateLimit> orders, Optional<RateLimit> domains, boolean dryRuns, Optional<URI> staging) {
        Limits {
            staging.ifPresent(AcmeValues::directory);
        }
    }

    /**
     * When to check and renew.
     *
     * @param check between two checks of the whole store
     * @param policy when one certificate is due
     */
    record Timing(Duration check, RenewalPolicy policy) {
        Timing {
            IssuingServiceBuilder.requireInterval("check interval", check);
        }
    }
}
