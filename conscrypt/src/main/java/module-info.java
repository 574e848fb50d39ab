/** Serves the connections of an AutoTlsContext with Conscrypt's engine. Exports nothing: being there is enough. */
module org.autotls.conscrypt {
    requires org.autotls;
    requires org.conscrypt;
    requires org.slf4j;
    requires static org.jspecify;

    provides org.autotls.tls.ServingEngines with
            org.autotls.conscrypt.ConscryptEngines;
}
