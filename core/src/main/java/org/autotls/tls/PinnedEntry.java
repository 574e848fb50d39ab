package org.autotls.tls;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SNIMatcher;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.StandardConstants;
import org.jspecify.annotations.Nullable;

/**
 * The entry chosen for one connection, carried by its engine in the place of an SNI matcher. Immutable.
 *
 * <p>One object serves three ends. An engine with a matcher does not resume a session of one name under another. The matcher
 * takes no name but the one that was peeked, so a second ClientHello (after HelloRetryRequest) cannot change it. And the key
 * manager reads the choice from the engine's parameters, so that it is made once per connection and is known even where
 * JDK 25 asks without a handshake session, while it decodes a ticket (JDK-8357033).
 */
final class PinnedEntry extends SNIMatcher {

    private final Optional<String> serverName;
    private final IndexEntry entry;

    PinnedEntry(Optional<String> serverName, IndexEntry entry) {
        super(StandardConstants.SNI_HOST_NAME);
        this.serverName = serverName;
        this.entry = entry;
    }

    @Override
    public boolean matches(SNIServerName name) {
        String raw = new String(name.getEncoded(), StandardCharsets.ISO_8859_1);
        return serverName.isPresent() && serverName.equals(ServerName.normalise(raw));
    }

    IndexEntry entry() {
        return entry;
    }

    void pinTo(SSLEngine engine) {
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setSNIMatchers(List.of(this));
        engine.setSSLParameters(parameters);
    }

    /** Returns the entry pinned to these parameters, if a peek came before. */
    static Optional<IndexEntry> find(SSLParameters parameters) {
        @Nullable Collection<SNIMatcher> matchers = parameters.getSNIMatchers();
        if (matchers != null) {
            for (SNIMatcher matcher : matchers) {
                if (matcher instanceof PinnedEntry pinned) {
                    return Optional.of(pinned.entry);
                }
            }
        }
        return Optional.empty();
    }
}
