/** Automatic TLS for gRPC-java. */
module org.autotls.grpc {
    requires transitive org.autotls;
    requires transitive io.grpc;
    requires transitive io.grpc.netty;
    requires transitive io.netty.handler;
    requires io.netty.transport;
    requires static org.jspecify;

    exports org.autotls.grpc;
}
