package org.autotls.netty;

import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.net.ssl.SNIMatcher;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.StandardConstants;
import org.autotls.tls.LiveIndex;

/** Refuses names that are not served, on an engine that no handler peeks for. Safe for many threads. */
final class KnownNames extends SNIMatcher {

    private final LiveIndex index;

    private KnownNames(LiveIndex index) {
        super(StandardConstants.SNI_HOST_NAME);
        this.index = index;
    }

    static void guard(SSLEngine engine, LiveIndex index) {
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setSNIMatchers(List.of(new KnownNames(index)));
        engine.setSSLParameters(parameters);
    }

    @Override
    public boolean matches(SNIServerName name) {
        return index.current()
                .find(new String(name.getEncoded(), StandardCharsets.ISO_8859_1))
                .isPresent();
    }
}
