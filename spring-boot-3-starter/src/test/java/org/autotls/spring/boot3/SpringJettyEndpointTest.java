package org.autotls.spring.boot3;

import org.autotls.spring.testkit.SpringEndpointContract;

/** Spring Boot 3.5 on Jetty. */
class SpringJettyEndpointTest extends SpringEndpointContract.OnJetty {

    SpringJettyEndpointTest() {
        super(new Boot3());
    }
}
