/** dns-01 by dynamic DNS updates. */
module org.autotls.rfc2136 {
    requires transitive org.autotls;
    requires org.dnsjava;
    requires static org.jspecify;

    exports org.autotls.rfc2136;
}
