package org.autotls.reactornetty;

import io.netty.handler.ssl.SslProvider;
import java.util.List;

class ReactorNettyBoringSslEndpointTest extends ReactorNettyContract {

    ReactorNettyBoringSslEndpointTest() {
        super(SslProvider.OPENSSL);
    }

    @Override
    protected int longestHello() {
        return 16 * 1024;
    }

    /** BoringSSL does not look at the second server name; the certificate stays that of the first. */
    @Override
    protected List<String> afterRetryWithAnotherName() {
        return List.of("SERVER_HELLO", "alert 112", "alert 47");
    }
}
