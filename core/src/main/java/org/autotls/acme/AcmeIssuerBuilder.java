package org.autotls.acme;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.autotls.AccountKeyStore;
import org.autotls.ExternalAccount;
import org.autotls.OrderBudget;
import org.autotls.Responder;
import org.autotls.Scheduler;
import org.autotls.StateStore;
import org.autotls.internal.AcmeValues;
import org.autotls.internal.RootFile;

/** Configures an {@link AcmeIssuer}. One thread at a time. */
public final class AcmeIssuerBuilder {

    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(40);
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    private final URI directory;
    private final AccountKeyStore accountKeys;
    private final Scheduler scheduler;
    private final Executor executor;
    private final List<Responder> responders = new ArrayList<>();
    private final List<X509Certificate> extraRoots = new ArrayList<>();
    private List<String> contact = List.of();
    private boolean termsAgreed;
    private Optional<ExternalAccount> externalAccount = Optional.empty();
    private ProfileChoice profile = ProfileChoice.NONE;
    private String preferredRoot = "";
    private Optional<StateStore> state = Optional.empty();
    private Duration timeout = DEFAULT_TIMEOUT;
    private SecureRandom random = new SecureRandom();
    private OrderBudget budget = OrderBudget.UNLIMITED;
    private AcmeLimits limits;

    AcmeIssuerBuilder(URI directory, AccountKeyStore accountKeys, Scheduler scheduler, Executor executor) {
        this.directory = requireNonNull(directory, "directory");
        this.accountKeys = requireNonNull(accountKeys, "accountKeys");
        this.scheduler = requireNonNull(scheduler, "scheduler");
        this.executor = requireNonNull(executor, "executor");
        this.limits = AcmeLimits.at(directory);
    }

    /**
     * Adds responders, best first. If two are for one challenge type, the first is used. Default: none, which is enough
     * only where the CA asks for no proof. With some, nothing is ordered for a name that none of their types can prove, such as
     * a wildcard without dns-01, unless the account is {@linkplain #externalAccount bound}: such a CA may know the name.
     *
     * @param more in the order of preference
     * @return this
     */
    public AcmeIssuerBuilder responders(List<? extends Responder> more) {
        responders.addAll(more);
        return this;
    }

    /**
     * Sets the e-mail address that the account is registered with; the address of an existing account is changed. Default:
     * none, and the contact of an existing account is left alone.
     *
     * @param address for example {@code admin@example.com}
     * @return this
     * @throws IllegalArgumentException if it is not one address
     */
    public AcmeIssuerBuilder email(String address) {
        contact = List.of("mailto:" + AcmeValues.email(address));
        return this;
    }

    /**
     * Says whether the user agrees to the CA's terms of service. Default: no, which works only with a CA that has none.
     *
     * @param agreed whether the user agrees
     * @return this
     */
    public AcmeIssuerBuilder termsAgreed(boolean agreed) {
        termsAgreed = agreed;
        return this;
    }

    /**
     * Binds the account to one that the CA knows already (RFC 8555 §7.3.4), as some CAs require. Used when the account is
     * registered, and ignored by the CA afterwards. Default: none.
     *
     * @param account what the CA gave you
     * @return this
     */
    public AcmeIssuerBuilder externalAccount(ExternalAccount account) {
        externalAccount = Optional.of(account);
        return this;
    }

    /**
     * Prefers a certificate profile (draft-ietf-acme-profiles); a CA that does not offer it issues by its default, which is
     * logged. Default: none, and {@code shortlived} for IP addresses where the CA offers it.
     *
     * @param name for example {@code tlsserver}
     * @return this
     */
    public AcmeIssuerBuilder profile(String name) {
        profile = new ProfileChoice(requireNonNull(name, "name"), false);
        return this;
    }

    /**
     * Requires a certificate profile (draft-ietf-acme-profiles): from a CA that does not offer it, nothing is ordered.
     *
     * @param name for example {@code shortlived}
     * @return this
     */
    public AcmeIssuerBuilder requiredProfile(String name) {
        profile = new ProfileChoice(requireNonNull(name, "name"), true);
        return this;
    }

    /**
     * Prefers a chain among those that the CA offers: the first whose last certificate was issued by this root. Default:
     * the chain that the CA sends first, as also if none fits.
     *
     * @param rootCommonName for example {@code ISRG Root X1}
     * @return this
     */
    public AcmeIssuerBuilder preferredChain(String rootCommonName) {
        preferredRoot = requireNonNull(rootCommonName, "rootCommonName");
        return this;
    }

    /**
     * Sets how long one request may take in all: connecting, headers and body. Default: 40 s.
     *
     * @param total 1 ms to 5 min
     * @return this
     */
    public AcmeIssuerBuilder timeout(Duration total) {
        timeout = requireNonNull(total, "total");
        return this;
    }

    /**
     * Sets the limits that the CA publishes; requests are kept to half of what it allows per second. Orders are counted by the
     * {@linkplain #budget budget}. Default: {@link AcmeLimits#at}.
     *
     * @param published for this CA
     * @return this
     */
    public AcmeIssuerBuilder limits(AcmeLimits published) {
        limits = requireNonNull(published, "published");
        return this;
    }

