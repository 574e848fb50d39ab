/** Automatic TLS for Helidon. */
module org.autotls.helidon {
    requires transitive org.autotls;
    requires transitive io.helidon.webserver;
    requires static org.jspecify;

    exports org.autotls.helidon;
}
