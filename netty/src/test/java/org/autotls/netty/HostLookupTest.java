package org.autotls.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class HostLookupTest {

    private final Deque<Runnable> questions = new ArrayDeque<>();
    private final EmbeddedChannel channel = new EmbeddedChannel();

    private HostLookup lookup(HostLookup.Resolver resolver) {
        channel.freezeTime();
        return new HostLookup("backend.example", resolver, questions::add);
    }

    private void answer() {
        questions.remove().run();
        channel.runPendingTasks();
    }

    @Test
    void find_manyAtOnce_shareOneAnswer_andTheNextAsksAnew() throws Exception {
        InetAddress address = InetAddress.getByName("192.0.2.1");
        HostLookup lookup = lookup(host -> address);
        Future<InetAddress> first = lookup.find(channel.eventLoop());
        Future<InetAddress> second = lookup.find(channel.eventLoop());
        assertThat(first.isDone()).isFalse();
        assertThat(questions).hasSize(1);

        answer();
        assertThat(first.getNow()).isEqualTo(address);
        assertThat(second.getNow()).isEqualTo(address);
        assertThat(lookup.find(channel.eventLoop()).isDone()).isFalse();
        assertThat(questions).hasSize(1);
    }

    @Test
    void find_silence_endsAfterTenSeconds_andALateAnswerDoesNoHarm() throws Exception {
        InetAddress address = InetAddress.getByName("192.0.2.1");
        HostLookup lookup = lookup(host -> address);
        Future<InetAddress> first = lookup.find(channel.eventLoop());
        pass(9);
        Future<InetAddress> second = lookup.find(channel.eventLoop());
        assertThat(first.isDone()).isFalse();
        pass(1);

        assertThat(first.cause())
                .isInstanceOf(UnknownHostException.class)
                .hasMessage("backend.example: the resolver has been silent for 10 s");
        assertThat(second.isDone()).isFalse();
        answer();
        assertThat(first.isSuccess()).isFalse();
        assertThat(second.getNow()).isEqualTo(address);
    }

    private void pass(int seconds) {
        channel.advanceTimeBy(seconds, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
    }

    @Test
    void find_nobodyKnows_fails() {
        HostLookup lookup = lookup(host -> {
            throw new UnknownHostException(host);
        });
        Future<InetAddress> found = lookup.find(channel.eventLoop());
        answer();
        assertThat(found.cause()).isInstanceOf(UnknownHostException.class).hasMessage("backend.example");
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1", "::ffff:192.0.2.1"})
    void find_anAddress_isThereAtOnce(String address) throws Exception {
        assertThat(HostLookup.of(address).find(channel.eventLoop()).getNow()).isEqualTo(InetAddress.getByName(address));
    }

    @Test
    void connect_resolverHangs_theEventLoopGoesOn() throws Exception {
        CountDownLatch hanging = new CountDownLatch(1);
        ExecutorService thread = Executors.newSingleThreadExecutor();
        HostLookup.Resolver hangs = host -> {
            try {
                hanging.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            throw new UnknownHostException(host);
        };
        EventLoopGroup one = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try {
            Channel client = new NioSocketChannel();
            one.register(client).sync();
            Backend backend = new Backend("backend.example", 80, new HostLookup("backend.example", hangs, thread));
            one.submit(() -> backend.connect(client, new ChannelInboundHandlerAdapter()));

            assertThat(one.submit(() -> "free").get(10, TimeUnit.SECONDS)).isEqualTo("free");
        } finally {
            hanging.countDown();
            one.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            thread.shutdown();
        }
    }
}
