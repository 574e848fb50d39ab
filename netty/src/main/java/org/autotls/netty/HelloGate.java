package org.autotls.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.Optional;
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
 * Stands before one connection's engine: holds the ClientHello back until it is complete and decided upon, and deals with
 * validations and refusals to their end. Only the event loop of its channel enters it.
 */
final class HelloGate {

    private static final Logger LOG = LoggerFactory.getLogger(HelloGate.class);

    private final HandshakePolicy policy;
    private final ClientHelloReader reader = new ClientHelloReader();
    private @Nullable ValidationHandshake validation;
    private boolean finished;

    HelloGate(HandshakePolicy policy) {
        this.policy = policy;
    }

    /**
     * A connection that is to be served.
     *
     * @param serverName what the client sent, normalised, if it did
     * @param decision what to serve
     * @param records the ClientHello as it came
     */
    record Passed(Optional<String> serverName, HandshakeDecision.Serve decision, ByteBuffer records) {}

    /**
     * Takes what has arrived.
     *
     * @param in what cannot be used yet is left in it
     * @return the connection, once it is to be served; the caller must then not come back
     */
    Optional<Passed> read(ChannelHandlerContext ctx, ByteBuf in) throws SSLException {
        if (finished) {
            in.skipBytes(in.readableBytes());
            return Optional.empty();
        }
        if (validation != null) {
            validate(validation, ctx, in);
            return Optional.empty();
        }
        ByteBuffer bytes = in.nioBuffer();
        int before = bytes.remaining();
        Peek peek = reader.read(bytes);
        in.skipBytes(before - bytes.remaining());
        if (peek instanceof Peek.Refused refused) {
            refuse(ctx, in, refused.alert(), refused.reason());
        } else if (peek instanceof Peek.Hello complete) {
            return decide(complete.hello(), ctx, in);
        }
        return Optional.empty();
    }

    private Optional<Passed> decide(ClientHello hello, ChannelHandlerContext ctx, ByteBuf in) throws SSLException {
        HandshakeDecision decision = policy.decide(hello, localAddress(hello, ctx));
        if (decision instanceof HandshakeDecision.Serve serve) {
            return Optional.of(new Passed(hello.serverName(), serve, reader.records()));
        }
        if (decision instanceof HandshakeDecision.Refuse refusal) {
            refuse(ctx, in, refusal.alert(), refusal.reason());
        } else if (decision instanceof HandshakeDecision.Answer answer) {
            LOG.info(
                    "Answering the CA's tls-alpn-01 validation of {}",
                    hello.serverName().orElse(""));
            validation = new ValidationHandshake(answer.engine());
            validate(validation, ctx, Unpooled.wrappedBuffer(reader.records()));
        }
        return Optional.empty();
    }

    /**
     * What the client connected to: as the PROXY header says, if there was one, else our end of the connection. Asked for only
     * where it matters: of a client without a server name.
     */
    private static String localAddress(ClientHello hello, ChannelHandlerContext ctx) {
        if (hello.rawServerName().isPresent()) {
            return "";
        }
        SocketAddress address = ProxiedAddresses.of(ctx.channel())
                .map(proxied -> (SocketAddress) proxied.destination())
                .orElseGet(() -> ctx.channel().localAddress());
        if (!(address instanceof InetSocketAddress local) || local.isUnresolved()) {
            return "";
        }
        String text = local.getAddress().getHostAddress();
        int zone = text.indexOf('%');
        return Identifier.of(zone < 0 ? text : text.substring(0, zone)).value();
    }

    private void refuse(ChannelHandlerContext ctx, ByteBuf in, TlsAlert alert, String reason) {
        LOG.debug("A connection is refused with {}: {}", alert, reason);
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

    /** Closes past the handler's own close, which would have its engine say goodbye too. */
    private void close(ChannelHandlerContext ctx, ByteBuf lastWords) {
        finished = true;
        ctx.writeAndFlush(lastWords).addListener(written -> ctx.close());
    }
}
