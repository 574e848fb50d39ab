package org.autotls.testkit;

/**
 * A TLS server under test, on the loopback address. It answers the first bytes of application data with {@code HTTP/1.0 200
 * OK} and closes.
 */
public interface TlsTestServer extends AutoCloseable {

    /**
     * Returns where it listens.
     *
     * @return a TCP port
     */
    int port();

    /**
     * Returns how many connections the application has been told of: those whose handshake, as far as it can see, was done.
     *
     * @return never less than before
     */
    int conversations();

    /** Stops listening and closes what is open. */
    @Override
    void close();
}
