package org.autotls.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.autotls.Text;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the PROXY protocol header, version 1 or 2, off the front of a connection. A connection that begins otherwise, or
 * does not send its header within the deadline, is closed. One per connection, on its event loop.
 */
final class ProxyHeaderHandler extends ChannelInboundHandlerAdapter {

    private static final Logger LOG = LoggerFactory.getLogger(ProxyHeaderHandler.class);

    /** The longest header of version 2 that is taken; real ones are under 1 KiB. */
    private static final int MAX_TLV_BYTES = 4096;

    /** Fired once the header was taken off and its addresses attached. */
    enum Received {
        HEADER
    }

    private final Duration deadline;
    private @Nullable Future<?> timer;
    private boolean refused;

    ProxyHeaderHandler(Duration deadline) {
        this.deadline = deadline;
    }

    static HAProxyMessageDecoder newDecoder() {
        return new HAProxyMessageDecoder(MAX_TLV_BYTES, true);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        timer = context.executor()
                .schedule(() -> refuse(context, "no header came in time"), deadline.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        if (timer != null) {
            timer.cancel(false);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!(message instanceof HAProxyMessage header)) {
            context.fireChannelRead(message);
            return;
        }
        try {
            attach(context, header);
            ChannelPipeline pipeline = context.pipeline();
            pipeline.remove(this);
            pipeline.fireUserEventTriggered(Received.HEADER);
        } catch (UnknownHostException | IllegalArgumentException e) {
            refuse(context, "its addresses cannot be read");
        } finally {
            header.release();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        refuse(context, String.valueOf(cause.getMessage()));
    }

    private void refuse(ChannelHandlerContext context, String why) {
        if (!refused) {
            refused = true;
            LOG.debug(
                    "closed a connection from {} that does not begin with a PROXY protocol header: {}",
                    context.channel().remoteAddress(),
                    Text.escape(why));
            context.close();
        }
    }

    private static void attach(ChannelHandlerContext context, HAProxyMessage header) throws UnknownHostException {
        HAProxyProxiedProtocol protocol = header.proxiedProtocol();
        boolean tcp = protocol == HAProxyProxiedProtocol.TCP4 || protocol == HAProxyProxiedProtocol.TCP6;
        if (header.command() == HAProxyCommand.PROXY && tcp) {
            new ProxiedAddresses(
                            address(header.sourceAddress(), header.sourcePort()),
                            address(header.destinationAddress(), header.destinationPort()))
                    .attachTo(context.channel());
        }
    }

    private static InetSocketAddress address(@Nullable String host, int port) throws UnknownHostException {
        byte[] bytes = host == null ? null : NetUtil.createByteArrayFromIpAddressString(host); // never DNS
        if (bytes == null) {
            throw new UnknownHostException();
        }
        return new InetSocketAddress(InetAddress.getByAddress(bytes), port);
    }
}
