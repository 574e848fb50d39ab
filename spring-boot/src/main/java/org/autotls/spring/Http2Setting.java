package org.autotls.spring;

import org.springframework.boot.web.server.Http2;
import org.springframework.core.env.Environment;

/** The property {@code server.http2.enabled}, which is true here unless it is set. Stateless. */
public final class Http2Setting {

    private Http2Setting() {}

    /**
     * Returns the property as a factory of web servers takes it.
     *
     * @param environment of the application
     * @return a new one
     */
    public static Http2 of(Environment environment) {
        Http2 http2 = new Http2();
        http2.setEnabled(isEnabled(environment));
        return http2;
    }

    static boolean isEnabled(Environment environment) {
        return environment.getProperty("server.http2.enabled", Boolean.class, true);
    }
}
