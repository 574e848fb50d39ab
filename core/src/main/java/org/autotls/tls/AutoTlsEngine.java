package org.autotls.tls;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server engine of {@link AutoTlsContext}. It stands before the JDK's own and lets nothing through until the ClientHello
 * is complete and decided upon.
 *
 * <p>The JDK freezes an engine's settings when its handshake begins, chooses the certificate before an ALPN selector runs
 * (TLS 1.2), and knows only one alert for a missing certificate. So the hello is held back, however it is cut, and then, as
 * {@link HandshakePolicy} says:
 *
 * <ul>
 *   <li>SERVING: the chosen entry is pinned to the JDK's engine, which gets the hello and from then on everything. A client
 *       without server name gets an engine of its own context, so that its session is not resumed under any name. Where
 *       {@link ServingEngines} of another library are there, theirs takes the place of the JDK's.
 *   <li>VALIDATION: an engine that knows the challenge's certificate and {@code acme-tls/1} takes the place of the JDK's.
 *       When its handshake is done it is closed; the server sees a handshake that never finished.
 *   <li>REFUSED: the server is told to wrap, and gets the alert. Nothing is thrown: several servers close without sending
 *       what the engine has to say after an exception.
 * </ul>
 *
 * <p>In client mode every call is passed on. One thread at a time.
 */
final class AutoTlsEngine extends DelegatingEngine {

    private static final Logger LOG = LoggerFactory.getLogger(AutoTlsEngine.class);
    private static final int RECORD_HEADER = 5;
    private static final int MAX_FRAGMENT = 1 << 14;
    private static final byte HANDSHAKE = 22;

    private enum Phase {
        HELLO,
        SERVING,
        VALIDATION,
        REFUSED
    }

    private final HandshakePolicy policy;
    private final ClientTrust trust;
    private final ServingEngines.Maker others;
    private final SSLParameters clientDefaults;
    private final ClientHelloReader reader = new ClientHelloReader();

    private Phase phase = Phase.HELLO;
    private boolean begun;
    private boolean closedEarly;
    /** Refused: what is still to be sent. */
    private byte @Nullable [] alert;
    /** Refused: the alert was given out, and after it that this engine is closed. */
    private boolean saidAll;
    /** Serving: TLS 1.2 is established, so a handshake record from the client asks for renegotiation. */
    private boolean renegotiable;
    /** Validation: the handshake is done, and the engine is closing. */
    private boolean validated;

    AutoTlsEngine(
            SSLEngine delegate,
            HandshakePolicy policy,
            ClientTrust trust,
            ServingEngines.Maker others,
            SSLParameters clientDefaults) {
        super(delegate);
        this.policy = policy;
        this.trust = trust;
        this.others = others;
        this.clientDefaults = clientDefaults;
        delegate.setUseClientMode(false);
        delegate.setSSLParameters(TlsDefaults.applyTo(delegate.getSSLParameters()));
    }

    @Override
    public SSLEngineResult unwrap(ByteBuffer src, ByteBuffer[] dsts, int offset, int length) throws SSLException {
        if (getUseClientMode() || closedEarly) {
            return delegate.unwrap(src, dsts, offset, length);
        }
        return switch (phase) {
            case HELLO -> readHello(src, dsts, offset, length);
            case SERVING -> {
                refuseRenegotiation(src);
                yield established(delegate.unwrap(src, dsts, offset, length));
            }
            case VALIDATION -> validated ? closed(src) : hidden(delegate.unwrap(src, dsts, offset, length));
            case REFUSED -> closed(src);
        };
    }

    @Override
    public SSLEngineResult wrap(ByteBuffer[] srcs, int offset, int length, ByteBuffer dst) throws SSLException {
        if (getUseClientMode() || closedEarly) {
            return delegate.wrap(srcs, offset, length, dst);
        }
        return switch (phase) {
            case HELLO -> {
                begun = true;
                yield new SSLEngineResult(Status.OK, HandshakeStatus.NEED_UNWRAP, 0, 0);
            }
            case SERVING -> established(delegate.wrap(srcs, offset, length, dst));
            case VALIDATION -> hidden(delegate.wrap(srcs, offset, length, dst));
            case REFUSED -> wrapAlert(dst);
        };
    }

