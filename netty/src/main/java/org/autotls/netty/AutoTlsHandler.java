package org.autotls.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.autotls.Identifier;
import org.autotls.tls.ClientHello;
import org.autotls.tls.ClientHelloReader;
import org.autotls.tls.HandshakeDecision;
import org.autotls.tls.HandshakePolicy;
import org.autotls.tls.Peek;
import org.autotls.tls.TlsAlert;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the ClientHello back until it is complete and decided upon; what is to be served then goes to the engine untouched,
 * on Netty's own path. Only the event loop of its channel enters it.
 *
 * <p>The deadline is {@link SslHandler}'s own: it runs from the beginning of the connection until its handshake is done, and a
 * validation or a refusal never gets there.
 */
final class AutoTlsHandler extends SslHandler {

    private static final Logger LOG = LoggerFactory.getLogger(AutoTlsHandler.class);

    private final HandshakePolicy policy;
    private @Nullable ClientHelloReader reader = new ClientHelloReader();
    private @Nullable ValidationHandshake validation;
    private boolean finished;

    AutoTlsHandler(SSLEngine engine, boolean startTls, Executor tasks, HandshakePolicy policy) {
        super(engine, startTls, tasks);
        this.policy = policy;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws SSLException {
        if (finished) {
            in.skipBytes(in.readableBytes());
        } else if (validation != null) {
            validate(validation, ctx, in);
        } else if (reader != null) {
            peek(reader, ctx, in, out);
        } else {
            super.decode(ctx, in, out);
        }
    }

    private void peek(ClientHelloReader hello, ChannelHandlerContext ctx, ByteBuf in, List<Object> out)
            throws SSLException {
        ByteBuffer bytes = in.nioBuffer();
        int before = bytes.remaining();
        Peek peek = hello.read(bytes);
        in.skipBytes(before - bytes.remaining());
        if (peek instanceof Peek.Refused refused) {
            refuse(ctx, in, refused.alert(), refused.reason());
        } else if (peek instanceof Peek.Hello complete) {
            reader = null;
            decide(complete.hello(), hello.records(), ctx, in, out);
        }
    }

    private void decide(ClientHello hello, ByteBuffer records, ChannelHandlerContext ctx, ByteBuf in, List<Object> out)
            throws SSLException {
        HandshakeDecision decision = policy.decide(hello, localAddress(hello, ctx));
        if (decision instanceof HandshakeDecision.Refuse refusal) {
            refuse(ctx, in, refusal.alert(), refusal.reason());
        } else if (decision instanceof HandshakeDecision.Answer answer) {
            LOG.info(
                    "Answering the CA's tls-alpn-01 validation of {}",
                    hello.serverName().orElse(""));
            validation = new ValidationHandshake(answer.engine());
            validate(validation, ctx, Unpooled.wrappedBuffer(records));
        } else if (decision instanceof HandshakeDecision.Serve serve) {
            serve.pinTo(engine());
            pass(ctx, Unpooled.wrappedBuffer(records), out);
        }
    }

    /** Asked for only where it matters: of a client without a server name. */
    private static String localAddress(ClientHello hello, ChannelHandlerContext ctx) {
        if (hello.rawServerName().isPresent()
                || !(ctx.channel().localAddress() instanceof InetSocketAddress local)
                || local.isUnresolved()) {
            return "";
        }
        String text = local.getAddress().getHostAddress();
        int zone = text.indexOf('%');
        return Identifier.of(zone < 0 ? text : text.substring(0, zone)).value();
    }

    private void pass(ChannelHandlerContext ctx, ByteBuf records, List<Object> out) throws SSLException {
        int left;
        do {
            left = records.readableBytes();
            super.decode(ctx, records, out); // takes one record at a time
        } while (records.isReadable() && records.readableBytes() < left);
    }

    private void refuse(ChannelHandlerContext ctx, ByteBuf in, TlsAlert alert, String reason) {
        LOG.debug("A connection is refused with {}: {}", alert, reason);
        reader = null;
        in.skipBytes(in.readableBytes());
        close(ctx, Unpooled.wrappedBuffer(alert.toRecord()));
    }

    private void validate(ValidationHandshake handshake, ChannelHandlerContext ctx, ByteBuf in) {
        ByteBuffer bytes = in.nioBuffer();
        int before = bytes.remaining();
        ByteBuf answer = Unpooled.buffer();
        boolean done = handshake.proceed(bytes, answer);
        in.skipBytes(done ? in.readableBytes() : before - bytes.remaining());
        if (done) {
            close(ctx, answer);
        } else {
            ctx.writeAndFlush(answer);
        }
    }

    /** Closes past this handler's own close, which would have its engine say goodbye too. */
    private void close(ChannelHandlerContext ctx, ByteBuf lastWords) {
        finished = true;
        ctx.writeAndFlush(lastWords).addListener(written -> ctx.close());
    }
}
