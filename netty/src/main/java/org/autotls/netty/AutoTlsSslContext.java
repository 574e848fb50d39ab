package org.autotls.netty;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNegotiator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ImmediateExecutor;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.TrustManager;
import org.autotls.tls.ChallengeCertificates;
import org.autotls.tls.HandshakePolicy;
import org.autotls.tls.LiveIndex;

/**
 * An {@link SslContext} that serves what a {@link LiveIndex} holds, for Netty and all that is built on it: BoringSSL where it
 * is there, else the JDK's engine. All names are served from the same contexts; a name costs none of its own.
 *
 * <p>What its handlers do, with TLS 1.2 and 1.3:
 *
 * <ul>
 *   <li>The certificate follows the server name, and, where a name has two, what the client can verify; a changed index counts
 *       from the next connection on.
 *   <li>A name that is not served gets the alert {@code unrecognized_name}. A client without a server name gets the
 *       certificate of the address it connected to, or the index's fallback, or is refused with {@code missing_extension}
 *       (TLS 1.3) or {@code handshake_failure}.
 *   <li>A connection that offers exactly {@code acme-tls/1} is answered from the pending challenges and closed (RFC 8737); the
 *       pipeline sees a handshake that failed.
 *   <li>A session is resumed under the server name it was made for only, without a server name not at all. On BoringSSL that
 *       ends when the certificate is replaced, and connections that ask for a client certificate are never resumed. On the
 *       JDK's engine it works as {@link org.autotls.tls.AutoTlsContext} says.
 *   <li>One deadline, ten seconds unless set, for everything from the first byte to the end of the handshake; also for
 *       validations. At most 32 KiB of a ClientHello are kept (BoringSSL itself takes 16 KiB).
 *   <li>TLS 1.3 and 1.2 with ECDHE and AEAD only ({@link org.autotls.tls.TlsDefaults}). No renegotiation.
 * </ul>
 *
 * <p>All of it is in the handlers. On BoringSSL, unless it is for STARTTLS, a handler makes place for another {@link
 * SslHandler}, under the same name, once the ClientHello is there; so ask the pipeline for the handler, not the other way round.
 * What was set on the first one's engine and handler before is passed on (except {@link SslHandler#setWrapDataSize}).
 *
 * <p>With the JDK's engine, {@link #newEngine} gives engines that do the same. With BoringSSL it refuses, unless {@link
 * Builder#bareEngines} was asked for: those engines choose the certificate and refuse unknown names, but do not answer {@code
 * acme-tls/1}, do not resume, nor know a deadline. gRPC makes its own handlers over such engines; give it the JDK provider.
 * Neither do handlers for STARTTLS resume.
 *
 * <p><b>Threads.</b> Immutable; safe for many threads.
 */
public final class AutoTlsSslContext extends SslContext {

    private static final String NO_ENGINES =
            "engines of BoringSSL without our handlers do not answer acme-tls/1 and know no"
                    + " deadline; for gRPC use AutoTlsGrpc, elsewhere newHandler or SslProvider.JDK (or ask for bareEngines() if"
                    + " no certificate depends on tls-alpn-01)";
    private static final int CALLERS = 3;

    private final SslContext web;
    private final LiveIndex index;
    private final HandshakePolicy policy;
    private final Duration handshakeTimeout;
    private final boolean isNative;
    private final Optional<ResumableEngines> resumable;
    private final boolean bareEngines;

    private AutoTlsSslContext(Builder builder) {
        this.index = builder.index;
        this.policy = new HandshakePolicy(builder.index, builder.challenges);
        this.handshakeTimeout = builder.handshakeTimeout;
        this.isNative = builder.provider != SslProvider.JDK;
        this.bareEngines = builder.bareEngines;
        this.web = isNative ? WebContexts.boringSsl(builder) : WebContexts.jdk(builder);
        this.resumable = isNative && builder.clientAuth == ClientAuth.NONE
                ? Optional.of(new ResumableEngines(WebContexts.boringSsl(builder)))
                : Optional.empty();
    }

