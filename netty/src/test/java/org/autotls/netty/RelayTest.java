package org.autotls.netty;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslProvider;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.autotls.Subject;
import org.autotls.testkit.ManualClock;
import org.autotls.testkit.TestCa;
import org.autotls.tls.LiveIndex;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a client with TLS gets of what the backend sent before it ended its output. Time stands still unless it is moved. */
class RelayTest {

    private final TestCa ca = new TestCa();
    private final LiveIndex index = new LiveIndex(new ManualClock());
    private final Relay fromBackend = new Relay();
    private final EmbeddedChannel backend = new EmbeddedChannel(fromBackend);
    private final Socket socket = new Socket();
    private final Closing closing = new Closing();

    @BeforeEach
    void serve() {
        Instant from = Instant.parse("2020-01-01T00:00:00Z");
        index.put(Subject.of("a.example"), ca.issue(from, Duration.ofDays(36500), "a.example"));
    }

    @AfterEach
    void close() {
        backend.finishAndReleaseAll();
    }

    /** Takes nothing while it is full. */
    private static final class Socket extends ChannelOutboundHandlerAdapter {

        private record Write(Object message, ChannelPromise promise) {}

        private final List<Write> waiting = new ArrayList<>();
        private boolean full;

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            if (full) {
                waiting.add(new Write(message, promise));
            } else {
                ctx.write(message, promise);
            }
        }

        void drain(EmbeddedChannel channel) {
            full = false;
            ChannelHandlerContext ctx = channel.pipeline().context(this);
            for (Write write : List.copyOf(waiting)) {
                waiting.remove(write);
                ctx.writeAndFlush(write.message(), write.promise());
            }
        }
    }

    /** Asked before TLS is: an embedded channel that is being closed forgets the timers of its handlers. */
    private static final class Closing extends ChannelOutboundHandlerAdapter {

        private boolean begun;

        @Override
        public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
            begun = true;
            ctx.close(promise);
        }
    }

    private EmbeddedPair relayed(SslProvider provider) throws SSLException {
        EmbeddedPair pair = EmbeddedPair.of(index, provider, ca, "a.example");
        pair.server.pipeline().addFirst(socket).addLast(closing);
        pair.run();
        assertThat(pair.heardByServer.events).containsExactly(SslHandshakeCompletionEvent.SUCCESS);
        fromBackend.feed(pair.server, new Relay());
        return pair;
    }

    private static void pass(EmbeddedPair pair, int seconds) {
        for (int i = 0; i < seconds; i++) {
            pair.server.advanceTimeBy(1, TimeUnit.SECONDS);
            pair.server.runScheduledPendingTasks();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = SslProvider.class,
            names = {"JDK", "OPENSSL"})
    void backendEndsItsOutput_clientThatPauses_getsAllAndCloseNotify(SslProvider provider) throws SSLException {
        try (EmbeddedPair pair = relayed(provider)) {
            socket.full = true;
            backend.writeInbound(Unpooled.copiedBuffer("the tail", US_ASCII));
            backend.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);

            pass(pair, 60);
            assertThat(closing.begun).isFalse();
            socket.drain(pair.server);
            pair.run();

            assertThat(pair.heardByClient.text).hasToString("the tail");
            assertThat(pair.heardByClient.events).contains(SslCloseCompletionEvent.SUCCESS);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = SslProvider.class,
            names = {"JDK", "OPENSSL"})
    void backendEndsItsOutput_clientThatStays_isClosedAfterALingerFromTheLastByte(SslProvider provider)
            throws SSLException {
        try (EmbeddedPair pair = relayed(provider)) {
            socket.full = true;
            backend.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
            pass(pair, 60);
            socket.drain(pair.server);

            pass(pair, 9);
            assertThat(closing.begun).isFalse();
            pass(pair, 1);
            assertThat(closing.begun).isTrue();
        }
    }
}
