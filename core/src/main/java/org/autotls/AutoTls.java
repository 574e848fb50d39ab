package org.autotls;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLContext;
import org.autotls.AutoTlsSettings.Home;
import org.autotls.endpoint.EndpointParsers;
import org.autotls.endpoint.ListenAddress;
import org.autotls.endpoint.ServerEndpoint;
import org.autotls.responder.Http01Responder;
import org.autotls.responder.PlainHttp;
import org.autotls.tls.AutoTlsContext;
import org.autotls.tls.ChallengeCertificates;
import org.autotls.tls.ClientTrust;
import org.autotls.tls.LiveIndex;

/**
 * Automatic TLS in three lines:
 *
 * <pre>{@code
 * AutoTls autoTls = AutoTls.at(Path.of("/srv/certs")).names("www.example.com").agreeToTerms(true).start();
 * HttpsServer server = HttpsServer.create(new InetSocketAddress(443), 0);
 * server.setHttpsConfigurator(new HttpsConfigurator(autoTls.sslContext()));
 * }</pre>
 *
 * <p>Joins an {@link IssuingService} with its store, an issuer, the answers to challenges and the {@link LiveIndex} that
 * handshakes read. What is stored is served within about a second, whichever process stored it; what cannot be renewed is
 * served on, even expired, while the alarm is raised. {@link AutoTlsBuilder#start} is the place where all parts meet.
 *
 * <p><b>Threads.</b> Safe for many threads.
 */
public final class AutoTls implements AutoCloseable {

    private final LiveIndex index;
    private final ChallengeCertificates challenges;
    private final Optional<ClientTrust> clientTrust;
    private final Http01Responder http01;
    private final SSLContext sslContext;
    private final Optional<IssuingService> service;
    private final Optional<Path> rootFile;
    private final CompletableFuture<Void> certsServed;
    private final PlainHttp plainHttp;
    private final Optional<ListenAddress> address;
    private final boolean scheduled;
    private final AtomicBoolean issuing = new AtomicBoolean();
    // Closed in reverse order.
    private final List<AutoCloseable> parts;

    AutoTls(AutoTlsAssembly assembly, Optional<IssuingService> service) {
        this.index = assembly.index;
        this.http01 = assembly.http01;
        this.challenges = assembly.challenges();
        this.clientTrust = assembly.clientTrust;
        this.sslContext = clientTrust.isPresent()
                ? AutoTlsContext.create(index, challenges, clientTrust.get())
                : AutoTlsContext.create(index, challenges);
        this.service = service;
        this.rootFile = assembly.rootFile;
        this.certsServed = assembly.certsServed;
        this.plainHttp = assembly.plainHttp;
        this.address = assembly.address;
        this.scheduled = assembly.isScheduled();
        this.parts = assembly.parts;
    }

    /**
     * Keeps certificates in a directory.
     *
     * @param directory must exist and be writable (for {@link AutoTlsBuilder#local} it is made when absent; for
     *     {@link AutoTlsBuilder#readOnly} it need only be readable)
     * @return a builder; nothing is opened or written before {@link AutoTlsBuilder#start}
     */
    public static AutoTlsBuilder at(Path directory) {
        return new AutoTlsBuilder(new Home.InDirectory(requireNonNull(directory, "directory")));
    }

    /**
     * Keeps certificates in stores of your own, such as a database.
     *
     * @param certificates bundles
     * @param state attempt records, orders in flight, leases, the embedded CA
     * @param accountKeys the ACME account's key
     * @return a builder; nothing is opened or written before {@link AutoTlsBuilder#start}
     */
    public static AutoTlsBuilder with(CertificateStore certificates, StateStore state, AccountKeyStore accountKeys) {
        return new AutoTlsBuilder(new Home.InStores(certificates, state, accountKeys));
    }

    /**
     * Reads an endpoint string: where certificates are kept, where they come from, and where to listen.
     *
     * @param text for example {@code lets:/srv/www/certs:tcp:443}
     * @return a builder that knows its {@link #address}; nothing is opened, bound or written before {@link AutoTlsBuilder#open}
     * @throws IllegalArgumentException with the string, the column and what was expected; also if it names no certificates
     */
    public static AutoTlsBuilder endpoint(String text) {
        ServerEndpoint endpoint = EndpointParsers.standard().parse(text);
        AutoTlsBuilder builder = endpoint.autoTls()
                .orElseThrow(() -> new IllegalArgumentException("endpoint '" + Text.escape(text)
                        + "' has no certificates; put one of these in front: local:DIR:, le:DIR:, lets:DIR:, txsni:DIR: or"
                        + " acme:URL:DIR:"));
        return builder.address(endpoint.address());
    }