    /**
     * Makes a context with the default of every option.
     *
     * @param index what is served
     * @param challenges what {@code acme-tls/1} is answered from
     * @param applicationProtocols what ALPN may choose, the preferred first ({@code h2}, {@code http/1.1}); may be empty
     * @return a context for servers
     */
    public static AutoTlsSslContext create(
            LiveIndex index, ChallengeCertificates challenges, List<String> applicationProtocols) {
        return builder(index, challenges)
                .applicationProtocols(applicationProtocols)
                .build();
    }

    /**
     * Starts from what has no default.
     *
     * @param index what is served
     * @param challenges what {@code acme-tls/1} is answered from
     * @return a builder; one thread at a time may use it
     */
    public static Builder builder(LiveIndex index, ChallengeCertificates challenges) {
        return new Builder(requireNonNull(index, "index"), requireNonNull(challenges, "challenges"));
    }

    /** The options of a context. One thread at a time. */
    public static final class Builder {

        private final LiveIndex index;
        private final ChallengeCertificates challenges;
        private List<String> applicationProtocols = List.of();
        private SslProvider provider = OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK;
        private Duration handshakeTimeout = Duration.ofSeconds(10);
        private ClientAuth clientAuth = ClientAuth.NONE;
        private Optional<TrustManager> trust = Optional.empty();
        private boolean bareEngines;

        private Builder(LiveIndex index, ChallengeCertificates challenges) {
            this.index = index;
            this.challenges = challenges;
        }

        /**
         * Sets what ALPN may choose. A client that offers none of it gets a connection without a protocol.
         *
         * @param names the preferred first; default none
         * @return this
         */
        public Builder applicationProtocols(List<String> names) {
            applicationProtocols = List.copyOf(names);
            return this;
        }

        /**
         * Sets who does the cryptography.
         *
         * @param chosen {@link SslProvider#OPENSSL} (BoringSSL, the default where it can be loaded) or {@link SslProvider#JDK}
         * @return this
         * @throws IllegalArgumentException for another, and for one that cannot be loaded here
         */
        public Builder provider(SslProvider chosen) {
            if (chosen == SslProvider.OPENSSL_REFCNT) {
                throw new IllegalArgumentException(
                        "provider OPENSSL_REFCNT: expected OPENSSL or JDK; this context is not" + " reference-counted");
            }
            if (chosen == SslProvider.OPENSSL && !OpenSsl.isAvailable()) {
                throw new IllegalArgumentException(
                        "provider OPENSSL: netty-tcnative cannot be loaded here", OpenSsl.unavailabilityCause());
            }
            provider = chosen;
            return this;
        }

        /**
         * Sets the deadline for everything from the beginning of a connection to the end of its handshake.
         *
         * @param timeout at least a millisecond; default ten seconds
         * @return this
         * @throws IllegalArgumentException if it is shorter
         */
        public Builder handshakeTimeout(Duration timeout) {
            if (timeout.toMillis() < 1) {
                throw new IllegalArgumentException(
                        "handshake timeout " + timeout + ": a connection without a deadline can be held for ever;"
                                + " expected at least a millisecond");
            }
            handshakeTimeout = timeout;
            return this;
        }

        /**
         * Asks for client certificates. A CA's validation of a challenge is never asked for one.
         *
         * @param wanted whether one may or must be shown; default {@link ClientAuth#NONE}
         * @param judge what decides about them
         * @return this
         */
        public Builder clientAuth(ClientAuth wanted, TrustManager judge) {
            clientAuth = requireNonNull(wanted, "wanted");
            trust = Optional.of(judge);
            return this;
        }

        /**
         * Lets {@link #newEngine} give engines of BoringSSL, for software that makes handlers of its own, as gRPC does. On
         * those connections {@code acme-tls/1} is not answered, so certificates have to come by another challenge, and there
         * is no deadline but the software's own. Default: refused, since a renewal would fail months later.
         *
         * @return this
         */
        public Builder bareEngines() {
            bareEngines = true;
            return this;
        }

