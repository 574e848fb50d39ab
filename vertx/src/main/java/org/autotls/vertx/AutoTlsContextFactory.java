package org.autotls.vertx;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslProvider;
import io.vertx.core.spi.tls.SslContextFactory;
import java.util.List;
import org.autotls.AutoTls;
import org.autotls.netty.AutoTlsNetty;
import org.jspecify.annotations.Nullable;

/** Makes one context, from an {@link AutoTls} and what Vert.x says about ALPN. One thread at a time. */
final class AutoTlsContextFactory implements SslContextFactory {

    private static final String NONE = ClientAuth.NONE.name();

    private final AutoTls autoTls;
    private final SslProvider provider;
    private boolean useAlpn;
    private List<String> protocols = List.of();

    AutoTlsContextFactory(AutoTls autoTls, SslProvider provider) {
        this.autoTls = autoTls;
        this.provider = provider;
    }

    @Override
    public SslContextFactory useAlpn(boolean use) {
        useAlpn = use;
        return this;
    }

    @Override
    public SslContextFactory applicationProtocols(@Nullable List<String> names) {
        protocols = names == null ? List.of() : List.copyOf(names);
        return this;
    }

    /** Vert.x 5.1 and newer. */
    @Override
    public SslContextFactory forServer(@Nullable ClientAuth wanted) {
        return clientAuth(wanted);
    }

    /** Vert.x 5.0 and older, where it overrides. */
    public SslContextFactory clientAuth(@Nullable ClientAuth wanted) {
        refuse(wanted == null ? NONE : wanted.name());
        return this;
    }

    /** What we do not do is refused: nobody may think that clients are checked. */
    static void refuse(String clientAuth) {
        if (!clientAuth.equals(NONE)) {
            throw new IllegalArgumentException("client authentication " + clientAuth
                    + " in the server's options: expected none there; call requireClientCertificates of the AutoTls");
        }
    }

    @Override
    public SslContext create() {
        return AutoTlsNetty.sslContext(autoTls, provider, useAlpn ? protocols.toArray(new String[0]) : new String[0]);
    }
}
