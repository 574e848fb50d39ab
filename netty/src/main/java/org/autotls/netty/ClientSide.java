package org.autotls.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.haproxy.HAProxyMessageEncoder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.FutureListener;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of a relayed connection. Waits for the handshake, connects to the backend, and is then a {@link Relay}.
 * One per connection, on its event loop.
 */
final class ClientSide extends Relay {

    private final Backend backend;
    private final boolean proxyProtocol;
    // What was decrypted before the backend was connected; at most what one read brought, since reading is off.
    private final Deque<Object> early = new ArrayDeque<>();
    private boolean connecting;
    private @Nullable Channel target;

    ClientSide(Backend backend, boolean proxyProtocol) {
        this.backend = backend;
        this.proxyProtocol = proxyProtocol;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        if (context.channel().isActive()) {
            connectUnlessTls(context);
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        connectUnlessTls(context);
        context.fireChannelActive();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            if (handshake.isSuccess()) {
                connect(context);
            } else {
                context.close();
            }
        } else if (event == ProxyHeaderHandler.Received.HEADER) {
            connectUnlessTls(context);
        } else if (event instanceof IdleStateEvent) {
            context.close();
        }
        super.userEventTriggered(context, event);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (target == null) {
            early.add(message);
        } else {
            super.channelRead(context, message);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        releaseEarly();
        super.channelInactive(context);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        releaseEarly();
    }

    private void connectUnlessTls(ChannelHandlerContext context) {
        // Behind a PROXY header the client's address is not known before the first bytes have come.
        boolean headerFirst = context.pipeline().get(ProxyHeaderHandler.class) != null;
        if (context.pipeline().get(SslHandler.class) == null && !headerFirst) {
            connect(context);
        }
    }

    private void connect(ChannelHandlerContext context) {
        if (connecting) {
            return;
        }
        connecting = true;
        Channel client = context.channel();
        client.config().setAutoRead(false);
        client.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        Relay back = new Relay();
        back.feed(client, this);
        backend.connect(client, back).addListener((FutureListener<Channel>) connected -> {
            if (!connected.isSuccess()) {
                client.close();
            } else if (client.isActive()) {
                join(context, connected.getNow(), back);
            } else {
                connected.getNow().close();
            }
        });
    }

    private void join(ChannelHandlerContext context, Channel connection, Relay back) {
        if (proxyProtocol) {
            connection.pipeline().addFirst(HAProxyMessageEncoder.INSTANCE);
            connection
                    .write(ProxyHeader.of(context.channel()))
                    .addListener(written -> connection.pipeline().remove(HAProxyMessageEncoder.INSTANCE));
        }
        target = connection;
        feed(connection, back);
        for (Object message = early.poll(); message != null; message = early.poll()) {
            super.channelRead(context, message);
        }
        connection.flush();
        back.read(connection, true);
        read(context.channel(), true);
        endIfEnded(context.channel());
    }

    private void releaseEarly() {
        for (Object message = early.poll(); message != null; message = early.poll()) {
            ReferenceCountUtil.release(message);
        }
    }
}
