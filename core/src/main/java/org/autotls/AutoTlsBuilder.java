package org.autotls;

import static java.util.Objects.requireNonNull;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.autotls.AutoTlsSettings.Home;
import org.autotls.endpoint.ListenAddress;
import org.autotls.tls.ChallengeCertificates;
import org.autotls.tls.ClientTrust;
import org.autotls.tls.LiveIndex;

/**
 * Settings, all with a default but for the directory: Let's Encrypt's production CA is asked, once its terms are agreed
 * to ({@link #agreeToTerms}).
 *
 * <p><b>Threads.</b> One thread at a time. {@link #check} and {@link #start} check what the setters do not.
 */
public final class AutoTlsBuilder extends SourceSettings {

    private static final int HTTPS_PORT = 443;

    private final Home home;
    private final List<String> names = new ArrayList<>();
    private final DomainNames domainNames = DomainNames.installed();
    private final List<Responder> responders = new ArrayList<>();
    private List<String> challengeTypes = List.of();
    private Duration checkInterval = Duration.ofDays(1);
    private Duration reissueInterval = Duration.ofDays(30);
    private Duration panicInterval = Duration.ofDays(15);
    private CertificateKeys keys = CertificateKeys.of(List.of(KeyType.EC_P256));
    private int httpPort = AutoTlsSettings.NO_HTTP_PORT;
    private OptionalInt httpsPort = OptionalInt.empty();
    private int servedPort = HTTPS_PORT;
    private Scheduler scheduler = Scheduler.system();
    private boolean scheduled = true;
    private final List<ServiceListener> listeners = new ArrayList<>();
    private Optional<PanicCallback> panic = Optional.empty();
    private Optional<LiveIndex> index = Optional.empty();
    private Optional<ListenAddress> address = Optional.empty();
    private Optional<ClientTrust> clientTrust = Optional.empty();

    AutoTlsBuilder(Home home) {
        this.home = home;
    }

    @Override
    AutoTlsBuilder self() {
        return this;
    }

    /**
     * Returns where certificates are kept, for what is to be kept beside them.
     *
     * @return the certificate directory; empty with stores of your own
     */
    public Optional<Path> directory() {
        return home instanceof Home.InDirectory in ? Optional.of(in.path()) : Optional.empty();
    }

    /**
     * Asks for certificates: each argument that has no entry yet gets one at start, and is issued.
     *
     * @param names one certificate each: a DNS name or IP address as a person writes it ({@link DomainNames#subject}), or
     *     several, separated by commas, for one certificate over all of them
     * @return this
     */
    public AutoTlsBuilder names(String... names) {
        this.names.addAll(List.of(names));
        return this;
    }

    /**
     * Issues what {@link IssuingService#issueCert} is called for, and nothing else: the service is never started, the store
     * is not checked, and no entry is made but for {@link #names}. For programs that issue once and end. Default: the
     * service is started.
     *
     * @return this
     */
    public AutoTlsBuilder withoutSchedule() {
        this.scheduled = false;
        return this;
    }

    /**
     * Sets how often the whole store is checked, besides at start. Default: a day.
     *
     * @param interval more than zero
     * @return this
     */
    public AutoTlsBuilder checkInterval(Duration interval) {
        this.checkInterval = requireNonNull(interval, "interval");
        return this;
    }

    /**
     * Caps how early a certificate is reissued: at the latest when less than this is left, never before a third of its
     * lifetime is (half, if it lives under ten days). Default: 30 days.
     *
     * @param interval more than zero
     * @return this
     */
    public AutoTlsBuilder reissueInterval(Duration interval) {
        this.reissueInterval = requireNonNull(interval, "interval");
        return this;
    }

    /**
     * Caps how early a failure to reissue raises the alarm. Default: 15 days.
     *
     * @param interval more than zero
     * @return this
     */
    public AutoTlsBuilder panicInterval(Duration interval) {
        this.panicInterval = requireNonNull(interval, "interval");
        return this;
    }

    /**
     * Raises the alarm when reissue fails for a certificate in danger, and when a new certificate is not served 30
     * seconds after it was saved. Default: a log line at ERROR, marked {@code CRITICAL}, that begins with {@code PANIC}.
     *
     * @param callback told of each such failure
     * @return this
     */
    public AutoTlsBuilder panic(PanicCallback callback) {
        this.panic = Optional.of(callback);
        return this;
    }

    /**
     * Adds a listener to the issuing service.
     *
     * @param listener told what the service does and sees
     * @return this
     */
    public AutoTlsBuilder listener(ServiceListener listener) {
        this.listeners.add(requireNonNull(listener, "listener"));
        return this;
    }

    /**
     * Sets the clock. Default: the system's.
     *
     * @param scheduler the only source of time
     * @return this
     */
    public AutoTlsBuilder scheduler(Scheduler scheduler) {
        this.scheduler = requireNonNull(scheduler, "scheduler");
        return this;
    }

    /**
     * Serves from an index of your own, which other code may feed, too. Default: a new one.
     *
     * @param index what is stored is put into it; what it held before is replaced at start
     * @return this
     */
    public AutoTlsBuilder mapping(LiveIndex index) {
        this.index = Optional.of(index);
        return this;
    }

    /**
     * Sets the kind of key that certificates are made for. Default: EC P-256.
     *
     * @param keyType the kind
     * @return this
     */
    public AutoTlsBuilder keyType(KeyType keyType) {
        return keyTypes(List.of(keyType));
    }