    private SSLEngineResult readHello(ByteBuffer src, ByteBuffer[] dsts, int offset, int length) throws SSLException {
        begun = true;
        int size = wholeRecord(src);
        if (size == 0) {
            return new SSLEngineResult(Status.BUFFER_UNDERFLOW, HandshakeStatus.NEED_UNWRAP, 0, 0);
        }
        Peek peek = reader.read(src.slice(src.position(), size));
        src.position(src.position() + size);
        if (peek instanceof Peek.Hello complete) {
            decide(complete.hello());
        } else if (peek instanceof Peek.Refused refused) {
            refuse(refused.alert(), refused.reason());
        }
        return switch (phase) {
            case HELLO -> new SSLEngineResult(Status.OK, HandshakeStatus.NEED_UNWRAP, size, 0);
            case REFUSED -> new SSLEngineResult(Status.OK, HandshakeStatus.NEED_WRAP, size, 0);
            case SERVING, VALIDATION -> pass(size, dsts, offset, length);
        };
    }

    /** Returns how many bytes to look at: one record, or what shows that it is none; 0 if more must come. */
    private static int wholeRecord(ByteBuffer src) {
        if (src.hasRemaining() && src.get(src.position()) != HANDSHAKE) {
            return 1;
        }
        if (src.remaining() < RECORD_HEADER) {
            return 0;
        }
        int fragment = ((src.get(src.position() + 3) & 0xff) << 8) | (src.get(src.position() + 4) & 0xff);
        if (fragment > MAX_FRAGMENT) {
            return RECORD_HEADER;
        }
        return src.remaining() < RECORD_HEADER + fragment ? 0 : RECORD_HEADER + fragment;
    }

    private void decide(ClientHello hello) {
        // A server that peeked by itself and knows more (the local address) may have decided already.
        HandshakeDecision decision = PinnedEntry.find(delegate.getSSLParameters())
                .<HandshakeDecision>map(entry -> new HandshakeDecision.Serve(hello.serverName(), entry))
                .orElseGet(() -> policy.decide(hello));
        if (decision instanceof HandshakeDecision.Refuse refusal) {
            refuse(refusal.alert(), refusal.reason());
        } else if (decision instanceof HandshakeDecision.Answer answer) {
            delegate = answer.engine();
            phase = Phase.VALIDATION;
            LOG.info(
                    "Answering the CA's tls-alpn-01 validation of {}",
                    hello.serverName().orElse(""));
        } else if (decision instanceof HandshakeDecision.Serve serve) {
            serve(serve, hello);
            phase = Phase.SERVING;
        }
    }

    private void serve(HandshakeDecision.Serve serve, ClientHello hello) {
        if (trust.required()) {
            delegate.setNeedClientAuth(true); // first, since the settings go with the connection to any other engine
        }
        Optional<SSLEngine> other = others.make(serve.entry(), hello, delegate.getSSLParameters());
        if (other.isPresent()) {
            continueWith(other.get());
            return;
        }
        if (!serve.isNamed()) {
            continueWith(SingleUseEngines.create(serve.entry().bundle(), trust.managers()));
        }
        serve.pinTo(delegate);
    }

    private void refuse(TlsAlert answer, String reason) {
        phase = Phase.REFUSED;
        alert = answer.toRecord();
        LOG.debug("A connection is refused with {}: {}", answer, reason);
    }

    /** Gives the JDK's engine the whole hello, as if it had just arrived. */
    private SSLEngineResult pass(int consumed, ByteBuffer[] dsts, int offset, int length) throws SSLException {
        ByteBuffer records = reader.records();
        SSLEngineResult result;
        do {
            result = delegate.unwrap(records, dsts, offset, length);
        } while (records.hasRemaining()
                && result.getStatus() == Status.OK
                && result.getHandshakeStatus() == HandshakeStatus.NEED_UNWRAP);
        return new SSLEngineResult(result.getStatus(), result.getHandshakeStatus(), consumed, result.bytesProduced());
    }

