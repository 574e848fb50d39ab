package org.autotls.jetty;

import org.autotls.testkit.TlsEngine;

/** Jetty with Conscrypt on the class path. */
class JettyConscryptEndpointTest extends JettyEndpointTest {

    @Override
    protected TlsEngine engine() {
        return TlsEngine.CONSCRYPT;
    }
}
