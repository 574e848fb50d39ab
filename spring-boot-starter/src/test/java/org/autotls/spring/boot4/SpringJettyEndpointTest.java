package org.autotls.spring.boot4;

import org.autotls.spring.testkit.SpringEndpointContract;

/** Spring Boot 4 on Jetty. */
class SpringJettyEndpointTest extends SpringEndpointContract.OnJetty {

    SpringJettyEndpointTest() {
        super(new Boot4());
    }
}
