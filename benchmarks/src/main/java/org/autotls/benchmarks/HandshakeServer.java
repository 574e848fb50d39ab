package org.autotls.benchmarks;

import static org.autotls.tls.ChallengeCertificates.NONE;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.List;
import java.util.function.Function;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.autotls.Scheduler;
import org.autotls.StoreListener;
import org.autotls.StoreWatch;
import org.autotls.StoredBundle;
import org.autotls.netty.AutoTlsSslContext;
import org.autotls.store.DirectoryStore;
import org.autotls.tls.AutoTlsContext;
import org.autotls.tls.LiveIndex;

/**
 * A server that does nothing but handshakes, on one thread: {@code HandshakeServer KIND PORT DIRECTORY WILDCARD-FILE}. The kinds
 * differ in where the {@link SslHandler} of a connection comes from and in nothing else.
 */
public final class HandshakeServer {

    /** Whose TLS it is. Those of autotls serve the directory, the others their one certificate. */
    enum Kind {
        /** What a program has without autotls: the JDK's context over the JDK's key manager. */
        BARE_JDK,
        AUTOTLS_JDK,
        AUTOTLS_CONSCRYPT,
        /** What a program on Netty has without autotls. */
        BARE_NETTY_BORINGSSL,
        AUTOTLS_NETTY_BORINGSSL;

        /** Options of its JVM. */
        List<String> options() {
            return this == AUTOTLS_JDK ? List.of("-Dautotls.engine=jdk") : List.of();
        }
    }

    private HandshakeServer() {}

    /** Serves until it is killed. */
    public static void main(String... arguments) throws GeneralSecurityException, IOException, InterruptedException {
        Kind kind = Kind.valueOf(arguments[0]);
        Function<ByteBufAllocator, SslHandler> tls = switch (kind) {
            case BARE_JDK -> over(bareJdk(Path.of(arguments[3])));
            case AUTOTLS_JDK, AUTOTLS_CONSCRYPT -> over(AutoTlsContext.create(index(arguments[2]), NONE));
            case BARE_NETTY_BORINGSSL -> bareBoringSsl(Path.of(arguments[3]))::newHandler;
            case AUTOTLS_NETTY_BORINGSSL ->
                AutoTlsSslContext.builder(index(arguments[2]), NONE)
                        .provider(SslProvider.OPENSSL)
                        .build()::newHandler;
        };
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        new ServerBootstrap()
                .group(group)
                .channel(EpollServerSocketChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(tls.apply(channel.alloc()), new CloseWhenClosed());
                    }
                })
                .bind("127.0.0.1", Integer.parseInt(arguments[1]))
                .sync()
                .channel()
                .closeFuture()
                .sync();
    }

    /** Reads the directory once; to look for changes in it is no part of a handshake, and measured by {@link Names}. */
    private static LiveIndex index(String directory) {
        LiveIndex index = new LiveIndex(Scheduler.system());
        DirectoryStore store = DirectoryStore.openReadOnly(Path.of(directory), Scheduler.system());
        new StoreWatch(store, new StoreListener() {
                    @Override
                    public void changed(StoredBundle entry) {
                        index.put(entry.subject(), entry.bundle().orElseThrow());
                    }
                })
                .poll();
        return index;
    }

    private static Function<ByteBufAllocator, SslHandler> over(SSLContext context) {
        return ignored -> {
            SSLEngine engine = context.createSSLEngine();
            engine.setUseClientMode(false);
            return new SslHandler(engine);
        };
    }

    private static SSLContext bareJdk(Path file) throws GeneralSecurityException, IOException {
        PlainPem pem = PlainPem.read(file);
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        store.setKeyEntry("server", pem.key(), new char[0], pem.chain().toArray(new Certificate[0]));
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    private static SslContext bareBoringSsl(Path file) throws IOException {
        PlainPem pem = PlainPem.read(file);
        return SslContextBuilder.forServer(pem.key(), pem.chain())
                .sslProvider(SslProvider.OPENSSL)
                .build();
    }

    private static final class CloseWhenClosed extends ChannelInboundHandlerAdapter {
        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof SslCloseCompletionEvent) {
                context.close();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close(); // the client reports it
        }
    }
}
