/** Automatic TLS for Vert.x. */
module org.autotls.vertx {
    requires transitive org.autotls;
    requires transitive io.vertx.core;
    requires transitive io.netty.handler;
    requires org.autotls.netty;
    requires static org.jspecify;

    exports org.autotls.vertx;
}
