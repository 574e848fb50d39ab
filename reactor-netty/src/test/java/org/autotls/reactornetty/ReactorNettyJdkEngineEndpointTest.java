package org.autotls.reactornetty;

import io.netty.handler.ssl.SslProvider;

class ReactorNettyJdkEngineEndpointTest extends ReactorNettyContract {

    ReactorNettyJdkEngineEndpointTest() {
        super(SslProvider.JDK);
    }
}
