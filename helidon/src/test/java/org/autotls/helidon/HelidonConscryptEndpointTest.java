package org.autotls.helidon;

/** Helidon with Conscrypt on the class path. */
class HelidonConscryptEndpointTest extends HelidonEndpointTest {

    @Override
    protected boolean onConscrypt() {
        return true;
    }
}
