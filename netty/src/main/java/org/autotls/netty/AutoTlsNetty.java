package org.autotls.netty;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslProvider;
import java.util.List;
import org.autotls.AutoTls;

/**
 * Gives Netty, and what is built on it, certificates that are issued and renewed while it serves. A whole endpoint, with its
 * port, is {@link AutoTlsEndpoint}; this is for servers that bind by themselves.
 *
 * <p><b>Threads.</b> Stateless; safe for many threads.
 */
public final class AutoTlsNetty {

    private AutoTlsNetty() {}

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
