package org.autotls.netty;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCounted;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.autotls.Subject;
import org.autotls.testkit.ManualClock;
import org.autotls.testkit.TestCa;
import org.autotls.tls.LiveIndex;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The handler that makes place for another. What it does for names and sessions is in {@link BoringSslServingTest}. */
class FrontHandlerTest {

    private static final Instant FROM = Instant.parse("2020-01-01T00:00:00Z");
    private static final Duration LIFETIME = Duration.ofDays(36500);

    private final TestCa ca = new TestCa();
    private final LiveIndex index = new LiveIndex(new ManualClock());

    @BeforeEach
    void serve() {
        index.put(Subject.of("a.example"), ca.issue(FROM, LIFETIME, "a.example"));
    }

    private SslHandler front() {
        return AutoTlsSslContext.builder(index, name -> Optional.empty())
                .provider(SslProvider.OPENSSL)
                .applicationProtocols(List.of("h2"))
                .build()
                .newHandler(ByteBufAllocator.DEFAULT);
    }

    private SslContext clientContext(String... protocols) throws SSLException {
        return SslContextBuilder.forClient()
                .sslProvider(SslProvider.JDK)
                .trustManager(ca.root())
                .protocols(protocols)
                .applicationProtocolConfig(new ApplicationProtocolConfig(
                        ApplicationProtocolConfig.Protocol.ALPN,
                        ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                        ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                        "h2"))
                .build();
    }

    private ChannelHandler client(String... protocols) throws SSLException {
        return clientContext(protocols).newHandler(ByteBufAllocator.DEFAULT, "a.example", 443);
    }

    @Test
    void handshake_isToldOnce_byTheHandlerThatTakesThePlace() throws SSLException {
        for (String protocol : List.of("TLSv1.2", "TLSv1.3")) {
            SslHandler front = front();
            try (EmbeddedPair pair = new EmbeddedPair(front, client(protocol))) {
                pair.run();
                assertThat(pair.heardByServer.events).containsExactly(SslHandshakeCompletionEvent.SUCCESS);
                assertThat(pair.server.pipeline().names()).startsWith(EmbeddedPair.TLS, "application");
                SslHandler next = (SslHandler) pair.server.pipeline().get(EmbeddedPair.TLS);
                assertThat(next).isNotSameAs(front);
                assertThat(front.engine()).isSameAs(next.engine());
                assertThat(front.engine().getSession().getProtocol()).isEqualTo(protocol);
                assertThat(front.applicationProtocol()).isEqualTo("h2");
                assertThat(front.handshakeFuture().isSuccess()).isTrue();
                assertThat(front.sslCloseFuture()).isSameAs(next.sslCloseFuture());
                pair.server.advanceTimeBy(1, TimeUnit.HOURS);
                pair.run();
                assertThat(pair.server.isOpen()).isTrue();
                pair.client.close();
                pair.run();
                assertThat(pair.heardByServer.events)
                        .containsExactly(SslHandshakeCompletionEvent.SUCCESS, SslCloseCompletionEvent.SUCCESS);
            }
        }
    }

    @Test
    void futuresTakenEarly_areCompletedByTheNextHandler() throws SSLException {
        SslHandler front = front();
        var handshake = front.handshakeFuture();
        var closed = front.sslCloseFuture();
        try (EmbeddedPair pair = new EmbeddedPair(front, client("TLSv1.3"))) {
            pair.run();
            assertThat(handshake.isSuccess()).isTrue();
            assertThat(handshake.getNow()).isSameAs(pair.server);
            assertThat(closed.isDone()).isFalse();
            pair.client.close();
            pair.run();
            assertThat(closed.isSuccess()).isTrue();
        }
    }

    @Test
    void firstEngine_isReleased_onceTheHandlerIsReplacedOrGone() throws SSLException {
        SslHandler replaced = front();
        SSLEngine first = replaced.engine();
        try (EmbeddedPair pair = new EmbeddedPair(replaced, client("TLSv1.3"))) {
            pair.run();
            assertThat(replaced.engine()).isNotSameAs(first);
            assertThat(((ReferenceCounted) first).refCnt()).isZero();
        }
        assertThat(((ReferenceCounted) replaced.engine()).refCnt()).isZero();
        SslHandler unused = front();
        new EmbeddedPair(unused, client("TLSv1.3")).close();
        assertThat(((ReferenceCounted) unused.engine()).refCnt()).isZero();
    }

    @Test
    void writesBeforeTheHello_arriveInOrder() throws SSLException {
        try (EmbeddedPair pair = new EmbeddedPair(front(), client("TLSv1.3"))) {
            ChannelFuture one = pair.server.write(Unpooled.copiedBuffer("220 ", US_ASCII));
            ChannelFuture two = pair.server.writeAndFlush(Unpooled.copiedBuffer("hello\r\n", US_ASCII));
            assertThat(two.isDone()).isFalse();
            pair.run();
            assertThat(pair.heardByClient.text).hasToString("220 hello\r\n");
            assertThat(one.isSuccess()).isTrue();
            assertThat(two.isSuccess()).isTrue();
        }
    }

