/** Domain names in all alphabets, and where they are registered. Exports nothing: being there is enough. */
module org.autotls.names {
    requires org.autotls;
    requires com.ibm.icu;
    requires com.google.common;
    requires static org.jspecify;

    provides org.autotls.DomainNames with
            org.autotls.names.StandardDomainNames;
}
