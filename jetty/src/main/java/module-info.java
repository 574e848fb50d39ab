/** Automatic TLS for Jetty. */
module org.autotls.jetty {
    requires transitive org.autotls;
    requires transitive org.eclipse.jetty.server;
    requires org.eclipse.jetty.alpn.server;
    requires org.eclipse.jetty.io;
    requires org.eclipse.jetty.http2.server;
    requires static org.jspecify;

    exports org.autotls.jetty;

    provides org.eclipse.jetty.io.ssl.ALPNProcessor.Server with
            org.autotls.jetty.AutoTlsAlpnProcessor;
}
