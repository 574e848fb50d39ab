package org.autotls.benchmarks;

import static java.util.Objects.requireNonNull;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Makes connections on which nothing happens but a full handshake, with BoringSSL, each for one of the names at random. A
 * connection counts when the server has closed it after the client had, so that all that it costs the server is over.
 *
 * <p><b>Threads.</b> One thread at a time.
 */
final class HandshakeClient implements AutoCloseable {

    private static final int AT_ONCE = 16;

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final Random random = new Random(1);
    private final AtomicInteger certificatesSeen = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final AtomicReference<String> negotiated = new AtomicReference<>("");
    private final SslContext context;
    private final int names;

    /**
     * Makes a client.
     *
     * @param names how many there are to choose from
     * @param protocol {@code TLSv1.3} or {@code TLSv1.2}
     */
    HandshakeClient(int names, String protocol) throws SSLException {
        this.names = names;
        this.context = SslContextBuilder.forClient()
                .sslProvider(SslProvider.OPENSSL)
                .protocols(protocol)
                .trustManager(new NameCheck())
                .build();
        ((OpenSslSessionContext) context.sessionContext()).setSessionCacheEnabled(false);
    }

    /**
     * Connects that often.
     *
     * @throws IllegalStateException if a handshake failed, was not a full one, or showed another name's certificate
     */
    void connect(int port, int count) {
        certificatesSeen.set(0);
        Semaphore places = new Semaphore(AT_ONCE);
        for (int i = 0; i < count && failure.get() == null; i++) {
            places.acquireUninterruptibly();
            Connection connection = new Connection(places);
            String name = Certificates.name(random.nextInt(names));
            new Bootstrap()
                    .group(group)
                    .channel(EpollSocketChannel.class)
                    .handler(new ChannelInitializer<Channel>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            channel.pipeline().addLast(context.newHandler(channel.alloc(), name, port), connection);
                            channel.closeFuture().addListener(closed -> connection.ended());
                        }
                    })
                    .connect("127.0.0.1", port);
        }
        places.acquireUninterruptibly(AT_ONCE);
        if (failure.get() != null) {
            throw new IllegalStateException("a handshake failed", failure.get());
        }
        // A server that resumes a session shows no certificate.
        if (certificatesSeen.get() != count) {
            throw new IllegalStateException(
                    "%d of %d handshakes were full ones".formatted(certificatesSeen.get(), count));
        }
    }

    /** Version and cipher suite of the last handshake. */
    String negotiated() {
        return requireNonNull(negotiated.get(), "no handshake yet");
    }

    /** Tells whether somebody listens. */
    static boolean isListening(int port) {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() {
        group.shutdownGracefully().syncUninterruptibly();
    }

    private final class Connection extends ChannelInboundHandlerAdapter {

        private final Semaphore place;
        private boolean done;

        Connection(Semaphore place) {
            this.place = place;
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof SslHandshakeCompletionEvent handshake) {
                if (!handshake.isSuccess()) {
                    failure.compareAndSet(null, handshake.cause());
                    return;
                }
                done = true;
                SslHandler tls = context.pipeline().get(SslHandler.class);
                SSLSession session = tls.engine().getSession();
                negotiated.set(session.getProtocol() + " " + session.getCipherSuite());
                tls.closeOutbound().addListener(sent -> ((SocketChannel) context.channel()).shutdownOutput());
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            if (!done) {
                failure.compareAndSet(null, cause);
            }
            context.close();
        }

        void ended() {
            if (!done) {
                failure.compareAndSet(null, new SSLException("closed before the handshake was over"));
            }
            place.release();
        }
    }

    /** Trusts everybody, but looks whether the certificate is for the name that was asked for. */
    private final class NameCheck extends X509ExtendedTrustManager {

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            certificatesSeen.incrementAndGet();
            String name = engine.getPeerHost();
            String wildcard = "*" + name.substring(name.indexOf('.'));
            if (chain[0].getSubjectAlternativeNames().stream()
                    .noneMatch(san -> san.get(1).equals(name) || san.get(1).equals(wildcard))) {
                throw new CertificateException(name + " got another's certificate");
            }
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {
            throw new UnsupportedOperationException();
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