    /**
     * Starts to issue and renew, now that the server listens and can answer the CA. Does nothing if that has begun, if the
     * directory is only read, or if there is {@linkplain AutoTlsBuilder#withoutSchedule no schedule}.
     *
     * <p>Not needed after {@link AutoTlsBuilder#start}, nor for an endpoint string with a TCP port: there it begins by itself as
     * soon as the port takes connections. One that nobody starts begins by itself after thirty seconds, with a warning.
     */
    public void startIssuing() {
        if (scheduled && issuing.compareAndSet(false, true)) {
            service.ifPresent(IssuingService::start);
        }
    }

    boolean isIssuing() {
        return issuing.get() || service.isEmpty() || !scheduled;
    }

    /**
     * Returns where to listen.
     *
     * @return empty unless this was made from an endpoint string
     */
    public Optional<ListenAddress> address() {
        return address;
    }

    /**
     * Returns the TCP port to listen on, for servers that know no other kind of address.
     *
     * @return empty unless this was made from an endpoint string
     * @throws IllegalArgumentException if the string names another kind of address, or a PROXY protocol header
     */
    public Optional<ListenAddress.Tcp> tcpAddress() {
        return address.map(where -> {
            if (where instanceof ListenAddress.Tcp tcp && !tcp.proxyProtocol()) {
                return tcp;
            }
            throw new IllegalArgumentException(
                    "endpoint " + where + ": expected tcp:PORT or tcp6:PORT; this server listens on nothing else");
        });
    }

    /**
     * Returns what a server of any kind makes its TLS with: it chooses the certificate by server name, refuses unknown names
     * and answers {@code acme-tls/1}.
     *
     * @return always the same context; serves whatever is newest
     */
    public SSLContext sslContext() {
        return sslContext;
    }

    /**
     * Returns what handshakes read.
     *
     * @return the live index
     */
    public LiveIndex index() {
        return index;
    }

    /**
     * Returns what answers tls-alpn-01 challenges.
     *
     * @return the pending challenges' certificates
     */
    public ChallengeCertificates challenges() {
        return challenges;
    }

    /**
     * Returns who judges client certificates, for servers that do not make their TLS with {@link #sslContext}.
     *
     * @return empty unless clients must show a certificate
     */
    public Optional<ClientTrust> clientTrust() {
        return clientTrust;
    }

    /**
     * Returns what answers http-01 challenges, to be mounted in a server that already listens on port 80.
     *
     * @return the pending challenges' answers
     */
    public Http01Responder http01() {
        return http01;
    }

    /**
     * Returns what the port for plain http answers, to be mounted in a server that already listens there: http-01
     * challenges, and redirects to https for the names that are served.
     *
     * @return the answers
     */
    public PlainHttp plainHttp() {
        return plainHttp;
    }

    /**
     * Returns what issues and renews.
     *
     * @return empty if the directory is only read
     */
    public Optional<IssuingService> service() {
        return service;
    }

    /**
     * Tells when reissue was attempted, well or not, for every certificate that was in danger at start, and what was issued
     * is served.
     *
     * @return completes at once if the directory is only read, or there is {@linkplain AutoTlsBuilder#withoutSchedule no
     *     schedule}; fails if this is closed first
     */
    public CompletionStage<Void> whenCertsValid() {
        return certsServed.minimalCompletionStage();
    }

    /**
     * Returns the root certificate that clients of the embedded CA have to trust.
     *
     * @return a PEM file; empty unless certificates come from the embedded CA and are kept in a directory
     */
    public Optional<Path> rootFile() {
        return rootFile;
    }

    /** Stops issuing (waiting at most 3 s) and following the store. What was read is still served. May be repeated. */
    @Override
    public void close() {
        AutoTlsAssembly.closeAll(parts);
        certsServed.completeExceptionally(new IssueException(IssueException.Kind.STOPPED, "this AutoTls was closed"));
    }
}
