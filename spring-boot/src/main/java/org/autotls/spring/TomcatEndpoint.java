package org.autotls.spring;

import org.apache.catalina.connector.Connector;
import org.autotls.AutoTls;
import org.autotls.tomcat.AutoTlsTomcat;

/** Makes an endpoint of the connector that Spring Boot has given a Tomcat, whichever line it is. Stateless. */
public final class TomcatEndpoint {

    private TomcatEndpoint() {}

    /**
     * Gives a connector its certificates, and the backlog of the endpoint string if there is one.
     *
     * @param connector of a Tomcat that has not started
     * @param autoTls what serves and issues
     */
    public static void secure(Connector connector, AutoTls autoTls) {
        AutoTlsTomcat.secure(connector, autoTls);
        autoTls.tcpAddress()
                .ifPresent(address -> connector.setProperty("acceptCount", Integer.toString(address.backlog())));
    }
}
