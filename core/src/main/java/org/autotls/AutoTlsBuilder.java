package org.autotls;

import static java.util.Objects.requireNonNull;

import java.io.UncheckedIOException;
import java.net.URI;
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
import org.autotls.AutoTlsSettings.Source;
import org.autotls.acme.AcmeDirectories;
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
public final class AutoTlsBuilder {

    private static final int HTTPS_PORT = 443;

    private final Home home;
    private final List<String> names = new ArrayList<>();
    private final DomainNames domainNames = DomainNames.installed();
    private final List<X509Certificate> roots = new ArrayList<>();
    private final List<Path> rootFiles = new ArrayList<>();
    private final List<Responder> responders = new ArrayList<>();
    private List<String> challengeTypes = List.of();
    private final CaChoice ca = new CaChoice();
    private String email = "";
    private boolean termsAgreed;
    private Duration timeout = Duration.ofSeconds(40);
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
     * Orders from Let's Encrypt's production CA. The default.
     *
     * @return this
     */
    public AutoTlsBuilder letsEncrypt() {
        return acme(AcmeDirectories.LETS_ENCRYPT);
    }

    /**
     * Orders from Let's Encrypt's staging CA: generous limits, but no browser trusts what it issues.
     *
     * @return this
     */
    public AutoTlsBuilder letsEncryptStaging() {
        return acme(AcmeDirectories.LETS_ENCRYPT_STAGING);
    }

    /**
     * Orders from an ACME CA (RFC 8555).
     *
     * @param directory the URL of its directory, https
     * @param fallbacks those of other CAs, tried in turn when one fails for reasons of its own; see {@link FallbackIssuer}
     * @return this
     * @throws IllegalArgumentException if one is no https URL
     */
    public AutoTlsBuilder acme(URI directory, URI... fallbacks) {
        List<URI> all = new ArrayList<>(List.of(fallbacks));
        all.add(0, requireNonNull(directory, "directory"));
        ca.source(new Source.Acme(all));
        return this;
    }

    /**
     * Orders from well-known CAs: in place of the default, or, if a CA was chosen before, when that one fails for reasons of
     * its own; see {@link FallbackIssuer}.
     *
     * @param names of {@link AcmeDirectories#ALL}, tried in turn
     * @return this
     * @throws IllegalArgumentException naming those there are; or if certificates do not come from an ACME CA
     */
    public AutoTlsBuilder issuers(String... names) {
        ca.issuers(List.of(names));
        return this;
    }

    /**
     * Binds the account to one that the CA knows already (RFC 8555 §7.3.4), as some CAs require. Of several CAs it is the
     * first that is known to require it, else the first. Default: none.
     *
     * @param account what the CA gave you
     * @return this
     */
    public AutoTlsBuilder externalAccount(ExternalAccount account) {
        ca.externalAccount(requireNonNull(account, "account"));
        return this;
    }

    /**
     * Binds the account at one of several CAs. Default: none.
     *
     * @param directory the URL of the CA's directory
     * @param account what the CA gave you
     * @return this
     */
    public AutoTlsBuilder externalAccount(URI directory, ExternalAccount account) {
        ca.externalAccount(requireNonNull(directory, "directory"), requireNonNull(account, "account"));
        return this;
    }

    /**
     * Prefers a certificate profile; a CA that does not offer it issues by its default. Default: none, and
     * {@code shortlived} for IP addresses where the CA offers it.
     *
     * @param name for example {@code tlsserver}
     * @return this
     */
    public AutoTlsBuilder profile(String name) {
        ca.profile(requireNonNull(name, "name"), false);
        return this;
    }

    /**
     * Requires a certificate profile: from a CA that does not offer it, nothing is ordered. Default: none.
     *
     * @param name for example {@code shortlived}
     * @return this
     */
    public AutoTlsBuilder requiredProfile(String name) {
        ca.profile(requireNonNull(name, "name"), true);
        return this;
    }

    /**
     * Prefers the chain that ends at this root, if the CA offers several. Default: the one that it sends first.
     *
     * @param rootCommonName for example {@code ISRG Root X1}
     * @return this
     */
    public AutoTlsBuilder preferredChain(String rootCommonName) {
        ca.preferredChain(requireNonNull(rootCommonName, "rootCommonName"));
        return this;
    }

    /**
     * Sets how many orders one account may place. Default: {@link org.autotls.acme.AcmeLimits#at}, what the CA publishes.
     *
     * @param limit for each CA; {@link RateLimit#NONE} to count none
     * @return this
     */
    public AutoTlsBuilder orderLimit(RateLimit limit) {
        ca.orderLimit(requireNonNull(limit, "limit"));
        return this;
    }

