package org.autotls.netty;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.PromiseNotifier;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.autotls.netty.HelloGate.Passed;
import org.autotls.tls.HandshakePolicy;
import org.jspecify.annotations.Nullable;

/**
 * Reads the ClientHello, then makes place for an {@link SslHandler} whose engine suits it: an engine must be made for the
 * server name that its sessions are to be resumed under, and a handler keeps the engine that it was made with.
 *
 * <ol>
 *   <li>Until the ClientHello is decided upon, writes are queued, and this handler's deadline runs. Validations and refusals end
 *       here. Whoever closes meanwhile gets what {@link SslHandler} does, with the engine that was there from the beginning.
 *   <li>Then an engine is made, or, without a server name or where a client certificate is asked for, the first one is kept:
 *       it resumes nothing. Settings made on the first engine are made on the new one.
 *   <li>The new handler takes this one's place and name in the pipeline, and gets the settings, the rest of the deadline, the
 *       ClientHello, the queued writes. It alone tells the pipeline how the handshake went.
 * </ol>
 *
 * <p>Whoever kept this handler is answered by the new one. Overridden are the methods whose effect differs before and after;
 * only the event loop of the channel enters those that are not documented by {@link SslHandler} to be safe elsewhere.
 */
final class FrontHandler extends SslHandler {

    private final SSLEngine first;
    private final Executor tasks;
    private final ResumableEngines engines;
    private final HelloGate gate;
    private final Deadline deadline = new Deadline();

    private volatile long timeoutMillis = super.getHandshakeTimeoutMillis();
    private volatile @Nullable SslHandler successor;
    /** Somebody took the first engine, perhaps to set something. */
    private volatile boolean engineTaken;
    /** Somebody waits for it. Else it is not passed on, which would keep this handler for as long as the connection. */
    private volatile boolean closeFutureTaken;

    private volatile @Nullable ChannelHandlerContext ctx;
    private @Nullable HeldBack held;
    /** This handler does what is left to do, since it is being closed. */
    private boolean stays;

    FrontHandler(SSLEngine first, Executor tasks, HandshakePolicy policy, ResumableEngines engines) {
        super(first, false, tasks);
        this.first = first;
        this.tasks = tasks;
        this.engines = engines;
        this.gate = new HelloGate(policy);
        super.setHandshakeTimeoutMillis(0); // its deadline could not be passed on
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws SSLException {
        if (stays) {
            super.decode(ctx, in, out);
            return;
        }
        Optional<Passed> passed = gate.read(ctx, in);
        if (passed.isPresent()) {
            handOver(ctx, passed.get(), out);
        }
    }

    private void handOver(ChannelHandlerContext ctx, Passed passed, List<Object> out) {
        SslHandler next = new SslHandler(engines.choose(passed, first, engineTaken, ctx.alloc()), tasks);
        next.setHandshakeTimeoutMillis(deadline.stop());
        next.setCloseNotifyFlushTimeoutMillis(getCloseNotifyFlushTimeoutMillis());
        next.setCloseNotifyReadTimeoutMillis(getCloseNotifyReadTimeoutMillis());
        successor = next;
        PromiseNotifier.cascade(false, next.handshakeFuture(), promise(super.handshakeFuture()));
        if (closeFutureTaken) {
            PromiseNotifier.cascade(false, next.sslCloseFuture(), promise(super.sslCloseFuture()));
        }
        // What is decoded when a decoder is replaced goes to whoever comes after it, and that is then the new handler.
        out.add(Unpooled.wrappedBuffer(passed.records()));
        ctx.pipeline().replace(this, ctx.name(), next);
        if (held != null) {
            held.passTo(next, ctx.pipeline().context(next));
        }
    }

    /** The futures of a handler are promises; Netty says so nowhere but in their class. */
    private static Promise<Channel> promise(Future<Channel> future) {
        return (Promise<Channel>) future;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) throws Exception {
        ctx = added;
        held = new HeldBack(added);
        if (added.channel().isActive()) {
            startDeadline(added);
        }
        super.handlerAdded(added);
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) throws Exception {
        startDeadline(ctx);
        super.channelActive(ctx);
    }

    private void startDeadline(ChannelHandlerContext ctx) {
        long millis = timeoutMillis;
        deadline.start(ctx.executor(), millis, () -> expire(ctx, millis));
    }

    private void expire(ChannelHandlerContext ctx, long millis) {
        SSLException cause = new SslHandshakeTimeoutException("handshake timed out after " + millis + "ms");
        if (successor == null && promise(super.handshakeFuture()).tryFailure(cause)) {
            end(cause);
            ctx.fireUserEventTriggered(new SslHandshakeCompletionEvent(cause));
            ctx.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        end(new ClosedChannelException());
        super.channelInactive(ctx);
    }

    @Override
    public void handlerRemoved0(ChannelHandlerContext ctx) throws Exception {
        SslHandler next = successor;
        if (next == null) {
            end(new SSLHandshakeException("SslHandler removed before handshake completed"));
            super.handlerRemoved0(ctx);
        } else if (next.engine() != first) {
            ReferenceCountUtil.release(first);
        }
    }

    private void end(Exception cause) {
        deadline.stop();
        stays = true;
        if (held != null) {
            held.fail(cause);
        }
    }

    @Override
    public void read(ChannelHandlerContext ctx) throws Exception {
        if (held != null) {
            held.read();
        }
        super.read(ctx);
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) throws Exception {
        if (stays || held == null) {
            super.write(ctx, message, promise);
        } else {
            held.write(message, promise);
        }
    }

    @Override
    public void flush(ChannelHandlerContext ctx) throws Exception {
        if (stays || held == null) {
            super.flush(ctx);
        } else {
            held.flush();
        }
    }

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) throws Exception {
        stay(ctx);
        super.close(ctx, promise);
    }

    @Override
    public void disconnect(ChannelHandlerContext ctx, ChannelPromise promise) throws Exception {
        stay(ctx);
        super.disconnect(ctx, promise);
    }

    private void stay(ChannelHandlerContext ctx) {
        if (!stays && held != null) {
            stays = true;
            held.passTo(this, ctx);
        }
    }

    @Override
    public ChannelFuture closeOutbound(ChannelPromise promise) {
        SslHandler next = successor;
        if (next != null) {
            return next.closeOutbound(promise);
        }
        ChannelHandlerContext place = requireNonNull(ctx, "closeOutbound, called before the handler was added");
        if (place.executor().inEventLoop()) {
            stay(place);
            return super.closeOutbound(promise);
        }
        place.executor().execute(() -> closeOutbound(promise));
        return promise;
    }

    @Override
    public SSLEngine engine() {
        engineTaken = true;
        SslHandler next = successor;
        return next == null ? first : next.engine();
    }

    @Override
    public Future<Channel> sslCloseFuture() {
        closeFutureTaken = true;
        SslHandler next = successor;
        return next == null ? super.sslCloseFuture() : next.sslCloseFuture();
    }

    @Override
    public long getHandshakeTimeoutMillis() {
        return timeoutMillis;
    }

    @Override
    public void setHandshakeTimeoutMillis(long millis) {
        if (millis < 0) {
            throw new IllegalArgumentException("handshake timeout " + millis + " ms: expected 0 (none) or more");
        }
        timeoutMillis = millis;
    }
}
