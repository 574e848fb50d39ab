package org.autotls.armeria;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServerListener;
import com.linecorp.armeria.server.ServerListenerAdapter;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslContext;
import javax.net.ssl.SSLException;
import org.autotls.AutoTls;
import org.autotls.endpoint.ListenAddress;
import org.autotls.netty.AutoTlsNetty;
import org.autotls.responder.PlainHttpReply;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives Armeria certificates that are issued and renewed while it serves. Armeria 1.34 to 1.40; HTTP/2 and HTTP/1.1.
 *
 * <p>TLS ends at the front of Armeria's own pipeline, on BoringSSL, before what Armeria takes for a port of plain {@code http}. So
 * {@code ctx.sessionProtocol()} is {@code h2c} or {@code h1c}, and the scheme of a request over HTTP/1.1 is {@code http} (over
 * HTTP/2 it is what the client says); {@code ctx.sslSession()} is there.
 * Armeria's own {@code TlsProvider} is no way in: it is asked by server name alone, wants a context for each key pair, and a
 * name that it cannot read ends in a closed connection without an alert.
 *
 * <p><b>Every port of the server speaks TLS</b>; give plain http a {@link Server} of its own.
 *
 * <p><b>Threads.</b> Stateless; safe for many threads.
 */
public final class AutoTlsArmeria {

    private static final Logger LOG = LoggerFactory.getLogger(AutoTlsArmeria.class);

    private AutoTlsArmeria() {}

    /**
     * Gives a server its TLS, and the port that the endpoint string says. When the server stops, so does the issuing.
     *
     * @param builder of a server without {@code tls} and {@code https} settings of its own
     * @param endpoint for example {@code lets:/srv/www/certs:tcp:443}
     * @return the same builder
     * @throws IllegalArgumentException if the string is wrong, with the column and what was expected
     */
    public static ServerBuilder endpoint(ServerBuilder builder, String endpoint) {
        AutoTls autoTls = AutoTls.endpoint(endpoint).open();
        return endpoint(builder, autoTls).serverListener(new ServerListenerAdapter() {
            @Override
            public void serverStopped(Server stopped) {
                autoTls.close();
            }
        });
    }

    /**
     * Gives a server its TLS, and the port that the endpoint string of {@code autoTls} says. Without one it listens where the
     * builder is told to, by {@code http(...)}; issuing begins when it listens.
     *
     * @param builder of a server without {@code tls} and {@code https} settings of its own
     * @param autoTls what serves and issues; the caller closes it after the server
     * @return the same builder
     */
    public static ServerBuilder endpoint(ServerBuilder builder, AutoTls autoTls) {
        autoTls.tcpAddress().ifPresent(address -> listen(builder, address));
        SslContext tls = AutoTlsNetty.sslContext(autoTls, "h2", "http/1.1");
        return builder.childChannelPipelineCustomizer(pipeline ->
                        pipeline.addFirst(tls.newHandler(pipeline.channel().alloc()), FailedHandshakes.INSTANCE))
                .serverListener(issuingOnceStarted(autoTls));
    }

    private static void listen(ServerBuilder builder, ListenAddress.Tcp address) {
        builder.http(address.socketAddress()).channelOption(ChannelOption.SO_BACKLOG, address.backlog());
    }

    private static ServerListener issuingOnceStarted(AutoTls autoTls) {
        return new ServerListenerAdapter() {
            @Override
            public void serverStarted(Server started) {
                autoTls.startIssuing();
            }
        };
    }

    /** Armeria would print a stack trace for each; the channel is closed by now. Stateless. */
    @Sharable
    private static final class FailedHandshakes extends ChannelInboundHandlerAdapter {

        private static final FailedHandshakes INSTANCE = new FailedHandshakes();

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            if (cause instanceof DecoderException && cause.getCause() instanceof SSLException) {
                LOG.debug("A connection is refused: {}", cause.getCause().getMessage());
            } else {
                context.fireExceptionCaught(cause);
            }
        }
    }

    /**
     * Returns what the port for plain http answers: http-01 challenges, and redirects to https.
     *
     * @param autoTls whose challenges and names are answered for
     * @return to be mounted under {@code /} of a server that this class has not touched
     */
    public static HttpService plainHttp(AutoTls autoTls) {
        return (context, request) -> {
            String host = request.authority();
            PlainHttpReply reply =
                    autoTls.plainHttp().answer(request.method().name(), host == null ? "" : host, request.path());
            ResponseHeadersBuilder headers = ResponseHeaders.builder(reply.status());
            reply.headers().forEach(headers::set);
            return HttpResponse.of(headers.build(), HttpData.ofAscii(reply.body()));
        };
    }
}
