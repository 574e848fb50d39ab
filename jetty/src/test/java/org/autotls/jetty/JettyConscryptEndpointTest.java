package org.autotls.jetty;

/** Jetty with Conscrypt on the class path. */
class JettyConscryptEndpointTest extends JettyEndpointTest {

    @Override
    protected boolean onConscrypt() {
        return true;
    }
}
