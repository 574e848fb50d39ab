package org.autotls.conscrypt;

import java.security.AlgorithmConstraints;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.autotls.tls.ClientHello;
import org.autotls.tls.IndexEntry;
import org.autotls.tls.ServingEngines;
import org.conscrypt.Conscrypt;
import org.jspecify.annotations.Nullable;

/**
 * Conscrypt's engines for {@link org.autotls.tls.AutoTlsContext}: found by the service loader, never named by users.
 *
 * <p>BoringSSL resumes a session under any name, as long as its ticket was made with the same keys. Ticket keys belong to a
 * context, so there is one context for each server name ({@link NameContexts}), and one that is thrown away for a client that
 * sends none. Registers no security provider.
 *
 * <p>Left to the JDK's engine, connection by connection:
 *
 * <ul>
 *   <li>a ClientHello over 16 KiB, BoringSSL's limit;
 *   <li>a client of TLS 1.2 that takes no tickets: BoringSSL would keep its session in a cache that nobody can bound;
 *   <li>keys that are neither RSA nor EC, or that cannot be read (in a hardware module);
 *   <li>a server that switched off one of TLS 1.3's suites, set algorithm constraints of its own, or enabled neither TLS 1.3
 *       nor 1.2: Conscrypt would not heed it;
 *   <li>client certificates judged by anything but an {@link X509ExtendedTrustManager}: the JDK's engine then checks algorithm
 *       constraints besides.
 * </ul>
 *
 * <p><b>Threads.</b> Safe for many threads.
 */
public final class ConscryptEngines implements ServingEngines {

    static final List<String> TLS13_SUITES =
            List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");
    static final String TLS13 = "TLSv1.3";
    static final String TLS12 = "TLSv1.2";

    private static final int LONGEST_HELLO = 16 * 1024;
    private static final int NAMES = 4096;

    /** For the service loader. */
    public ConscryptEngines() {}

    @Override
    public Maker open(TrustManager... trust) {
        if (!Conscrypt.isAvailable()) {
            throw new IllegalStateException("Conscrypt " + version() + " has no native library for "
                    + System.getProperty("os.name") + " on " + System.getProperty("os.arch")
                    + ", or may not load it");
        }
        Provider provider = Conscrypt.newProvider();
        try {
            SSLContext jdk = SSLContext.getInstance("TLS");
            jdk.init(null, trust.clone(), null);
            return new Source(
                    new NameContexts(provider, trust.clone(), NAMES),
                    Capabilities.of(provider, jdk.getDefaultSSLParameters(), trust));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Conscrypt " + version() + " cannot make a context", e);
        }
    }

    private static String version() {
        Conscrypt.Version version = Conscrypt.version();
        return version == null ? "of unknown version" : version.major() + "." + version.minor() + "." + version.patch();
    }

    /** Says what serves, for the log. */
    @Override
    public String toString() {
        return "Conscrypt " + version();
    }

    /**
     * What both engines can do. The lists of the JDK count too, so that what {@code jdk.tls.disabledAlgorithms} switches off
     * stays off.
     */
    record Capabilities(Set<String> protocols, Set<String> suites, boolean judgesClients) {

        static Capabilities of(Provider provider, SSLParameters jdk, TrustManager... trust)
                throws GeneralSecurityException {
            SSLContext context = SSLContext.getInstance("TLS", provider);
            context.init(null, trust, null);
            return new Capabilities(
                    common(context.getSupportedSSLParameters().getProtocols(), jdk.getProtocols()),
                    common(context.getSupportedSSLParameters().getCipherSuites(), jdk.getCipherSuites()),
                    Arrays.stream(trust)
                            .filter(X509TrustManager.class::isInstance)
                            .findFirst()
                            .filter(X509ExtendedTrustManager.class::isInstance)
                            .isPresent());
        }

        private static Set<String> common(String[] ours, String[] jdk) {
            Set<String> both = new HashSet<>(Arrays.asList(ours));
            both.retainAll(Arrays.asList(jdk));
            both.remove("TLSv1");
            both.remove("TLSv1.1");
            return Set.copyOf(both);
        }

        String[] protocols(String[] wanted) {
            return Arrays.stream(wanted).filter(protocols::contains).toArray(String[]::new);
        }

        String[] suites(String[] wanted) {
            return Arrays.stream(wanted).filter(suites::contains).toArray(String[]::new);
        }
    }

    private record Source(NameContexts contexts, Capabilities capabilities) implements Maker {

        @Override
        public Optional<SSLEngine> make(IndexEntry entry, ClientHello hello, SSLParameters settings) {
            if (!suits(entry, hello, settings)) {
                return Optional.empty();
            }
            return contexts.find(hello.serverName(), entry, settings).map(context -> {
                SSLEngine engine = context.createSSLEngine();
                engine.setUseClientMode(false);
                Conscrypt.setUseSessionTickets(engine, hello.serverName().isPresent());
                return new ConscryptServerEngine(engine, capabilities);
            });
        }

        private boolean suits(IndexEntry entry, ClientHello hello, SSLParameters settings) {
            List<String> protocols = List.of(capabilities.protocols(settings.getProtocols()));
            List<String> suites = List.of(capabilities.suites(settings.getCipherSuites()));
            boolean asks = settings.getNeedClientAuth() || settings.getWantClientAuth();
            boolean tls13 = protocols.contains(TLS13) && suites.containsAll(TLS13_SUITES);
            boolean tls12 =
                    protocols.contains(TLS12) && suites.stream().anyMatch(suite -> !TLS13_SUITES.contains(suite));
            return hello.length() <= LONGEST_HELLO
                    && (tls12 || tls13)
                    && (tls13 || !protocols.contains(TLS13))
                    && (hello.takesTickets() || (hello.offersTls13() && tls13))
                    && (!asks || capabilities.judgesClients())
                    && NameContexts.canUse(entry)
                    && isJdks(settings.getAlgorithmConstraints())
                    && settings.getEndpointIdentificationAlgorithm() == null;
        }

        /** The JDK's engine comes with constraints of its own; others are the server's. */
        private static boolean isJdks(@Nullable AlgorithmConstraints constraints) {
            return constraints == null || constraints.getClass().getModule() == Object.class.getModule();
        }
    }
}
