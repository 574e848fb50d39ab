package org.autotls.tls;

import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.StandardConstants;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers a TLS engine's questions from a {@link LiveIndex}, by server name.
 *
 * <p>What it answers for is the entry that a peek pinned to the engine, else the server name of the handshake. It has no
 * client certificates, and knows nothing of challenges.
 *
 * <p>Alone it is not enough: it cannot choose the alert for an unknown name, nor answer {@code acme-tls/1}, nor let JDK 25
 * resume. Use {@link AutoTlsContext}.
 *
 * <p><b>Threads.</b> Safe for many threads. Never blocks and never throws: JDK 17 would drop the connection without an
 * alert. A null answer (no certificate) makes the engine refuse the handshake.
 */
public final class SniKeyManager extends X509ExtendedKeyManager {

    private static final Logger LOG = LoggerFactory.getLogger(SniKeyManager.class);

    private final LiveIndex index;

    /**
     * Makes a key manager.
     *
     * @param index asked at each handshake
     */
    public SniKeyManager(LiveIndex index) {
        this.index = index;
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
            @Nullable String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        if (keyType == null || engine == null) {
            return null;
        }
        try {
            return alias(
                    keyType,
                    PinnedEntry.find(engine.getSSLParameters())
                            .or(() -> findByName(keyType, engine.getHandshakeSession())));
        } catch (RuntimeException e) {
            return refused(e);
        }
    }

    @Override
    public @Nullable String chooseServerAlias(
            @Nullable String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        if (keyType == null || !(socket instanceof SSLSocket tls)) {
            return null;
        }
        try {
            return alias(keyType, findByName(keyType, tls.getHandshakeSession()));
        } catch (RuntimeException e) {
            return refused(e);
        }
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(@Nullable String alias) {
        Optional<IndexEntry> entry = findAlias(alias);
        return entry.isPresent() ? entry.get().chain() : null;
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(@Nullable String alias) {
        Optional<IndexEntry> entry = findAlias(alias);
        return entry.isPresent() ? entry.get().privateKey() : null;
    }

    @Override
    public String @Nullable [] getServerAliases(@Nullable String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public String @Nullable [] getClientAliases(@Nullable String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseClientAlias(
            String @Nullable [] keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }

    private Optional<IndexEntry> findAlias(@Nullable String alias) {
        return alias == null ? Optional.empty() : index.findAlias(alias);
    }

    /** The session is null while JDK 25 decodes a ticket. */
    private Optional<IndexEntry> findByName(String keyType, @Nullable SSLSession session) {
        if (!(session instanceof ExtendedSSLSession extended)) {
            return Optional.empty();
        }
        for (SNIServerName name : extended.getRequestedServerNames()) {
            if (name.getType() == StandardConstants.SNI_HOST_NAME) {
                return index.current()
                        .find(new String(name.getEncoded(), StandardCharsets.ISO_8859_1), entry -> entry.fits(keyType));
            }
        }
        return index.current().fallback();
    }

    private static @Nullable String alias(String keyType, Optional<IndexEntry> entry) {
        return entry.isPresent() && entry.get().fits(keyType) ? entry.get().alias() : null;
    }

    private static @Nullable String refused(RuntimeException e) {
        LOG.warn("A TLS engine could not be asked for its server name; the handshake is refused", e);
        return null;
    }
}
