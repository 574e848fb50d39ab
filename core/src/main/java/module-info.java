/** Issuing, storing, choosing and serving certificates. */
module org.autotls {
    requires org.slf4j;
    requires java.net.http;
    requires com.fasterxml.jackson.core;
    requires org.bouncycastle.pkix;
    requires org.bouncycastle.provider;
    requires org.pcollections;
    requires static org.jspecify;

    exports org.autotls;
    exports org.autotls.acme;
    exports org.autotls.ca;
    exports org.autotls.doctor;
    exports org.autotls.endpoint;
    exports org.autotls.internal to
            org.autotls.dns;
    exports org.autotls.responder;
    exports org.autotls.store;
    exports org.autotls.tls;

    uses org.autotls.DomainNames;
    uses org.autotls.endpoint.EndpointParser;
    uses org.autotls.tls.ServingEngines;
}
