/** Automatic TLS for embedded Tomcat. */
module org.autotls.tomcat {
    requires transitive org.autotls;
    requires transitive org.apache.tomcat.embed.core;
    requires static org.jspecify;

    exports org.autotls.tomcat;
}
