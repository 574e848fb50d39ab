package org.autotls.tls;

import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;

/**
 * Makes server engines of another TLS library than the JDK's, to serve connections that {@link AutoTlsContext} has decided
 * upon. Found by {@link java.util.ServiceLoader}.
 *
 * <p>What an engine must keep to, since nothing behind it does: it serves the entry it was made for and no other; it resumes
 * a session only under the server name that the session was made for, and none for a client without server name; with an ALPN
 * list or selector it answers as the JDK's engine does, and so in every other point that a server can see.
 *
 * <p><b>Threads.</b> Safe for many threads. An engine is used by one at a time.
 */
public interface ServingEngines {

    /**
     * Loads the library.
     *
     * @param trust judges client certificates; the first X.509 trust manager among them counts
     * @return the maker of engines of one context
     * @throws IllegalStateException if the library cannot be used here, with the reason for a log
     */
    Maker open(TrustManager... trust);

    /** Makes the engines of one {@link AutoTlsContext}. */
    @FunctionalInterface
    interface Maker {

        /**
         * Makes the engine for one connection, if it can do all that is asked of it. If not, the JDK's engine serves.
         *
         * @param entry what to serve
         * @param hello what the client sent; its server name is what sessions are bound to
         * @param settings what the server has set so far, ALPN selector left out. Read only
         * @return an engine in server mode that has not seen any bytes, and to which settings and selector are given next;
         *     empty for the JDK's
         */
        Optional<SSLEngine> make(IndexEntry entry, ClientHello hello, SSLParameters settings);
    }
}
