package org.autotls.reactornetty;

import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslProvider;
import java.util.function.BiFunction;
import org.autotls.AutoTls;
import org.autotls.endpoint.ListenAddress;
import org.autotls.netty.AutoTlsNetty;
import org.autotls.responder.PlainHttpReply;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/**
 * Gives Reactor Netty certificates that are issued and renewed while it serves. Reactor Netty 1.2 and 1.3.
 *
 * <p>Issuing begins when the server is bound.
 *
 * <p><b>Threads.</b> Stateless; safe for many threads.
 */
public final class AutoTlsReactorNetty {

    private AutoTlsReactorNetty() {}

    /**
     * Sets a server up for https where the endpoint string says. When the server is unbound, the issuing stops; bind what is
     * returned once only.
     *
     * @param server its settings, but for address, protocols and TLS, are kept
     * @param endpoint for example {@code lets:/srv/www/certs:tcp:443}
     * @return a server with HTTP/2 and HTTP/1.1
     * @throws IllegalArgumentException if the string is wrong, with the column and what was expected
     */
    public static HttpServer endpoint(HttpServer server, String endpoint) {
        AutoTls autoTls = AutoTls.endpoint(endpoint).open();
        return endpoint(server, autoTls).doOnUnbound(unbound -> autoTls.close());
    }

    /**
     * Sets a server up for https where the endpoint string of {@code autoTls} says, else at the server's own address. On
     * BoringSSL where it can be loaded, else on the JDK's engine.
     *
     * @param server its settings, but for address, protocols and TLS, are kept
     * @param autoTls what serves and issues; the caller closes it after the server
     * @return a server with HTTP/2 and HTTP/1.1. Its {@code protocol} and {@code secure} are not to be called again
     * @throws IllegalArgumentException if the endpoint string names no TCP port
     */
    public static HttpServer endpoint(HttpServer server, AutoTls autoTls) {
        return endpoint(server, autoTls, OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK);
    }

    /**
     * Sets a server up for https as {@link #endpoint(HttpServer, AutoTls)} does, on a given provider.
     *
     * @param server its settings, but for address, protocols and TLS, are kept
     * @param autoTls what serves and issues; the caller closes it after the server
     * @param provider {@link SslProvider#OPENSSL} (BoringSSL) or {@link SslProvider#JDK}
     * @return a server with HTTP/2 and HTTP/1.1
     * @throws IllegalArgumentException if the provider cannot be loaded here, or is neither of these
     */
    public static HttpServer endpoint(HttpServer server, AutoTls autoTls, SslProvider provider) {
        SslContext context = AutoTlsNetty.sslContext(autoTls, provider, "h2", "http/1.1");
        return autoTls.tcpAddress()
                .map(address -> listen(server, address))
                .orElse(server)
                .protocol(HttpProtocol.H2, HttpProtocol.HTTP11)
                .secure(spec -> spec.sslContext(context))
                .doOnBound(bound -> autoTls.startIssuing());
    }

    private static HttpServer listen(HttpServer server, ListenAddress.Tcp address) {
        return server.bindAddress(address::socketAddress).option(ChannelOption.SO_BACKLOG, address.backlog());
    }

    /**
     * Returns what the port for plain http answers: http-01 challenges, and redirects to https.
     *
     * @param autoTls whose challenges and names are answered for
     * @return a handler that answers every request
     */
    public static BiFunction<HttpServerRequest, HttpServerResponse, Publisher<Void>> plainHttp(AutoTls autoTls) {
        return (request, response) -> {
            String host = request.requestHeaders().get(HttpHeaderNames.HOST, "");
            PlainHttpReply reply = autoTls.plainHttp().answer(request.method().name(), host, request.uri());
            response.status(reply.status());
            reply.headers().forEach(response::header);
            return response.sendString(Mono.just(reply.body()));
        };
    }
}
