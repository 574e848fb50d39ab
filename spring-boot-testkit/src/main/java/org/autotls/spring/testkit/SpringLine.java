package org.autotls.spring.testkit;

import java.util.Optional;
import org.springframework.boot.WebApplicationType;
import org.springframework.context.ApplicationContext;

/** What has another name in each line of Spring Boot. Stateless. */
public interface SpringLine {

    /** Which web server. */
    enum Kind {
        TOMCAT(WebApplicationType.SERVLET),
        JETTY(WebApplicationType.SERVLET),
        REACTOR_NETTY(WebApplicationType.REACTIVE);

        private final WebApplicationType type;

        Kind(WebApplicationType type) {
            this.type = type;
        }

        WebApplicationType type() {
            return type;
        }
    }

    /**
     * Returns a configuration whose bean is the factory of a web server: all of them are on the class path.
     *
     * @param kind which server
     * @return a class that Spring can read
     */
    Class<?> factory(Kind kind);

    /**
     * Reads the component {@code autotls} of the application's health.
     *
     * @param context of an application
     * @return the status, a blank, and the details; empty if there is no such component
     */
    Optional<String> health(ApplicationContext context);
}
