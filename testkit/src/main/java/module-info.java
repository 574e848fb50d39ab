/** Contract tests for every SPI, a manual clock, a scripted CA. */
module org.autotls.testkit {
    requires transitive org.autotls;
    requires transitive org.junit.jupiter.api;
    requires transitive org.assertj.core;
    requires org.bouncycastle.pkix;
    requires org.bouncycastle.provider;
    requires com.fasterxml.jackson.core;
    requires jdk.httpserver;
    requires org.conscrypt;
    requires static org.jspecify;

    exports org.autotls.testkit;
}
