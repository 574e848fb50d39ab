package org.autotls.spring;

import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslContext;
import org.autotls.AutoTls;
import org.autotls.netty.AutoTlsNetty;
import org.springframework.core.env.Environment;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.server.HttpServer;

/** Makes an endpoint of the server that Spring Boot has made with Reactor Netty, whichever line it is. Immutable. */
public final class ReactorNettyEndpoint {

    private static final HttpProtocol[] HTTP2_AND_1 = {HttpProtocol.H2, HttpProtocol.HTTP11};
    private static final HttpProtocol[] HTTP1 = {HttpProtocol.HTTP11};

    private final AutoTls autoTls;
    private final HttpProtocol[] protocols;
    private final SslContext tls;

    /**
     * Makes the TLS context.
     *
     * @param autoTls what serves and issues
     * @param environment may say {@code server.http2.enabled=false}
     */
    public ReactorNettyEndpoint(AutoTls autoTls, Environment environment) {
        boolean http2 = Http2Setting.isEnabled(environment);
        this.autoTls = autoTls;
        this.protocols = http2 ? HTTP2_AND_1 : HTTP1;
        this.tls = http2
                ? AutoTlsNetty.sslContext(autoTls, "h2", "http/1.1")
                : AutoTlsNetty.sslContext(autoTls, "http/1.1");
    }

    /**
     * Gives a server its certificates, and the backlog of the endpoint string if there is one.
     *
     * @param server not bound
     * @return the same, with TLS
     */
    public HttpServer secure(HttpServer server) {
        return autoTls.tcpAddress()
                .map(address -> server.option(ChannelOption.SO_BACKLOG, address.backlog()))
                .orElse(server)
                .protocol(protocols)
                .secure(spec -> spec.sslContext(tls));
    }
}
