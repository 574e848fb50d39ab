package org.autotls.tls;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import org.autotls.CertificateBundle;
import org.jspecify.annotations.Nullable;

/**
 * Server engines with a context, and so with ticket keys, of their own: what they hand out for resumption can be redeemed
 * nowhere. Stateless.
 */
final class SingleUseEngines {

    private SingleUseEngines() {}

    /** Returns an engine that answers a challenge: {@code acme-tls/1} and nothing else, no client certificate. */
    static SSLEngine forChallenge(CertificateBundle answer) {
        SSLEngine engine = create(answer, new TrustManager[0]);
        SSLParameters parameters = TlsDefaults.applyTo(engine.getSSLParameters());
        parameters.setApplicationProtocols(new String[] {ClientHello.ACME_TLS_1});
        engine.setSSLParameters(parameters);
        return engine;
    }

    /** Returns an engine that serves one bundle, with the JDK's own settings. */
    static SSLEngine create(CertificateBundle bundle, TrustManager[] trust) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[] {new OneKey(bundle)}, trust, null);
            SSLEngine engine = context.createSSLEngine();
            engine.setUseClientMode(false);
            return engine;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no TLS", e);
        }
    }

    /** Knows one bundle, whatever name is asked for. */
    private static final class OneKey extends X509ExtendedKeyManager {

        private static final String ALIAS = "one";

        private final CertificateBundle bundle;

        OneKey(CertificateBundle bundle) {
            this.bundle = bundle;
        }

        @Override
        public @Nullable String chooseEngineServerAlias(
                String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
            return IndexEntry.fits(bundle.privateKey(), keyType) ? ALIAS : null;
        }

        @Override
        public @Nullable String chooseServerAlias(
                String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return null;
        }

        @Override
        public X509Certificate[] getCertificateChain(@Nullable String alias) {
            return bundle.chain().toArray(new X509Certificate[0]);
        }

        @Override
        public PrivateKey getPrivateKey(@Nullable String alias) {
            return bundle.privateKey();
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
