package org.autotls.netty;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.OpenSslServerSessionContext;
import io.netty.handler.ssl.SslContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import javax.net.ssl.SSLEngine;
import org.autotls.netty.HelloGate.Passed;
import org.autotls.tls.IndexEntry;

/**
 * BoringSSL engines whose sessions are resumed under one server name and with one version of a certificate only.
 *
 * <p>BoringSSL itself resumes whatever it can decrypt, also under another name (RFC 6066 §3 forbids that). But each session
 * carries the session id context of its engine, and is resumed only by an engine that has the same one; this holds for tickets
 * and for session ids, in TLS 1.2 and 1.3. An engine copies that context from the native one at its birth. So one native
 * context is enough for all names: its session id context is set, and the engine made, under one lock.
 *
 * <p>The keys that encrypt tickets are BoringSSL's own, made at random for this process and changed every two days.
 *
 * <p><b>Threads.</b> Safe for many threads. An engine is made under a lock, which takes some microseconds.
 */
final class ResumableEngines {

    /** For clients without tickets, with TLS 1.2: few, and each costs some kilobytes. */
    private static final int SESSIONS_WITHOUT_TICKET = 1024;

    private final SslContext context;
    private final OpenSslServerSessionContext sessions;

    /**
     * Takes a native context for itself.
     *
     * @param context makes engines for nobody else, and asks for no client certificate
     */
    ResumableEngines(SslContext context) {
        this.context = context;
        this.sessions = (OpenSslServerSessionContext) context.sessionContext();
        sessions.setSessionCacheSize(SESSIONS_WITHOUT_TICKET);
        sessions.setSessionCacheEnabled(true);
    }

    /**
     * Returns the engine for a connection, with its entry pinned to it. It is the first one, and then resumes nothing, if the
     * client sent no server name, or if a client certificate is asked for, since a resumed session would not be judged again.
     *
     * @param first made before the ClientHello was there, unresumable
     * @param copySettings whether to make the settings of the first on the new one
     */
    SSLEngine choose(Passed passed, SSLEngine first, boolean copySettings, ByteBufAllocator allocator) {
        SSLEngine engine = first;
        boolean asksForCertificate = first.getNeedClientAuth() || first.getWantClientAuth();
        if (passed.serverName().isPresent() && !asksForCertificate) {
            engine = create(
                    allocator, passed.serverName().get(), passed.decision().entry());
            if (copySettings) {
                engine.setSSLParameters(first.getSSLParameters());
            }
        }
        passed.decision().pinTo(engine);
        return engine;
    }

    private SSLEngine create(ByteBufAllocator allocator, String serverName, IndexEntry entry) {
        byte[] id = sessionIdContext(serverName, entry);
        synchronized (sessions) { // nobody else knows it
            if (!sessions.setSessionIdContext(id)) {
                throw new IllegalStateException("BoringSSL refuses a session id context of " + id.length + " bytes");
            }
            return context.newEngine(allocator);
        }
    }

    /** An alias never stands for two versions; neither it nor a name contains a zero. At most 32 bytes are allowed. */
    private static byte[] sessionIdContext(String serverName, IndexEntry entry) {
        String bound = serverName + '\0' + entry.alias();
        try {
            return MessageDigest.getInstance("SHA-256").digest(bound.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
