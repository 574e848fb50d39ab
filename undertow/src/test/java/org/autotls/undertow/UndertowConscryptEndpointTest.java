package org.autotls.undertow;

/** Undertow with Conscrypt on the class path. */
class UndertowConscryptEndpointTest extends UndertowEndpointTest {

    @Override
    protected boolean onConscrypt() {
        return true;
    }
}
