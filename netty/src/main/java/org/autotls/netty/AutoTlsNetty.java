package org.autotls.netty;

import io.netty.channel.ChannelHandler;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslProvider;
import java.util.List;
import org.autotls.AutoTls;
import org.autotls.endpoint.ListenAddress;

/**
 * Gives Netty 4.2, and what is built on it, certificates that are issued and renewed while it serves: a whole endpoint, with
 * its port, or a context for servers that bind by themselves.
 *
 * <p><b>Threads.</b> Stateless; safe for many threads.
 */
public final class AutoTlsNetty {

    private static final int HTTPS_PORT = 443;

    private AutoTlsNetty() {}

    /**
     * Makes an endpoint that listens where the endpoint string says. Closing its port stops the issuing.
     *
     * @param endpoint for example {@code lets:/srv/www/certs:tcp:443}
     * @return not listening yet; nothing is bound or written
     * @throws IllegalArgumentException if the string is wrong, with the column and what was expected
     */
    public static AutoTlsEndpoint endpoint(String endpoint) {
        return AutoTlsEndpoint.parse(endpoint);
    }

    /**
     * Makes an endpoint that listens where the endpoint string of {@code autoTls} says, else on port 443.
     *
     * @param autoTls what serves and issues; the caller closes it after the port
     * @return not listening yet
     */
    public static AutoTlsEndpoint endpoint(AutoTls autoTls) {
        return endpoint(autoTls.address().orElseGet(() -> ListenAddress.Tcp.port(HTTPS_PORT)), autoTls);
    }

    /**
     * Makes an endpoint that listens on an address of your choice.
     *
     * @param address where to listen
     * @param autoTls what serves and issues; begins to issue when the address is bound; the caller closes it after the port
     * @return not listening yet
     */
    public static AutoTlsEndpoint endpoint(ListenAddress address, AutoTls autoTls) {
        return AutoTlsEndpoint.over(address, autoTls);
    }

    /**
     * Returns what the port for plain http answers: http-01 challenges, and redirects to https.
     *
     * @param autoTls whose challenges and names are answered for
     * @return a sharable handler that answers every request; put it behind an {@code HttpServerCodec}. Needs {@code
     *     netty-codec-http}, which this module does not bring along
     */
    public static ChannelHandler plainHttp(AutoTls autoTls) {
        return new PlainHttpHandler(autoTls.plainHttp());
    }

    /**
     * Makes a context on BoringSSL where it can be loaded, else on the JDK's engine.
     *
     * @param autoTls what serves and issues
     * @param applicationProtocols what ALPN may choose, the preferred first ({@code h2}, {@code http/1.1}); may be empty
     * @return a context for servers, as {@link AutoTlsSslContext} says
     */
    public static SslContext sslContext(AutoTls autoTls, String... applicationProtocols) {
        return options(autoTls)
                .applicationProtocols(List.of(applicationProtocols))
                .build();
    }

    /**
     * Makes a context on a given provider.
     *
     * @param autoTls what serves and issues
     * @param provider {@link SslProvider#OPENSSL} (BoringSSL) or {@link SslProvider#JDK}
     * @param applicationProtocols what ALPN may choose, the preferred first; may be empty
     * @return a context for servers, as {@link AutoTlsSslContext} says
     * @throws IllegalArgumentException if the provider cannot be loaded here, or is neither of these
     */
    public static SslContext sslContext(AutoTls autoTls, SslProvider provider, String... applicationProtocols) {
        return options(autoTls)
                .provider(provider)
                .applicationProtocols(List.of(applicationProtocols))
                .build();
    }

    private static AutoTlsSslContext.Builder options(AutoTls autoTls) {
        AutoTlsSslContext.Builder builder = AutoTlsSslContext.builder(autoTls.index(), autoTls.challenges());
        autoTls.clientTrust().ifPresent(trust -> builder.clientAuth(ClientAuth.REQUIRE, trust.managers()[0]));
        return builder;
    }
}
