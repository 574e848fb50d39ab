/** Automatic TLS for Reactor Netty. */
module org.autotls.reactornetty {
    requires transitive org.autotls;
    requires transitive reactor.netty.http;
    requires transitive io.netty.handler;
    requires io.netty.codec.http;
    requires io.netty.transport;
    requires org.autotls.netty;
    requires org.reactivestreams;
    requires reactor.core;
    requires reactor.netty.core;
    requires static org.jspecify;

    exports org.autotls.reactornetty;
}
