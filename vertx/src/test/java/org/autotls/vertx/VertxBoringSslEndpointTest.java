package org.autotls.vertx;

import io.netty.handler.ssl.SslProvider;
import org.autotls.testkit.TlsEngine;

class VertxBoringSslEndpointTest extends VertxContract {

    VertxBoringSslEndpointTest() {
        super(SslProvider.OPENSSL);
    }

    @Override
    protected TlsEngine engine() {
        return TlsEngine.BORINGSSL;
    }
}
