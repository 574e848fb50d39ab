package org.autotls.helidon;

import org.autotls.testkit.TlsEngine;

/** Helidon with Conscrypt on the class path. */
class HelidonConscryptEndpointTest extends HelidonEndpointTest {

    @Override
    protected TlsEngine engine() {
        return TlsEngine.CONSCRYPT;
    }
}