        /**
         * Makes the context.
         *
         * @return a context for servers
         */
        public AutoTlsSslContext build() {
            return new AutoTlsSslContext(this);
        }

        LiveIndex index() {
            return index;
        }

        ChallengeCertificates challenges() {
            return challenges;
        }

        ClientAuth clientAuth() {
            return clientAuth;
        }

        Optional<TrustManager> trust() {
            return trust;
        }

        /** No protocol in common is no reason to refuse: the application may do without. */
        ApplicationProtocolConfig alpn() {
            return applicationProtocols.isEmpty()
                    ? ApplicationProtocolConfig.DISABLED
                    : new ApplicationProtocolConfig(
                            ApplicationProtocolConfig.Protocol.ALPN,
                            ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                            ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                            applicationProtocols);
        }
    }

    @Override
    public boolean isClient() {
        return false;
    }

    @Override
    public List<String> cipherSuites() {
        return web.cipherSuites();
    }

    @Override
    @SuppressWarnings("deprecation") // SslContext's own
    public ApplicationProtocolNegotiator applicationProtocolNegotiator() {
        // gRPC asks when the context is given to it: a better moment to say no than its first connection.
        if (isNative && !bareEngines && StackWalker.getInstance().walk(AutoTlsSslContext::isAskedByGrpc)) {
            throw new UnsupportedOperationException(NO_ENGINES);
        }
        return web.applicationProtocolNegotiator();
    }

    @Override
    public SSLSessionContext sessionContext() {
        return web.sessionContext();
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator allocator) {
        return guarded(web.newEngine(allocator));
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator allocator, String peerHost, int peerPort) {
        return guarded(web.newEngine(allocator, peerHost, peerPort));
    }

    private static boolean isAskedByGrpc(Stream<StackWalker.StackFrame> frames) {
        return frames.skip(1)
                .limit(CALLERS)
                .anyMatch(frame -> frame.getClassName().startsWith("io.grpc.netty."));
    }

    private SSLEngine guarded(SSLEngine engine) {
        if (isNative) {
            if (!bareEngines) {
                ReferenceCountUtil.release(engine);
                throw new UnsupportedOperationException(NO_ENGINES);
            }
            WebContexts.forbidResumption(engine);
            KnownNames.guard(engine, index);
        }
        return engine;
    }

    @Override
    protected SslHandler newHandler(ByteBufAllocator allocator, boolean startTls) {
        return handler(web.newEngine(allocator), startTls, ImmediateExecutor.INSTANCE);
    }

    @Override
    protected SslHandler newHandler(ByteBufAllocator allocator, boolean startTls, Executor tasks) {
        return handler(web.newEngine(allocator), startTls, tasks);
    }

    @Override
    protected SslHandler newHandler(ByteBufAllocator allocator, String peerHost, int peerPort, boolean startTls) {
        return handler(web.newEngine(allocator, peerHost, peerPort), startTls, ImmediateExecutor.INSTANCE);
    }

    @Override
    protected SslHandler newHandler(
            ByteBufAllocator allocator, String peerHost, int peerPort, boolean startTls, Executor tasks) {
        return handler(web.newEngine(allocator, peerHost, peerPort), startTls, tasks);
    }

    /**
     * Makes a handler over an engine that resumes nothing. With STARTTLS it is always that engine: the handler must stay where
     * what was not encrypted went through.
     */
    private SslHandler handler(SSLEngine engine, boolean startTls, Executor tasks) {
        if (isNative) {
            WebContexts.forbidResumption(engine);
        }
        SslHandler handler = resumable.isPresent() && !startTls
                ? new FrontHandler(engine, tasks, policy, resumable.get())
                : new AutoTlsHandler(engine, startTls, tasks, policy);
        handler.setHandshakeTimeoutMillis(handshakeTimeout.toMillis());
        return handler;
    }
}
