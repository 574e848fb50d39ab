package org.autotls.conscrypt;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import org.autotls.tls.TlsAlert;
import org.autotls.tls.TlsDefaults;
import org.jspecify.annotations.Nullable;

/**
 * A Conscrypt engine that a server can use like the JDK's. What is made good:
 *
 * <ul>
 *   <li>After a failure or {@code closeOutbound} it says NEED_WRAP as long as there is something to send (Conscrypt says
 *       NOT_HANDSHAKING, and servers then do not send the alert), and CLOSED only when all of it was given out.
 *   <li>A flight longer than the buffer that a server gives to {@code wrap} is given out in pieces (Conscrypt's may be longer
 *       than the packet size that it names; it then answers BUFFER_OVERFLOW for ever).
 *   <li>BUFFER_OVERFLOW of {@code unwrap} means that nothing was consumed (Conscrypt consumes, and keeps the rest).
 *   <li>An ALPN list or selector without a match refuses with {@code no_application_protocol} (Conscrypt goes on without
 *       protocol). No protocol is "" after the handshake (Conscrypt: null).
 *   <li>{@code closeInbound} before the peer's close_notify throws (Conscrypt: does not).
 *   <li>Settings it does not know are left out instead of failing (CBC with SHA-2, DHE, TLS 1.1).
 * </ul>
 *
 * <p>One thread at a time, as any engine.
 */
final class ConscryptServerEngine extends SSLEngine {

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();
    /** What BoringSSL's buffer between engine and network holds, and some more. */
    private static final int FLIGHT = 20 * 1024;

    private static final int RECORD_HEADER = 5;
    private static final int TAG = 16;

    private final SSLEngine engine;
    private final ConscryptEngines.Capabilities capabilities;

    private @Nullable BiFunction<SSLEngine, List<String>, String> selector;
    /** The server's own list, the preferred first; used if there is no selector. */
    private List<String> protocols = List.of();
    /** ALPN found nothing; what has been made of the server's flight must not go out. */
    private boolean mismatch;

    private boolean established;
    /** Either side has closed, or the handshake failed: what is left to send are alerts. */
    private boolean closing;
    /** What was too long for the server's buffer. */
    private ByteBuffer rest = NOTHING;
    /** What to say when the rest has been given out. */
    private HandshakeStatus afterRest = HandshakeStatus.NOT_HANDSHAKING;

    ConscryptServerEngine(SSLEngine engine, ConscryptEngines.Capabilities capabilities) {
        super(engine.getPeerHost(), engine.getPeerPort());
        this.engine = engine;
        this.capabilities = capabilities;
    }

    @Override
    public SSLEngineResult unwrap(ByteBuffer src, ByteBuffer[] dsts, int offset, int length) throws SSLException {
        if (mismatch) {
            return new SSLEngineResult(Status.CLOSED, getHandshakeStatus(), 0, 0);
        }
        if (established && isTooLong(src, dsts, offset, length)) {
            return new SSLEngineResult(Status.BUFFER_OVERFLOW, getHandshakeStatus(), 0, 0);
        }
        SSLEngineResult result;
        try {
            result = engine.unwrap(src, dsts, offset, length);
        } catch (SSLException e) {
            closing = true;
            throw e;
        }
        if (mismatch) {
            refuse();
        }
        closing |= result.getStatus() == Status.CLOSED;
        return told(result);
    }

    /** Tells whether the plaintext of the next record may not fit, as the JDK's engine reckons it. */
    private static boolean isTooLong(ByteBuffer src, ByteBuffer[] dsts, int offset, int length) {
        if (src.remaining() < RECORD_HEADER) {
            return false;
        }
        int record = ((src.get(src.position() + 3) & 0xff) << 8) | (src.get(src.position() + 4) & 0xff);
        long room = Arrays.stream(dsts, offset, offset + length)
                .mapToLong(ByteBuffer::remaining)
                .sum();
        return src.remaining() >= RECORD_HEADER + record && room < record - TAG;
    }

