package org.autotls.vertx;

import io.netty.handler.ssl.SslProvider;

class VertxJdkEngineEndpointTest extends VertxContract {

    VertxJdkEngineEndpointTest() {
        super(SslProvider.JDK);
    }
}