    private SSLEngineResult wrapAlert(ByteBuffer dst) {
        byte[] record = alert;
        if (record == null) {
            saidAll = true;
            return new SSLEngineResult(Status.CLOSED, HandshakeStatus.NOT_HANDSHAKING, 0, 0);
        }
        if (dst.remaining() < record.length) {
            return new SSLEngineResult(Status.BUFFER_OVERFLOW, HandshakeStatus.NEED_WRAP, 0, 0);
        }
        dst.put(record);
        alert = null;
        // Closed is said the next time: the JDK's HttpsServer does not send bytes that come together with it.
        return new SSLEngineResult(Status.OK, HandshakeStatus.NEED_WRAP, 0, record.length);
    }

    private SSLEngineResult closed(ByteBuffer src) {
        int size = src.remaining();
        src.position(src.limit());
        return new SSLEngineResult(Status.CLOSED, getHandshakeStatus(), size, 0);
    }

    private SSLEngineResult established(SSLEngineResult result) {
        if (result.getHandshakeStatus() == HandshakeStatus.FINISHED) {
            renegotiable = delegate.getSession().getProtocol().equals("TLSv1.2");
        }
        return result;
    }

    /** The JDK allows it unless a system property says no, and then reads that property once for all. */
    private void refuseRenegotiation(ByteBuffer src) throws SSLException {
        if (renegotiable && src.hasRemaining() && src.get(src.position()) == HANDSHAKE) {
            delegate.closeOutbound();
            LOG.debug("A connection is closed: the client asked for renegotiation");
            throw new SSLHandshakeException("the client asked for renegotiation, which is not allowed");
        }
    }

    /** The server must not take the end of a validation's handshake for the beginning of a conversation. */
    private SSLEngineResult hidden(SSLEngineResult result) {
        if (result.getHandshakeStatus() != HandshakeStatus.FINISHED) {
            return result;
        }
        validated = true;
        delegate.closeOutbound();
        return new SSLEngineResult(
                result.getStatus(), delegate.getHandshakeStatus(), result.bytesConsumed(), result.bytesProduced());
    }

    @Override
    public void beginHandshake() throws SSLException {
        if (getUseClientMode() || closedEarly || phase == Phase.SERVING) {
            renegotiable = false; // the server itself asks for it
            delegate.beginHandshake();
        } else {
            begun = true;
        }
    }

    @Override
    public HandshakeStatus getHandshakeStatus() {
        if (getUseClientMode() || closedEarly) {
            return delegate.getHandshakeStatus();
        }
        return switch (phase) {
            case HELLO -> begun ? HandshakeStatus.NEED_UNWRAP : HandshakeStatus.NOT_HANDSHAKING;
            case REFUSED -> saidAll ? HandshakeStatus.NOT_HANDSHAKING : HandshakeStatus.NEED_WRAP;
            case SERVING, VALIDATION -> delegate.getHandshakeStatus();
        };
    }

    @Override
    public void setUseClientMode(boolean client) {
        boolean untouched = TlsDefaults.CIPHER_SUITES.equals(List.of(delegate.getEnabledCipherSuites()));
        delegate.setUseClientMode(client);
        if (client && untouched) {
            delegate.setEnabledCipherSuites(clientDefaults.getCipherSuites());
            delegate.setEnabledProtocols(clientDefaults.getProtocols());
        }
    }

    @Override
    public void closeInbound() throws SSLException {
        closedEarly |= phase == Phase.HELLO;
        if (phase != Phase.REFUSED) {
            super.closeInbound();
        }
    }

    @Override
    public void closeOutbound() {
        closedEarly |= phase == Phase.HELLO;
        if (phase != Phase.REFUSED) {
            super.closeOutbound();
        }
    }

    @Override
    public boolean isInboundDone() {
        return phase == Phase.REFUSED || validated || super.isInboundDone();
    }

    @Override
    public boolean isOutboundDone() {
        return phase == Phase.REFUSED ? saidAll : super.isOutboundDone();
    }

    @Override
    public @Nullable String getApplicationProtocol() {
        return phase == Phase.VALIDATION ? null : super.getApplicationProtocol();
    }

    @Override
    public @Nullable String getHandshakeApplicationProtocol() {
        return phase == Phase.VALIDATION ? null : super.getHandshakeApplicationProtocol();
    }
}
