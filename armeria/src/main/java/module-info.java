/** Automatic TLS for Armeria. */
module org.autotls.armeria {
    requires transitive org.autotls;
    requires transitive com.linecorp.armeria;
    requires org.autotls.netty;
    requires io.netty.codec;
    requires io.netty.handler;
    requires io.netty.transport;
    requires org.slf4j;
    requires static org.jspecify;

    exports org.autotls.armeria;
}
