/** Endpoints for Netty: binding, TLS, and passing decrypted bytes on. */
module org.autotls.netty {
    requires transitive org.autotls;
    requires transitive io.netty.transport;
    requires transitive io.netty.handler;
    requires io.netty.buffer;
    requires io.netty.codec;
    requires io.netty.common;
    requires io.netty.codec.haproxy;
    requires static io.netty.codec.http;
    requires io.netty.transport.unix.common;
    requires io.netty.transport.classes.epoll;
    requires io.netty.tcnative.classes.openssl;
    requires org.slf4j;
    requires static org.jspecify;

    exports org.autotls.netty;
}
