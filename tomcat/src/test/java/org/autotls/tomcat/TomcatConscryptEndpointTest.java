package org.autotls.tomcat;

/** Tomcat with Conscrypt on the class path. */
class TomcatConscryptEndpointTest extends TomcatEndpointTest {

    @Override
    protected boolean onConscrypt() {
        return true;
    }
}