    /**
     * Sets what counts the orders, so that the CA need not refuse any. Default: nothing; {@link AcmeLimits#at} and {@link
     * OrderBudget#stored} make one.
     *
     * @param counted for this CA alone
     * @return this
     */
    public AcmeIssuerBuilder budget(OrderBudget counted) {
        budget = requireNonNull(counted, "counted");
        return this;
    }

    /**
     * Adds roots that the CA's own https may be certified by, besides those the JDK trusts. Default: none.
     *
     * @param roots self-signed certificates
     * @return this
     */
    public AcmeIssuerBuilder trustedRoots(List<X509Certificate> roots) {
        extraRoots.addAll(roots);
        return this;
    }

    /**
     * Adds the roots in a file, as {@link #trustedRoots(List)}. It is read now.
     *
     * @param file certificates in PEM, at most 1 MiB
     * @return this
     * @throws IllegalArgumentException naming the file if it cannot be read, is too large, or holds no certificate
     */
    public AcmeIssuerBuilder trustedRoots(Path file) {
        return trustedRoots(RootFile.read(file));
    }

    /**
     * Notes the account's URL in a store, which saves each later run the request that asks the CA for it. Default: nothing is
     * noted.
     *
     * @param store beside the account key
     * @return this
     */
    public AcmeIssuerBuilder state(StateStore store) {
        state = Optional.of(store);
        return this;
    }

    /**
     * Sets where the account key's randomness comes from. Default: the JDK's.
     *
     * @param source fit for keys
     * @return this
     */
    public AcmeIssuerBuilder random(SecureRandom source) {
        random = requireNonNull(source, "source");
        return this;
    }

    /**
     * Makes the issuer. Nothing is sent and no file is touched yet.
     *
     * @return the issuer
     * @throws IllegalArgumentException if the directory is not an https URL, the timeout is out of range, or a root cannot
     *     be used
     */
    public AcmeIssuer build() {
        AcmeClient client = client();
        AccountNotes notes = new AccountNotes(state, directory, contact);
        Registration registration = new Registration(contact, termsAgreed, externalAccount);
        Accounts accounts = new Accounts(client, keys(client), registration, notes);
        OrderOptions options = new OrderOptions(profile, preferredRoot, budget, limits.renewalsExempt());
        return new AcmeIssuer(directory, client, accounts, new Challenges(responders), options, scheduler, executor);
    }

    /**
     * Makes what looks after the account itself, and revokes. Nothing is sent and no file is touched yet. Responders and
     * what is wished for orders do not matter to it.
     *
     * @return the account
     * @throws IllegalArgumentException as {@link #build}
     */
    public AcmeAccount buildAccount() {
        AcmeClient client = client();
        return new AcmeAccount(client, keys(client));
    }

    /**
     * Makes what looks at the CA without changing anything there or here. Nothing is sent and no file is touched yet.
     *
     * @return the inspection
     * @throws IllegalArgumentException as {@link #build}
     */
    public CaInspection buildInspection() {
        Transport transport = transport();
        return new CaInspection(directory, transport, keys(client(transport)));
    }

    private AcmeClient client() {
        return client(transport());
    }

    private AcmeClient client(Transport transport) {
        return new AcmeClient(directory, transport, scheduler);
    }

    private Transport transport() {
        AcmeValues.directory(directory);
        AcmeValues.timeout(timeout);
        return new Transport(httpClient(), scheduler, timeout, userAgent(), new RequestPace(directory, limits));
    }

    private AccountKeys keys(AcmeClient client) {
        return new AccountKeys(client, accountKeys, random, executor);
    }

    private HttpClient httpClient() {
        HttpClient.Builder http = HttpClient.newBuilder()
                .connectTimeout(timeout.compareTo(CONNECT_TIMEOUT) < 0 ? timeout : CONNECT_TIMEOUT)
                .followRedirects(HttpClient.Redirect.NEVER);
        return extraRoots.isEmpty()
                ? http.build()
                : http.sslContext(trusting(extraRoots)).build();
    }

    private static SSLContext trusting(List<X509Certificate> extraRoots) {
        try {
            KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
            anchors.load(null, null);
            for (X509Certificate root : jdkRoots()) {
                anchors.setCertificateEntry("jdk-" + anchors.size(), root);
            }
            for (X509Certificate root : extraRoots) {
                anchors.setCertificateEntry("extra-" + anchors.size(), root);
            }
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trustManagers(Optional.of(anchors)), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException("the extra roots for the CA's https cannot be used", e);
        }
    }

    private static List<X509Certificate> jdkRoots() throws GeneralSecurityException {
        List<X509Certificate> roots = new ArrayList<>();
        for (TrustManager manager : trustManagers(Optional.empty())) {
            if (manager instanceof X509TrustManager x509) {
                roots.addAll(List.of(x509.getAcceptedIssuers()));
            }
        }
        return roots;
    }

    private static TrustManager[] trustManagers(Optional<KeyStore> anchors) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(anchors.orElse(null));
        return factory.getTrustManagers();
    }

    private static String userAgent() {
        String version = AcmeIssuer.class.getPackage().getImplementationVersion();
        return "autotls/" + (version == null ? "dev" : version) + " Java/"
                + Runtime.version().feature();
    }
}
