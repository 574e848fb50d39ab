package org.autotls.spring.boot4;

import org.autotls.spring.testkit.SpringEndpointContract;

/** Spring Boot 4 on Tomcat. */
class SpringTomcatEndpointTest extends SpringEndpointContract.OnTomcat {

    SpringTomcatEndpointTest() {
        super(new Boot4());
    }
}
