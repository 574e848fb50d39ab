package org.autotls.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslHandler;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.autotls.netty.HelloGate.Passed;
import org.autotls.tls.HandshakePolicy;
import org.jspecify.annotations.Nullable;

/**
 * Holds the ClientHello back until it is decided upon; what is to be served then goes to this handler's own engine untouched,
 * on Netty's own path. Only the event loop of its channel enters it.
 *
 * <p>The deadline is {@link SslHandler}'s own: it runs from the beginning of the connection until its handshake is done, and a
 * validation or a refusal never gets there.
 */
final class AutoTlsHandler extends SslHandler {

    private @Nullable HelloGate gate;

    AutoTlsHandler(SSLEngine engine, boolean startTls, Executor tasks, HandshakePolicy policy) {
        super(engine, startTls, tasks);
        this.gate = new HelloGate(policy);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws SSLException {
        if (gate == null) {
            super.decode(ctx, in, out);
            return;
        }
        Optional<Passed> passed = gate.read(ctx, in);
        if (passed.isPresent()) {
            gate = null;
            passed.get().decision().pinTo(engine());
            pass(ctx, Unpooled.wrappedBuffer(passed.get().records()), out);
        }
    }

    private void pass(ChannelHandlerContext ctx, ByteBuf records, List<Object> out) throws SSLException {
        int left;
        do {
            left = records.readableBytes();
            super.decode(ctx, records, out); // takes one record at a time
        } while (records.isReadable() && records.readableBytes() < left);
    }
}
