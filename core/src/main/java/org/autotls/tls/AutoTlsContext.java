package org.autotls.tls;

import java.security.GeneralSecurityException;
import java.security.KeyManagementException;
import java.security.KeyStore;
import java.security.SecureRandom;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * An {@link SSLContext} that serves what a {@link LiveIndex} holds, for every server that takes an SSLContext and works with
 * {@link SSLEngine} (the JDK's HttpsServer, Jetty, Tomcat, Undertow, Netty with its JDK provider and more).
 *
 * <p>What its server engines do, on JDK 17 and later, with TLS 1.2 and 1.3:
 *
 * <ul>
 *   <li>The certificate follows the server name, and, where a name has two, what the client can verify; a changed index counts
 *       from the next connection on.
 *   <li>A name that is not served gets the alert {@code unrecognized_name}; a client without a server name gets the index's
 *       fallback, or is refused.
 *   <li>A session is resumed only under the server name it was made for. Without a server name none is. (JDK 17 goes on to
 *       resume sessions of a certificate that was replaced since; JDK 25 does not.)
 *   <li>A connection that offers exactly {@code acme-tls/1} is answered from the pending challenges and closed (RFC 8737); the
 *       server sees a handshake that did not finish. All other connections' ALPN is the server's own.
 *   <li>TLS 1.3 and 1.2 with ECDHE and AEAD only ({@link TlsDefaults}), unless the server sets others. A client cannot
 *       renegotiate.
 *   <li>A ClientHello may come in any number of segments and records, up to 32 KiB.
 * </ul>
 *
 * <p>With the module {@code autotls-conscrypt} on the class path, connections are served by Conscrypt's engine instead, which
 * takes a fraction of the processor time for a full handshake and keeps all of the above; what it cannot do is left to the
 * JDK's, connection by connection. The system property {@code autotls.engine=jdk} keeps the JDK's engine for all of them.
 * It is read when a context is made.
 *
 * <p>Left to the server: a deadline for the whole handshake, and sending what the engine wraps after it refused.
 *
 * <p>Server sockets are refused with {@link UnsupportedOperationException}, those of {@link #getServerSocketFactory} and those
 * that {@link SSLSocketFactory#createSocket(java.net.Socket, java.io.InputStream, boolean)} makes of an accepted socket: an
 * SSLSocket offers no place to look at the ClientHello first. Engines in client mode and client sockets are the JDK's own.
 *
 * <p><b>Threads.</b> Safe for many threads.
 */
public final class AutoTlsContext extends SSLContext {

    private AutoTlsContext(SSLContext jdk, HandshakePolicy policy, ClientTrust trust) {
        super(new Spi(jdk, policy, trust), jdk.getProvider(), jdk.getProtocol());
    }

    /**
     * Makes a context for servers that ask for no client certificate. Should a server do so nevertheless, the JDK's default
     * trust store decides.
     *
     * @param index what is served
     * @param challenges what {@code acme-tls/1} is answered from
     * @return a context that needs no {@code init}
     */
    public static SSLContext create(LiveIndex index, ChallengeCertificates challenges) {
        try {
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init((KeyStore) null);
            return create(index, challenges, ClientTrust.whereAsked(factory.getTrustManagers()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK's default trust store cannot be read", e);
        }
    }

    /**
     * Makes a context for servers that ask for client certificates ({@link SSLParameters#setNeedClientAuth}), or that
     * requires them whatever the server says.
     *
     * @param index what is served
     * @param challenges what {@code acme-tls/1} is answered from; a validation is never asked for a client certificate
     * @param trust judges client certificates, and says whether each client must show one
     * @return a context that needs no {@code init}
     */
    public static SSLContext create(LiveIndex index, ChallengeCertificates challenges, ClientTrust trust) {
        try {
            SSLContext jdk = SSLContext.getInstance("TLS");
            jdk.init(new KeyManager[] {new SniKeyManager(index)}, trust.managers(), null);
            return new AutoTlsContext(jdk, new HandshakePolicy(index, challenges), trust);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no TLS", e);
        }
    }

    /**
     * Tells whether an engine is one of this class. Servers with a list of engines that they take (Jetty's ALPN) ask.
     *
     * @param engine any engine
     * @return whether an {@code AutoTlsContext} made it
     */
    public static boolean isEngineOfOurs(SSLEngine engine) {
        return engine instanceof AutoTlsEngine;
    }

    private static final class Spi extends SSLContextSpi {

        private final SSLContext jdk;
        private final HandshakePolicy policy;
        private final ClientTrust trust;
        private final ServingEngines.Maker others;
        private final SSLParameters clientDefaults;

        Spi(SSLContext jdk, HandshakePolicy policy, ClientTrust trust) {
            this.jdk = jdk;
            this.policy = policy;
            this.trust = trust;
            this.others = EngineChoice.of(trust.managers());
            this.clientDefaults = jdk.getDefaultSSLParameters();
        }

        @Override
        protected void engineInit(
                KeyManager @Nullable [] keys, TrustManager @Nullable [] trusted, @Nullable SecureRandom random)
                throws KeyManagementException {
            throw new KeyManagementException("an AutoTlsContext is ready for use; its keys come from its LiveIndex");
        }

        @Override
        protected SSLEngine engineCreateSSLEngine() {
            return engine(jdk.createSSLEngine());
        }

        @Override
        protected SSLEngine engineCreateSSLEngine(String host, int port) {
            return engine(jdk.createSSLEngine(host, port));
        }

        private SSLEngine engine(SSLEngine delegate) {
            return new AutoTlsEngine(delegate, policy, trust, others, clientDefaults);
        }

        @Override
        protected SSLSocketFactory engineGetSocketFactory() {
            return new ClientSockets(jdk.getSocketFactory());
        }

        @Override
        protected SSLServerSocketFactory engineGetServerSocketFactory() {
            return new RefusingServerSockets(engineGetDefaultSSLParameters(), engineGetSupportedSSLParameters());
        }

        @Override
        protected SSLSessionContext engineGetServerSessionContext() {
            return jdk.getServerSessionContext();
        }

        @Override
        protected SSLSessionContext engineGetClientSessionContext() {
            return jdk.getClientSessionContext();
        }

        @Override
        protected SSLParameters engineGetDefaultSSLParameters() {
            return TlsDefaults.applyTo(jdk.getDefaultSSLParameters());
        }

        @Override
        protected SSLParameters engineGetSupportedSSLParameters() {
            return jdk.getSupportedSSLParameters();
        }
    }
}
