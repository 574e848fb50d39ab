package org.autotls.httpserver;

/** The JDK's HttpsServer with Conscrypt on the class path. */
class HttpServerConscryptEndpointTest extends HttpServerEndpointTest {

    @Override
    protected boolean onConscrypt() {
        return true;
    }
}