    /**
     * Sets how many certificates may be ordered below one registered domain, as far as {@link DomainNames#installed} knows
     * what is registered ({@link OrderLimits}). Default: as many as the CA publishes that it allows.
     *
     * @param limit for each CA; {@link RateLimit#NONE} to count none
     * @return this
     */
    public AutoTlsBuilder domainLimit(RateLimit limit) {
        ca.domainLimit(requireNonNull(limit, "limit"));
        return this;
    }

    /**
     * Sets where a name that was refused three times in a row is tried first, so that the limits of the CA itself are spared.
     * Default: its own staging CA, if {@link AcmeDirectories} knows one.
     *
     * @param directory the URL of a CA's directory, https
     * @return this
     */
    public AutoTlsBuilder staging(URI directory) {
        ca.staging(requireNonNull(directory, "directory"));
        return this;
    }

    /**
     * Has each try go to the CA itself, whatever was refused before. Default: see {@link #staging}.
     *
     * @return this
     */
    public AutoTlsBuilder noStaging() {
        ca.noStaging();
        return this;
    }

    /**
     * Issues from a private CA of its own, made in the directory at the first start; needs no network. The directory is
     * made when absent (mode 0700), and {@code localhost} is issued when no name is asked for or stored. What is served
     * for {@code localhost} is served to clients that send no server name, too.
     *
     * @return this
     */
    public AutoTlsBuilder local() {
        ca.source(new Source.Local());
        return this;
    }

    /**
     * Only reads, and never writes: another process keeps the directory up to date, and what it writes is served within
     * about a second. A {@code DEFAULT.pem} is served to clients that send no server name.
     *
     * @return this
     */
    public AutoTlsBuilder readOnly() {
        ca.source(new Source.ReadOnly());
        return this;
    }

    /**
     * Orders from an issuer of your own.
     *
     * @param issuer called for each attempt to issue; what it throws is a failed attempt
     * @return this
     */
    public AutoTlsBuilder issuer(Supplier<Issuer> issuer) {
        ca.source(new Source.Custom(requireNonNull(issuer, "issuer")));
        return this;
    }

    /**
     * Gives the CA an address to write to when something is wrong. Default: none.
     *
     * @param email an e-mail address; an existing registration is updated
     * @return this
     */
    public AutoTlsBuilder email(String email) {
        this.email = requireNonNull(email, "email");
        return this;
    }

    /**
     * Says whether you agree to the CA's terms of service. Default: no, and then a CA that has terms gets no request
     * but for its directory, and the failure names the URL of the terms.
     *
     * @param agreed whether you agree
     * @return this
     */
    public AutoTlsBuilder agreeToTerms(boolean agreed) {
        this.termsAgreed = agreed;
        return this;
    }

    /**
     * Trusts further roots for the CA's own https, besides the JDK's.
     *
     * @param roots certificates
     * @return this
     */
    public AutoTlsBuilder trust(X509Certificate... roots) {
        this.roots.addAll(List.of(roots));
        return this;
    }

    /**
     * Trusts further roots for the CA's own https, besides the JDK's.
     *
     * @param rootFile certificates in PEM, read at start
     * @return this
     */
    public AutoTlsBuilder trust(Path rootFile) {
        this.rootFiles.add(requireNonNull(rootFile, "rootFile"));
        return this;
    }

    /**
     * Limits each request to the CA, headers and body together. Default: 40 s.
     *
     * @param timeout more than zero, at most an hour
     * @return this
     */
    public AutoTlsBuilder timeout(Duration timeout) {
        this.timeout = requireNonNull(timeout, "timeout");
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
     * Raises the alarm when reissue fails for a certificate in danger, and when a new certificate is not served within a
     * minute after it was saved. Default: a log line at ERROR, marked {@code CRITICAL}, that begins with {@code PANIC}.
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
        return "AutoTlsBuilder[" + home + ", " + ca.source() + ", timeout " + timeout + "]";
    }

    AutoTlsSettings settings() {
        return new AutoTlsSettings(
                home,
                ca.source(),
                names.stream().map(domainNames::subject).distinct().toList(),
                new AutoTlsSettings.Ca(email, termsAgreed, roots, rootFiles, timeout),
                new AutoTlsSettings.Timing(checkInterval, reissueInterval, panicInterval),
                keys,
                responders,
                challengeTypes,
                httpPort,
                httpsPort.orElse(servedPort),
                scheduler,
                scheduled,
                panic,
                listeners,
                ca.wishes(),
                ca.thrift(),
                domainNames);
    }
}
