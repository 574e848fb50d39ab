package org.autotls.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandler;
import io.netty.channel.ChannelPromise;
import io.netty.channel.PendingWriteQueue;
import io.netty.util.ReferenceCountUtil;

/**
 * What the application asked for before its ClientHello was there: writes, and whether to flush and to read. Only the event
 * loop of the channel enters it.
 */
final class HeldBack {

    private final PendingWriteQueue writes;
    private boolean flush;
    private boolean read;

    HeldBack(ChannelHandlerContext ctx) {
        this.writes = new PendingWriteQueue(ctx);
    }

    void write(Object message, ChannelPromise promise) {
        writes.add(message, promise);
    }

    void flush() {
        flush = true;
    }

    void read() {
        read = true;
    }

    void fail(Exception cause) {
        writes.removeAndFailAll(cause);
    }

    /** Does all of it, in order, with a handler in its place. What that throws goes where a context would let it go. */
    void passTo(ChannelOutboundHandler handler, ChannelHandlerContext place) {
        try {
            while (!writes.isEmpty()) {
                Object message = ReferenceCountUtil.retain(writes.current()); // remove() releases it
                handler.write(place, message, writes.remove());
            }
            if (read) {
                handler.read(place);
            }
            if (flush) {
                handler.flush(place);
            }
        } catch (Exception e) {
            place.fireExceptionCaught(e);
        }
    }
}
