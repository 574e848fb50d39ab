package org.autotls.undertow;

import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpHandler;
import java.util.Optional;
import org.autotls.AutoTls;
import org.autotls.endpoint.ListenAddress;
import org.xnio.OptionMap;
import org.xnio.Options;

/**
 * Gives Undertow certificates that are issued and renewed while it serves. Undertow 2.3 (from 2.3.21 on) and 2.4.
 *
 * <p>Undertow tells nobody when it starts or stops: without an endpoint string, call {@link AutoTls#startIssuing} after
 * {@link Undertow#start}.
 *
 * <p><b>Threads.</b> Stateless; safe for many threads.
 */
public final class AutoTlsUndertow {

    private static final int HTTPS_PORT = 443;

    private AutoTlsUndertow() {}

    /**
     * Adds a listener where the endpoint string says. Certificates are seen to as long as the JVM runs; to stop that
     * earlier, make the {@link AutoTls} yourself.
     *
     * @param server settings of a server
     * @param endpoint for example {@code lets:/srv/www/certs:tcp:443}
     * @return the same settings
     * @throws IllegalArgumentException if the string is wrong, with the column and what was expected
     */
    public static Undertow.Builder endpoint(Undertow.Builder server, String endpoint) {
        return endpoint(server, AutoTls.endpoint(endpoint).open());
    }

    /**
     * Adds a listener where the endpoint string of {@code autoTls} says, else on port 443, and turns HTTP/2 on, which
     * Undertow does for all its listeners at once.
     *
     * @param server settings of a server
     * @param autoTls what serves and issues; the caller closes it after the server
     * @return the same settings
     */
    public static Undertow.Builder endpoint(Undertow.Builder server, AutoTls autoTls) {
        return server.setServerOption(UndertowOptions.ENABLE_HTTP2, true).addListener(listener(autoTls));
    }

    /**
     * Returns a listener's settings, to be changed before they are added. HTTP/2 is off unless the server's settings turn
     * it on ({@link UndertowOptions#ENABLE_HTTP2}).
     *
     * @param autoTls what serves and issues; the caller closes it after the server
     * @return where the endpoint string of {@code autoTls} says, else on port 443 of all interfaces
     */
    public static Undertow.ListenerBuilder listener(AutoTls autoTls) {
        Optional<ListenAddress.Tcp> address = autoTls.tcpAddress();
        Undertow.ListenerBuilder listener = new Undertow.ListenerBuilder()
                .setType(Undertow.ListenerType.HTTPS)
                .setSslContext(autoTls.sslContext())
                .setHost(address.map(tcp -> tcp.socketAddress().getHostString()).orElse("0.0.0.0"))
                .setPort(address.map(ListenAddress.Tcp::port).orElse(HTTPS_PORT));
        address.ifPresent(tcp -> listener.setOverrideSocketOptions(OptionMap.create(Options.BACKLOG, tcp.backlog())));
        return listener;
    }

    /**
     * Returns what the port for plain http answers: http-01 challenges, and redirects to https.
     *
     * @param autoTls whose challenges and names are answered for
     * @return answers every request, on the I/O thread; it does not block
     */
    public static HttpHandler plainHttp(AutoTls autoTls) {
        return new PlainHttpHandler(autoTls.plainHttp());
    }
}
