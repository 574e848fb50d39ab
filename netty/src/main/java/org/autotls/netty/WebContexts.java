package org.autotls.netty;

import io.netty.handler.ssl.IdentityCipherSuiteFilter;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.OpenSslCachingX509KeyManagerFactory;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.internal.tcnative.SSL;
import java.security.KeyStore;
import java.security.Provider;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.KeyManagerFactorySpi;
import javax.net.ssl.ManagerFactoryParameters;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import org.autotls.tls.AutoTlsContext;
import org.autotls.tls.ClientTrust;
import org.autotls.tls.SniKeyManager;
import org.autotls.tls.TlsDefaults;
import org.jspecify.annotations.Nullable;

/** Makes contexts that serve all names, from each provider. Stateless. */
final class WebContexts {

    private static final X509Certificate[] NOBODY = {};

    private WebContexts() {}

    static SslContext jdk(AutoTlsSslContext.Builder options) {
        TrustManager[] trust = options.trust().stream().toArray(TrustManager[]::new);
        SSLContext context =
                AutoTlsContext.create(options.index(), options.challenges(), ClientTrust.whereAsked(trust));
        return new JdkSslContext(
                context,
                false,
                TlsDefaults.CIPHER_SUITES,
                IdentityCipherSuiteFilter.INSTANCE,
                options.alpn(),
                options.clientAuth(),
                TlsDefaults.PROTOCOLS.toArray(new String[0]),
                false);
    }

    static SslContext boringSsl(AutoTlsSslContext.Builder options) {
        // Native key material is cached by alias. An alias never stands for two bundles, and is unknown to the key
        // manager a minute after its bundle was replaced: what the cache asks of one.
        KeyManagerFactory keys =
                new OpenSslCachingX509KeyManagerFactory(new OneFactory(new SniKeyManager(options.index())));
        SslContextBuilder builder = SslContextBuilder.forServer(keys)
                .sslProvider(SslProvider.OPENSSL)
                .protocols(TlsDefaults.PROTOCOLS)
                .ciphers(TlsDefaults.CIPHER_SUITES, SupportedCipherSuiteFilter.INSTANCE)
                .applicationProtocolConfig(options.alpn())
                .clientAuth(options.clientAuth());
        // Without one Netty reads the JDK's own trust store, for nothing.
        options.trust().ifPresentOrElse(builder::trustManager, () -> builder.trustManager(NOBODY));
        try {
            SslContext context = builder.build();
            ((OpenSslSessionContext) context.sessionContext()).setSessionCacheEnabled(false);
            return context;
        } catch (SSLException e) {
            throw new IllegalStateException("netty-tcnative cannot make a context", e);
        }
    }

    /**
     * Makes sessions of this engine resumable nowhere, and offered ones not resumed by it. Netty has tickets on for TLS 1.3, and
     * offers no way to switch them off but this one.
     */
    static void forbidResumption(SSLEngine engine) {
        SSL.setOptions(((ReferenceCountedOpenSslEngine) engine).sslPointer(), SSL.SSL_OP_NO_TICKET);
    }

    /** A factory of one key manager that is there already; Netty asks for a factory. */
    private static final class OneFactory extends KeyManagerFactory {

        OneFactory(KeyManager manager) {
            super(new Spi(manager), new None(), "autotls");
        }

        private static final class Spi extends KeyManagerFactorySpi {

            private final KeyManager manager;

            Spi(KeyManager manager) {
                this.manager = manager;
            }

            @Override
            protected void engineInit(@Nullable KeyStore store, char @Nullable [] password) {
                // nothing to read
            }

            @Override
            protected void engineInit(@Nullable ManagerFactoryParameters parameters) {
                // nothing to read
            }

            @Override
            protected KeyManager[] engineGetKeyManagers() {
                return new KeyManager[] {manager};
            }
        }

        private static final class None extends Provider {

            private static final long serialVersionUID = 1;

            None() {
                super("autotls", "1", "a factory of one key manager");
            }
        }
    }
}
