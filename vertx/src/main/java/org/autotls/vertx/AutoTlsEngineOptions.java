package org.autotls.vertx;

import io.netty.handler.ssl.SslProvider;
import io.vertx.core.net.SSLEngineOptions;
import io.vertx.core.spi.tls.SslContextFactory;
import org.autotls.AutoTls;

/** Makes Vert.x ask us for its {@code SslContext}. As changeable as all options of Vert.x; one thread at a time. */
final class AutoTlsEngineOptions extends SSLEngineOptions {

    private final AutoTls autoTls;
    private final SslProvider provider;

    AutoTlsEngineOptions(AutoTls autoTls, SslProvider provider) {
        this.autoTls = autoTls;
        this.provider = provider;
    }

    private AutoTlsEngineOptions(AutoTlsEngineOptions that) {
        super(that);
        this.autoTls = that.autoTls;
        this.provider = that.provider;
    }

    @Override
    public AutoTlsEngineOptions copy() {
        return new AutoTlsEngineOptions(this);
    }

    @Override
    public SslContextFactory sslContextFactory() {
        return new AutoTlsContextFactory(autoTls, provider);
    }
}
