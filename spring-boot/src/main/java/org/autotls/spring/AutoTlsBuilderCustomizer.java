package org.autotls.spring;

import org.autotls.AutoTls;
import org.autotls.AutoTlsBuilder;

/**
 * A bean of this type changes what properties cannot say before the {@link AutoTls} of an application is opened: a responder
 * for dns-01, an issuer of your own, a listener. Several are called in the order of {@code @Order}.
 */
@FunctionalInterface
public interface AutoTlsBuilderCustomizer {

    /**
     * Changes the settings; what is set here wins over properties.
     *
     * @param builder settings as the properties have them
     */
    void customize(AutoTlsBuilder builder);
}
