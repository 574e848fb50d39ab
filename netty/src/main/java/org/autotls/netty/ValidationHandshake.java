package org.autotls.netty;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The handshake of a CA's validation connection (RFC 8737 §3): done, then closed; no byte of it reaches the pipeline. One
 * thread at a time.
 */
final class ValidationHandshake {

    private static final Logger LOG = LoggerFactory.getLogger(ValidationHandshake.class);
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final SSLEngine engine;

    ValidationHandshake(SSLEngine engine) throws SSLException {
        this.engine = engine;
        engine.beginHandshake();
    }

    /**
     * Goes as far as the bytes at hand allow.
     *
     * @param in what has arrived; an incomplete record is left in it
     * @param out receives what is to be sent
     * @return whether all has been said and the connection is to be closed
     */
    boolean proceed(ByteBuffer in, ByteBuf out) {
        try {
            while (true) {
                switch (engine.getHandshakeStatus()) {
                    case NEED_TASK -> engine.getDelegatedTask().run();
                    case NEED_WRAP -> {
                        if (isOver(wrap(out))) {
                            return finish(out);
                        }
                    }
                    case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                        SSLEngineResult result = engine.unwrap(in, plain());
                        if (result.getStatus() == Status.BUFFER_UNDERFLOW) {
                            return false;
                        }
                        if (isOver(result)) {
                            return finish(out);
                        }
                    }
                    case FINISHED, NOT_HANDSHAKING -> {
                        return finish(out);
                    }
                }
            }
        } catch (SSLException e) {
            LOG.debug("A validation's handshake failed", e);
            drain(out);
            return true;
        }
    }

    private static boolean isOver(SSLEngineResult result) {
        return result.getStatus() == Status.CLOSED || result.getHandshakeStatus() == HandshakeStatus.FINISHED;
    }

    private boolean finish(ByteBuf out) {
        engine.closeOutbound();
        drain(out);
        return true;
    }

    private void drain(ByteBuf out) {
        try {
            boolean more = true;
            while (more && !engine.isOutboundDone()) {
                more = wrap(out).bytesProduced() > 0;
            }
        } catch (SSLException e) {
            LOG.debug("A validation's connection could not be closed cleanly", e);
        }
    }

    private SSLEngineResult wrap(ByteBuf out) throws SSLException {
        ByteBuffer record = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        SSLEngineResult result = engine.wrap(NOTHING, record);
        out.writeBytes(record.flip());
        return result;
    }

    private ByteBuffer plain() {
        return ByteBuffer.allocate(engine.getSession().getApplicationBufferSize());
    }
}
