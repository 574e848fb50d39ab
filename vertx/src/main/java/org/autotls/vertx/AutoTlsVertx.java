package org.autotls.vertx;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslProvider;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.SSLEngineOptions;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import org.autotls.AutoTls;
import org.autotls.responder.PlainHttpReply;

/**
 * Gives Vert.x certificates that are issued and renewed while it serves. Vert.x 5.0 to 5.2, and 4.5 as Quarkus has it.
 *
 * <p>Options know no event for a server that listens: for an endpoint string, issuing begins by itself as soon as its port
 * takes connections; without one, call {@link AutoTls#startIssuing} then.
 *
 * <p><b>Threads.</b> Stateless; safe for many threads.
 */
public final class AutoTlsVertx {

    private static final int HTTPS_PORT = 443;

    private AutoTlsVertx() {}

    /**
     * Sets a server up for https where the endpoint string says. Certificates are seen to as long as the JVM runs; to stop
     * that earlier, make the {@link AutoTls} yourself.
     *
     * @param options changed
     * @param endpoint for example {@code lets:/srv/www/certs:tcp:443}
     * @return the same options
     * @throws IllegalArgumentException if the string is wrong, with the column and what was expected
     */
    public static HttpServerOptions endpoint(HttpServerOptions options, String endpoint) {
        return endpoint(options, AutoTls.endpoint(endpoint).open());
    }

    /**
     * Sets a server up for https, with HTTP/2 and HTTP/1.1 by ALPN, where the endpoint string of {@code autoTls} says; else
     * at the options' own port, and on 443 if that is Vert.x's default of 80.
     *
     * @param options changed. Client certificates are asked for by {@code autoTls} only; set later, {@code setClientAuth} makes
     *     the server refuse every connection, or not start
     * @param autoTls what serves and issues; the caller closes it after the server
     * @return the same options
     * @throws IllegalArgumentException if the endpoint string names no TCP port, or the options ask for client certificates
     */
    public static HttpServerOptions endpoint(HttpServerOptions options, AutoTls autoTls) {
        if (options.getPort() == HttpServerOptions.DEFAULT_PORT) {
            options.setPort(HTTPS_PORT);
        }
        secure(options.setUseAlpn(true), autoTls);
        return options;
    }

    /**
     * Sets a server for any protocol over TLS up where the endpoint string says, as {@link #endpoint(HttpServerOptions,
     * String)} does.
     *
     * @param options changed
     * @param endpoint for example {@code lets:/srv/imap/certs:tcp:993}
     * @return the same options
     * @throws IllegalArgumentException if the string is wrong, with the column and what was expected
     */
    public static NetServerOptions endpoint(NetServerOptions options, String endpoint) {
        return endpoint(options, AutoTls.endpoint(endpoint).open());
    }

    /**
     * Sets a server for any protocol over TLS up where the endpoint string of {@code autoTls} says, else at the options' own
     * port. ALPN is left as the options have it.
     *
     * @param options changed, as {@link #endpoint(HttpServerOptions, AutoTls)} says
     * @param autoTls what serves and issues; the caller closes it after the server
     * @return the same options
     * @throws IllegalArgumentException if the endpoint string names no TCP port, or the options ask for client certificates
     */
    public static NetServerOptions endpoint(NetServerOptions options, AutoTls autoTls) {
        return options instanceof HttpServerOptions http ? endpoint(http, autoTls) : secure(options, autoTls);
    }

    private static NetServerOptions secure(NetServerOptions options, AutoTls autoTls) {
        AutoTlsContextFactory.refuse(options.getClientAuth().name());
        autoTls.tcpAddress()
                .ifPresent(address -> options.setHost(address.socketAddress().getHostString())
                        .setPort(address.port())
                        .setAcceptBacklog(address.backlog()));
        return options.setSsl(true)
                .setSni(false) // Vert.x's own way to choose by name
                .setKeyCertOptions(noKeys())
                .setSslEngineOptions(engine(autoTls, OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK));
    }

    /**
     * Returns the engine that {@code endpoint} sets, on a given provider.
     *
     * @param autoTls what serves
     * @param provider {@link SslProvider#OPENSSL} (BoringSSL, the default where it can be loaded) or {@link SslProvider#JDK}
     * @return options whose certificates follow {@code autoTls}, for {@code setSslEngineOptions} after {@code endpoint}
     */
    public static SSLEngineOptions engine(AutoTls autoTls, SslProvider provider) {
        return new AutoTlsEngineOptions(autoTls, provider);
    }

    /**
     * Returns what the port for plain http answers: http-01 challenges, and redirects to https.
     *
     * @param autoTls whose challenges and names are answered for
     * @return a handler that answers every request
     */
    public static Handler<HttpServerRequest> plainHttp(AutoTls autoTls) {
        return request -> {
            HostAndPort host = request.authority();
            PlainHttpReply reply = autoTls.plainHttp()
                    .answer(request.method().name(), host == null ? "" : host.toString(), request.uri());
            HttpServerResponse response = request.response().setStatusCode(reply.status());
            reply.headers().forEach(response::putHeader);
            response.end(reply.body());
        };
    }

    /** Vert.x asks for some before it starts. Whoever replaces our engine by another serves nothing with these. */
    private static KeyCertOptions noKeys() {
        try {
            KeyStore empty = KeyStore.getInstance("PKCS12");
            empty.load(null, null);
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(empty, new char[0]);
            return KeyCertOptions.wrap(factory);
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("this JDK has no PKCS12 key stores", e);
        }
    }
}
