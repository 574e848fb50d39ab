package org.autotls.tomcat;

import org.autotls.testkit.TlsEngine;

/** Tomcat with Conscrypt on the class path. */
class TomcatConscryptEndpointTest extends TomcatEndpointTest {

    @Override
    protected TlsEngine engine() {
        return TlsEngine.CONSCRYPT;
    }
}
