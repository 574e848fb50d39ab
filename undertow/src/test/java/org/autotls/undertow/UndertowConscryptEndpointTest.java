package org.autotls.undertow;

import org.autotls.testkit.TlsEngine;

/** Undertow with Conscrypt on the class path. */
class UndertowConscryptEndpointTest extends UndertowEndpointTest {

    @Override
    protected TlsEngine engine() {
        return TlsEngine.CONSCRYPT;
    }
}