    /**
     * Sets the kinds of keys. With two, one ECDSA and one RSA, each name gets a second certificate, its {@linkplain
     * Subject#alternate alternate}, and each client the one that it can use. Alternates that are stored stay, and are renewed,
     * until they are removed from the store.
     *
     * @param types the kind of what other programs read, too, and perhaps that of the alternate; default: EC P-256 alone
     * @return this
     * @throws IllegalArgumentException if it is not one kind, or two of different algorithms
     */
    public AutoTlsBuilder keyTypes(List<KeyType> types) {
        this.keys = CertificateKeys.of(types);
        return this;
    }

    /**
     * Makes keys your own way, in a hardware module for example.
     *
     * @param keys makes a new pair at each call
     * @return this
     */
    public AutoTlsBuilder generateKey(Supplier<KeyPair> keys) {
        this.keys = this.keys.withPrimary(requireNonNull(keys, "keys"));
        return this;
    }

    /**
     * Answers http-01 challenges on a port of its own (RFC 8555 §8.3), and redirects all else to https. Default: no
     * port; tls-alpn-01 on the port that serves is enough.
     *
     * @param port usually 80, where the CA asks; 0 lets the system choose
     * @return this
     */
    public AutoTlsBuilder httpPort(int port) {
        this.httpPort = port;
        return this;
    }

    /**
     * Sets the port that plain http is redirected to. Default: the one that was {@linkplain #servedOn served on}, else 443.
     *
     * @param port from 1 to 65535
     * @return this
     */
    public AutoTlsBuilder httpsPort(int port) {
        this.httpsPort = OptionalInt.of(port);
        return this;
    }

    /**
     * Says on which port https is served, for redirects. Called by an endpoint once it is bound; {@link #httpsPort} goes
     * before it.
     *
     * @param port from 1 to 65535
     * @return this
     */
    public AutoTlsBuilder servedOn(int port) {
        this.servedPort = port;
        return this;
    }

    /**
     * Adds responders of your own, such as one for dns-01. They go before ours; if two answer one challenge type, the
     * first is used. One that is a {@link ChallengeCertificates}, too, is asked in handshakes before ours is.
     *
     * @param responders in the order of preference
     * @return this
     */
    public AutoTlsBuilder responder(Responder... responders) {
        this.responders.addAll(List.of(responders));
        return this;
    }

    /**
     * Sets which challenge types are used, and which is tried first. Default: those of your own responders, and then
     * tls-alpn-01 and http-01 (the other way round with {@link #httpPort}).
     *
     * @param types such as {@code dns-01}, in the order of preference; one that has no responder is refused
     * @return this
     */
    public AutoTlsBuilder challengeTypes(String... types) {
        this.challengeTypes = List.of(types);
        return this;
    }

    /**
     * Requires of every client a certificate that one of these roots has signed (mutual TLS), whatever server this is.
     * Default: clients need none.
     *
     * @param roots at least one
     * @return this
     */
    public AutoTlsBuilder requireClientCertificates(X509Certificate... roots) {
        this.clientTrust = Optional.of(ClientTrust.requiredFrom(List.of(roots)));
        return this;
    }

    AutoTlsBuilder address(ListenAddress where) {
        this.address = Optional.of(where);
        if (where instanceof ListenAddress.Tcp tcp && tcp.port() != 0 && !tcp.proxyProtocol()) {
            servedPort = tcp.port(); // behind a load balancer, clients know another one
        }
        return this;
    }

    /**
     * Checks every setting and the directory, and writes nothing.
     *
     * @throws IllegalArgumentException naming the setting, its value and what was expected
     * @throws StoreException if the directory is absent, is none, or cannot be written
     */
    public void check() {
        settings().checkDirectory();
    }

    /**
     * Does what {@link #open} does, and starts to issue at once: for a server that listens already, and wherever no
     * server has to answer the CA.
     *
     * @return what is running
     * @throws IllegalArgumentException as {@link #open}
     * @throws StoreException as {@link #open}
     * @throws UncheckedIOException as {@link #open}
     */
    public AutoTls start() {
        AutoTls opened = open();
        opened.startIssuing();
        return opened;
    }

    /**
     * Checks every setting, then: binds the http-01 port, if one is set; opens the store; serves what is stored; makes the
     * entries asked for. Blocks for reading the store. Issuing begins with {@link AutoTls#startIssuing}, so that no CA
     * is told to look at a port where nobody listens yet.
     *
     * @return what is open
     * @throws IllegalArgumentException naming the setting, its value and what was expected
     * @throws StoreException if the directory is absent, is none, or cannot be read or written
     * @throws UncheckedIOException if the http-01 port cannot be bound, or a file of roots cannot be read. After any of
     *     these nothing is left running
     */
    public AutoTls open() {
        AutoTlsSettings settings = settings();
        settings.checkDirectory();
        return new AutoTlsAssembly(settings, index.orElseGet(() -> new LiveIndex(scheduler)), address, clientTrust)
                .open();
    }

    /** Shows where certificates are kept and where they come from. */
    @Override
    public String toString() {
        return "AutoTlsBuilder[" + home + ", " + source() + ", timeout " + ca().timeout() + "]";
    }

    AutoTlsSettings settings() {
        return new AutoTlsSettings(
                home,
                source(),
                names.stream().map(domainNames::subject).distinct().toList(),
                ca(),
                new AutoTlsSettings.Timing(checkInterval, new RenewalPolicy(reissueInterval, panicInterval)),
                keys,
                responders,
                challengeTypes,
                httpPort,
                httpsPort.orElse(servedPort),
                scheduler,
                scheduled,
                panic,
                listeners,
                preferences(),
                limits(),
                domainNames);
    }
}