    private void refuse() throws SSLException {
        engine.closeOutbound();
        closing = true;
        rest = ByteBuffer.wrap(TlsAlert.NO_APPLICATION_PROTOCOL.toRecord()); // nothing has been sent, so in the clear
        throw new SSLHandshakeException("no application protocol in common with the client");
    }

    @Override
    public SSLEngineResult wrap(ByteBuffer[] srcs, int offset, int length, ByteBuffer dst) throws SSLException {
        if (rest.hasRemaining()) {
            return give(dst, 0);
        }
        if (mismatch) {
            return new SSLEngineResult(Status.CLOSED, HandshakeStatus.NOT_HANDSHAKING, 0, 0);
        }
        SSLEngineResult result = wrapWhole(srcs, offset, length, dst);
        if (result.getStatus() == Status.BUFFER_OVERFLOW
                && dst.remaining() >= engine.getSession().getPacketBufferSize()) {
            ByteBuffer flight = ByteBuffer.allocate(FLIGHT);
            result = wrapWhole(srcs, offset, length, flight);
            rest = flight.flip();
            afterRest = result.getHandshakeStatus();
            return rest.hasRemaining() ? give(dst, result.bytesConsumed()) : told(result);
        }
        return told(result);
    }

    private SSLEngineResult wrapWhole(ByteBuffer[] srcs, int offset, int length, ByteBuffer dst) throws SSLException {
        try {
            return engine.wrap(srcs, offset, length, dst);
        } catch (SSLException e) {
            closing = true;
            throw e;
        }
    }

    private SSLEngineResult give(ByteBuffer dst, int consumed) {
        int size = Math.min(rest.remaining(), dst.remaining());
        if (size == 0) {
            return new SSLEngineResult(Status.BUFFER_OVERFLOW, HandshakeStatus.NEED_WRAP, consumed, 0);
        }
        dst.put(rest.slice(rest.position(), size));
        rest.position(rest.position() + size);
        if (rest.hasRemaining()) {
            return new SSLEngineResult(Status.OK, HandshakeStatus.NEED_WRAP, consumed, size);
        }
        return told(new SSLEngineResult(Status.OK, afterRest, consumed, size));
    }

    /** Notes what a result says, and says it as the JDK would. */
    private SSLEngineResult told(SSLEngineResult result) {
        established |= result.getHandshakeStatus() == HandshakeStatus.FINISHED;
        if (!closing) {
            return result;
        }
        // Closed is said when all was given out: some servers do not send bytes that come together with it.
        boolean more = result.bytesProduced() > 0 && result.getStatus() == Status.CLOSED;
        return new SSLEngineResult(
                more ? Status.OK : result.getStatus(),
                getHandshakeStatus(),
                result.bytesConsumed(),
                result.bytesProduced());
    }

    @Override
    public HandshakeStatus getHandshakeStatus() {
        if (rest.hasRemaining()) {
            return HandshakeStatus.NEED_WRAP;
        }
        if (mismatch) {
            return HandshakeStatus.NOT_HANDSHAKING;
        }
        return closing && !engine.isOutboundDone() ? HandshakeStatus.NEED_WRAP : engine.getHandshakeStatus();
    }

    @Override
    public void beginHandshake() throws SSLException {
        if (established) {
            throw new SSLException("BoringSSL does not renegotiate");
        }
        engine.beginHandshake();
    }

    @Override
    public void closeInbound() throws SSLException {
        boolean early = !closing && !engine.isInboundDone();
        engine.closeInbound();
        if (early) {
            throw new SSLException(
                    "closing inbound before the peer's close_notify: what was received may be incomplete");
        }
    }

    @Override
    public boolean isInboundDone() {
        return mismatch || engine.isInboundDone();
    }

    @Override
    public void closeOutbound() {
        closing = true;
        engine.closeOutbound();
    }

    @Override
    public boolean isOutboundDone() {
        return !rest.hasRemaining() && (mismatch || engine.isOutboundDone());
    }

    @Override
    public @Nullable Runnable getDelegatedTask() {
        return engine.getDelegatedTask();
    }

