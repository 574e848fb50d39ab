package org.autotls.reactornetty;

import io.netty.handler.ssl.SslProvider;
import org.autotls.testkit.TlsEngine;

class ReactorNettyBoringSslEndpointTest extends ReactorNettyContract {

    ReactorNettyBoringSslEndpointTest() {
        super(SslProvider.OPENSSL);
    }

    @Override
    protected TlsEngine engine() {
        return TlsEngine.BORINGSSL;
    }
}