    @Test
    void deadline_coversHelloAndHandshakeTogether() throws SSLException {
        SslHandler front = front();
        front.setHandshakeTimeout(9, TimeUnit.SECONDS);
        var handshake = front.handshakeFuture();
        try (EmbeddedPair pair = new EmbeddedPair(front, client("TLSv1.3"))) {
            pair.server.advanceTimeBy(6, TimeUnit.SECONDS);
            pair.server.runScheduledPendingTasks();
            pair.runClient(); // the hello, and no more
            assertThat(pair.server.pipeline().get(EmbeddedPair.TLS)).isNotSameAs(front);
            pair.server.advanceTimeBy(2, TimeUnit.SECONDS);
            pair.server.runScheduledPendingTasks();
            assertThat(pair.server.isOpen()).isTrue();
            pair.server.advanceTimeBy(1, TimeUnit.SECONDS);
            pair.server.runScheduledPendingTasks();
            checkTimedOut(pair);
            assertThat(handshake.cause()).isInstanceOf(SslHandshakeTimeoutException.class);
        }
    }

    @Test
    void deadline_withoutHello_isToldOnce_andFailsWhatWasWritten() throws SSLException {
        SslHandler front = front();
        try (EmbeddedPair pair = new EmbeddedPair(front, client("TLSv1.3"))) {
            ChannelFuture write = pair.server.writeAndFlush(Unpooled.copiedBuffer("220 ", US_ASCII));
            pair.server.advanceTimeBy(10, TimeUnit.SECONDS);
            pair.server.runScheduledPendingTasks();
            checkTimedOut(pair);
            assertThat(write.cause()).isInstanceOf(SslHandshakeTimeoutException.class);
            assertThat(front.handshakeFuture().cause()).isInstanceOf(SslHandshakeTimeoutException.class);
            ChannelFuture late = pair.server.writeAndFlush(Unpooled.copiedBuffer("221 ", US_ASCII));
            assertThat(late.cause()).isNotNull();
        }
    }

    private static void checkTimedOut(EmbeddedPair pair) {
        assertThat(pair.server.isOpen()).isFalse();
        assertThat(pair.heardByServer.events.stream().filter(SslHandshakeCompletionEvent.class::isInstance))
                .singleElement()
                .satisfies(event -> assertThat(((SslHandshakeCompletionEvent) event).cause())
                        .isInstanceOf(SslHandshakeTimeoutException.class));
    }

    @Test
    void closeBeforeTheHello_closesAtOnce() throws SSLException {
        SslHandler front = front();
        try (EmbeddedPair pair = new EmbeddedPair(front, client("TLSv1.3"))) {
            ChannelFuture write = pair.server.writeAndFlush(Unpooled.copiedBuffer("220 ", US_ASCII));
            ChannelFuture close = pair.server.close();
            pair.server.runPendingTasks();
            assertThat(close.isSuccess()).isTrue();
            assertThat(write.isDone()).isTrue();
            assertThat(write.isSuccess()).isFalse();
            assertThat(front.handshakeFuture().cause()).isNotNull();
        }
    }

    @Test
    void removedBeforeTheHello_isToldOnce() throws SSLException {
        SslHandler front = front();
        try (EmbeddedPair pair = new EmbeddedPair(front, client("TLSv1.3"))) {
            ChannelFuture write = pair.server.write(Unpooled.copiedBuffer("220 ", US_ASCII));
            pair.server.pipeline().remove(front);
            assertThat(write.cause()).isNotNull();
            assertThat(pair.heardByServer.events.stream().filter(SslHandshakeCompletionEvent.class::isInstance))
                    .hasSize(1);
            pair.server.advanceTimeBy(1, TimeUnit.HOURS);
            pair.server.runScheduledPendingTasks();
            assertThat(pair.server.isOpen()).isTrue();
        }
    }

    @Test
    void closeOutbound_ofTheHandlerThatWasReplaced_reachesTheClient() throws SSLException {
        SslHandler front = front();
        try (EmbeddedPair pair = new EmbeddedPair(front, client("TLSv1.3"))) {
            pair.run();
            front.closeOutbound();
            pair.run();
            assertThat(pair.heardByClient.events)
                    .containsExactly(SslHandshakeCompletionEvent.SUCCESS, SslCloseCompletionEvent.SUCCESS);
        }
    }

    @Test
    void startTls_theHandlerStays() throws SSLException {
        SslHandler handler = AutoTlsSslContext.builder(index, name -> Optional.empty())
                .provider(SslProvider.OPENSSL)
                .build()
                .newHandler(ByteBufAllocator.DEFAULT, true);
        try (EmbeddedPair pair = new EmbeddedPair(handler, new ChannelInboundHandlerAdapter())) {
            pair.server.writeAndFlush(Unpooled.copiedBuffer("220 go ahead\r\n", US_ASCII));
            pair.run();
            assertThat(pair.heardByClient.text).hasToString("220 go ahead\r\n");
            pair.client.pipeline().addFirst(client("TLSv1.3"));
            pair.run();
            assertThat(pair.heardByServer.events).containsExactly(SslHandshakeCompletionEvent.SUCCESS);
            assertThat(pair.server.pipeline().get(EmbeddedPair.TLS)).isSameAs(handler);
        }
    }

    @Test
    void settingsOfTheFirstEngine_holdForTheHandshake() throws SSLException {
        SslHandler front = front();
        front.engine().setEnabledProtocols(new String[] {"TLSv1.2"});
        try (EmbeddedPair pair = new EmbeddedPair(front, client("TLSv1.2", "TLSv1.3"))) {
            pair.run();
            assertThat(front.engine().getSession().getProtocol()).isEqualTo("TLSv1.2");
        }
    }
}