    @Override
    public void setSSLParameters(SSLParameters parameters) {
        protocols = List.of(parameters.getApplicationProtocols());
        parameters.setApplicationProtocols(new String[0]); // see setHandshakeApplicationProtocolSelector
        parameters.setSNIMatchers(null); // the name was judged before, and this engine knows one certificate only
        String[] suites = capabilities.suites(parameters.getCipherSuites());
        if (ConscryptEngines.TLS13_SUITES.containsAll(List.of(suites))) {
            // Conscrypt sees by the suites of TLS 1.2 which keys to ask for, even if only TLS 1.3 is spoken.
            parameters.setProtocols(new String[] {ConscryptEngines.TLS13});
            parameters.setCipherSuites(TlsDefaults.CIPHER_SUITES.toArray(new String[0]));
        } else {
            parameters.setProtocols(capabilities.protocols(parameters.getProtocols()));
            parameters.setCipherSuites(suites);
        }
        engine.setSSLParameters(parameters);
        choose();
    }

    @Override
    public void setHandshakeApplicationProtocolSelector(
            @Nullable BiFunction<SSLEngine, List<String>, String> selector) {
        this.selector = selector;
        choose();
    }

    /** List and selector both become Conscrypt's selector, which sees whether there is a match. */
    private void choose() {
        boolean any = selector != null || !protocols.isEmpty();
        engine.setHandshakeApplicationProtocolSelector(any ? (ssl, offered) -> chosen(offered) : null);
    }

    private String chosen(List<String> offered) {
        BiFunction<SSLEngine, List<String>, String> asked = selector;
        @Nullable
        String answer = asked == null
                ? protocols.stream().filter(offered::contains).findFirst().orElse(null)
                : asked.apply(this, offered);
        mismatch = answer == null;
        return answer == null ? "" : answer;
    }

    @Override
    public @Nullable BiFunction<SSLEngine, List<String>, String> getHandshakeApplicationProtocolSelector() {
        return selector;
    }

    @Override
    public @Nullable String getApplicationProtocol() {
        @Nullable String protocol = engine.getApplicationProtocol();
        return protocol == null && established ? "" : protocol;
    }

    @Override
    public @Nullable String getHandshakeApplicationProtocol() {
        return established ? null : engine.getHandshakeApplicationProtocol();
    }

    @Override
    public SSLParameters getSSLParameters() {
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setApplicationProtocols(protocols.toArray(new String[0]));
        return parameters;
    }

    @Override
    public SSLSession getSession() {
        return engine.getSession();
    }

    @Override
    public @Nullable SSLSession getHandshakeSession() {
        return engine.getHandshakeSession();
    }

    @Override
    public String[] getSupportedCipherSuites() {
        return engine.getSupportedCipherSuites();
    }

    @Override
    public String[] getEnabledCipherSuites() {
        return engine.getEnabledCipherSuites();
    }

    @Override
    public void setEnabledCipherSuites(String[] suites) {
        engine.setEnabledCipherSuites(capabilities.suites(suites));
    }

    @Override
    public String[] getSupportedProtocols() {
        return engine.getSupportedProtocols();
    }

    @Override
    public String[] getEnabledProtocols() {
        return engine.getEnabledProtocols();
    }

    @Override
    public void setEnabledProtocols(String[] wanted) {
        engine.setEnabledProtocols(capabilities.protocols(wanted));
    }

    @Override
    public boolean getUseClientMode() {
        return engine.getUseClientMode();
    }

    @Override
    public void setUseClientMode(boolean client) {
        engine.setUseClientMode(client);
    }

    @Override
    public boolean getNeedClientAuth() {
        return engine.getNeedClientAuth();
    }

    @Override
    public void setNeedClientAuth(boolean need) {
        engine.setNeedClientAuth(need);
    }

    @Override
    public boolean getWantClientAuth() {
        return engine.getWantClientAuth();
    }

    @Override
    public void setWantClientAuth(boolean want) {
        engine.setWantClientAuth(want);
    }

    @Override
    public boolean getEnableSessionCreation() {
        return engine.getEnableSessionCreation();
    }

    @Override
    public void setEnableSessionCreation(boolean enable) {
        engine.setEnableSessionCreation(enable);
    }

    @Override
    public String toString() {
        return "Conscrypt[" + engine + "]";
    }
}
