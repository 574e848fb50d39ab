package org.autotls.httpserver;

import org.autotls.testkit.TlsEngine;

/** The JDK's HttpsServer with Conscrypt on the class path. */
class HttpServerConscryptEndpointTest extends HttpServerEndpointTest {

    @Override
    protected TlsEngine engine() {
        return TlsEngine.CONSCRYPT;
    }
}
