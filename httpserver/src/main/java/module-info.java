/** Automatic TLS for the JDK's own HttpsServer. */
module org.autotls.httpserver {
    requires transitive org.autotls;
    requires transitive jdk.httpserver;
    requires static org.jspecify;

    exports org.autotls.httpserver;
}
