package org.autotls.netty;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a relayed connection: what this channel reads, the peer writes. Reads as fast as the peer takes it. One
 * per channel; both channels of a pair run on one event loop.
 *
 * <p>The end of input, be it TLS's close_notify or TCP's FIN, ends the peer's output after all that came before it, and the
 * other direction goes on. On a client with TLS, ending the output sends close_notify (RFC 8446 §6.1); BoringSSL answers a
 * client's close_notify with its own at once, so a client that ends its output there gets no more answer, as with most
 * servers.
 */
class Relay extends ChannelInboundHandlerAdapter {

    /** How long a client may take to close after our close_notify was sent, behind all else. Until it is, the idle time counts. */
    private static final int LINGER_SECONDS = 10;

    private @Nullable Channel peer;
    private @Nullable Relay opposite;
    private boolean inputEnded;
    private boolean endedEarly;
    private boolean socketEnded;

    /** Joins this direction to the channel that it feeds, and to the other direction. */
    final void feed(Channel channel, Relay other) {
        this.peer = channel;
        this.opposite = other;
    }

    /** Reads this direction's channel, or stops to. A socket that has sent its FIN must not be read: epoll let go of it. */
    final void read(Channel source, boolean on) {
        if (!socketEnded) {
            source.config().setAutoRead(on);
        }
    }

    /** Passes on an end of input that came before there was a peer. */
    final void endIfEnded(Channel source) {
        if (endedEarly) {
            endOfInput(source);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        Channel target = peer;
        if (target == null) {
            ReferenceCountUtil.release(message);
            return;
        }
        target.write(message).addListener((ChannelFutureListener) written -> {
            if (!written.isSuccess()) {
                context.close();
            }
        });
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        Channel target = peer;
        if (target != null) {
            target.flush();
            read(context.channel(), target.isWritable());
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        Channel source = peer;
        if (source != null && opposite != null && context.channel().isWritable()) {
            opposite.read(source, true);
        }
        context.fireChannelWritabilityChanged();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        socketEnded |= event instanceof ChannelInputShutdownEvent;
        if (event instanceof ChannelInputShutdownEvent || event instanceof SslCloseCompletionEvent) {
            endOfInput(context.channel());
        }
        context.fireUserEventTriggered(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        inputEnded = true;
        if (peer != null) {
            closeAfterFlush(peer);
        }
        context.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close(); // a reset or a broken record: the connection is over, and channelInactive tells the peer
    }

    private void endOfInput(Channel source) {
        Channel target = peer;
        if (target == null) {
            endedEarly = true;
            return;
        }
        if (inputEnded) {
            return;
        }
        inputEnded = true;
        if (opposite != null && opposite.inputEnded) {
            closeAfterFlush(target);
            closeAfterFlush(source);
        } else {
            endOutput(target);
        }
    }

    private static void endOutput(Channel target) {
        SslHandler tls = target.pipeline().get(SslHandler.class);
        if (tls != null) {
            target.writeAndFlush(Unpooled.EMPTY_BUFFER)
                    .addListener(flushed -> tls.closeOutbound()
                            .addListener(said -> target.eventLoop()
                                    .schedule(() -> target.close(), LINGER_SECONDS, TimeUnit.SECONDS)));
        } else if (target instanceof DuplexChannel duplex) {
            target.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(flushed -> duplex.shutdownOutput());
        } else {
            closeAfterFlush(target);
        }
    }

    static void closeAfterFlush(Channel channel) {
        if (channel.isActive()) {
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        }
    }
}
