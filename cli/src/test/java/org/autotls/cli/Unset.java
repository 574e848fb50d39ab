package org.autotls.cli;

import com.sun.net.httpserver.HttpServer;
import org.jspecify.annotations.NullUnmarked;

/** What a field of a test holds before {@code @BeforeEach} has set it. */
@NullUnmarked
final class Unset {

    private Unset() {}

    static Front front() {
        return null;
    }

    static HttpServer server() {
        return null;
    }
}
