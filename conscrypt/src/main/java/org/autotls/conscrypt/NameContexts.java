package org.autotls.conscrypt;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import org.autotls.tls.IndexEntry;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One Conscrypt context, and so one set of ticket keys, for each server name, kind of key and way of asking for client
 * certificates. A context serves one entry of the index: when the name's entry is replaced, so is the context, and no
 * session outlives the certificate it was made with.
 *
 * <p>Bounded, since a wildcard has any number of names. What is kept are two generations of at most half the bound each: a
 * context that is used moves to the young one, and when that is full it becomes the old one and the old one is dropped. A
 * name that was dropped costs its clients one full handshake.
 *
 * <p><b>Threads.</b> Safe for many threads. Finding takes no lock; only turning a generation does.
 */
final class NameContexts {

    private static final Logger LOG = LoggerFactory.getLogger(NameContexts.class);
    private static final Set<String> ALGORITHMS = Set.of("EC", "RSA");

    /** Whether a session was made by a server that asked for a client certificate: resuming it skips that question. */
    private enum Asked {
        NOTHING,
        WANTED,
        NEEDED
    }

    /** With the kind of key: a name with two certificates, for different clients, has two contexts. */
    private record Key(String serverName, Asked asked, String keyAlgorithm) {}

    /** The context is empty if Conscrypt does not take the key (a rare curve). */
    private record Kept(IndexEntry entry, Optional<SSLContext> context) {}

    private static final class Generations {

        private final Map<Key, Kept> young = new ConcurrentHashMap<>();
        private final Map<Key, Kept> old;

        Generations(Map<Key, Kept> old) {
            this.old = old;
        }
    }

    private final Provider provider;
    private final TrustManager[] trust;
    private final int half;

    private volatile Generations kept = new Generations(Map.of());

    NameContexts(Provider provider, TrustManager[] trust, int bound) {
        this.provider = provider;
        this.trust = trust;
        this.half = bound / 2;
    }

    /** Tells whether Conscrypt can sign with the key of this entry. */
    static boolean canUse(IndexEntry entry) {
        PrivateKey key = entry.bundle().privateKey();
        return ALGORITHMS.contains(key.getAlgorithm()) && "PKCS#8".equals(key.getFormat());
    }

    /**
     * Returns the context for a connection, without server name a new one each time: two such clients must not share ticket
     * keys, and BoringSSL's session cache cannot be switched off. Empty if Conscrypt does not take the entry's key.
     */
    Optional<SSLContext> find(Optional<String> serverName, IndexEntry entry, SSLParameters settings) {
        String algorithm = entry.bundle().privateKey().getAlgorithm();
        return serverName.isPresent()
                ? find(new Key(serverName.get(), asked(settings), algorithm), entry)
                : create(entry);
    }

    private static Asked asked(SSLParameters settings) {
        return settings.getNeedClientAuth()
                ? Asked.NEEDED
                : settings.getWantClientAuth() ? Asked.WANTED : Asked.NOTHING;
    }

    private Optional<SSLContext> find(Key key, IndexEntry entry) {
        Generations now = kept;
        Kept found = now.young.get(key);
        if (found != null && found.entry == entry) {
            return found.context;
        }
        Kept older = now.old.get(key);
        Kept next = older != null && older.entry == entry ? older : new Kept(entry, create(entry));
        now.young.put(key, next);
        if (now.young.size() >= half) {
            turn(now);
        }
        return next.context;
    }

    private synchronized void turn(Generations full) {
        if (kept == full) {
            kept = new Generations(full.young);
        }
    }

    /** Tells how many contexts are kept, for tests. */
    int size() {
        return kept.young.size() + kept.old.size();
    }

    private Optional<SSLContext> create(IndexEntry entry) {
        try {
            PrivateKey key = entry.bundle().privateKey();
            PrivateKey ready = KeyFactory.getInstance(key.getAlgorithm(), provider)
                    .generatePrivate(new PKCS8EncodedKeySpec(key.getEncoded()));
            SSLContext context = SSLContext.getInstance("TLS", provider);
            context.init(new KeyManager[] {new OneKey(entry, ready)}, trust, null);
            return Optional.of(context);
        } catch (GeneralSecurityException e) {
            LOG.warn("The JDK's TLS engine serves {}: Conscrypt does not take its key: {}", entry, e.toString());
            return Optional.empty();
        }
    }

    /** Knows one key, already in the form that BoringSSL signs with, whatever name is asked for. */
    private static final class OneKey extends X509ExtendedKeyManager {

        private static final String ALIAS = "one";

        private final PrivateKey key;
        private final X509Certificate[] chain;

        OneKey(IndexEntry entry, PrivateKey key) {
            this.key = key;
            this.chain = entry.bundle().chain().toArray(new X509Certificate[0]);
        }

        @Override
        public @Nullable String chooseEngineServerAlias(
                String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
            return keyType.equals(key.getAlgorithm()) ? ALIAS : null;
        }

        @Override
        public @Nullable String chooseServerAlias(
                String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return null;
        }

        @Override
        public X509Certificate[] getCertificateChain(@Nullable String alias) {
            return chain.clone();
        }

        @Override
        public PrivateKey getPrivateKey(@Nullable String alias) {
            return key;
        }

        @Override
        public String @Nullable [] getServerAliases(@Nullable String keyType, Principal @Nullable [] issuers) {
            return null;
        }

        @Override
        public String @Nullable [] getClientAliases(@Nullable String keyType, Principal @Nullable [] issuers) {
            return null;
        }

        @Override
        public @Nullable String chooseClientAlias(
                String @Nullable [] keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return null;
        }
    }
}
