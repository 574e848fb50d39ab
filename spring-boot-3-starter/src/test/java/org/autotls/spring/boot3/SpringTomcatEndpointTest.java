package org.autotls.spring.boot3;

import org.autotls.spring.testkit.SpringEndpointContract;

/** Spring Boot 3.5 on Tomcat. */
class SpringTomcatEndpointTest extends SpringEndpointContract.OnTomcat {

    SpringTomcatEndpointTest() {
        super(new Boot3());
    }
}
