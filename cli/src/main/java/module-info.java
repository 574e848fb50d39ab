/** The autotls command. */
module org.autotls.cli {
    requires org.autotls;
    requires org.autotls.netty;
    requires org.autotls.dns;
    requires org.autotls.rfc2136;
    requires io.netty.transport;
    requires info.picocli;
    requires org.slf4j;
    requires ch.qos.logback.classic;
    requires ch.qos.logback.core;
    requires com.fasterxml.jackson.core;
    requires org.autotls.names;
    requires org.eclipse.jetty.server;
    requires org.eclipse.jetty.unixdomain.server;
    requires org.eclipse.jetty.http2.server;
    requires org.eclipse.jetty.proxy;
    requires org.eclipse.jetty.client;
    requires static org.jspecify;

    opens org.autotls.cli to
            info.picocli;
}
