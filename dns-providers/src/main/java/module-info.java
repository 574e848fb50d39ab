/** dns-01 over the HTTP APIs of DNS providers. */
module org.autotls.dns {
    requires transitive org.autotls;
    requires java.net.http;
    requires java.xml;
    requires org.slf4j;
    requires static org.jspecify;

    exports org.autotls.dns;
}
