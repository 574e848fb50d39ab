package org.autotls;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.autotls.AutoTlsSettings.Home;
import org.autotls.AutoTlsSettings.Source;
import org.autotls.acme.AcmeIssuer;
import org.autotls.doctor.DnsLookup;
import org.autotls.doctor.Doctor;
import org.autotls.doctor.Finding;
import org.autotls.doctor.Intent;
import org.autotls.doctor.RehearsalPorts;
import org.autotls.doctor.StoreExamination;
import org.autotls.doctor.TlsPort;
import org.autotls.store.DirectoryStore;
import org.autotls.store.MemoryStore;

/**
 * Tells what would make issuing fail, before it costs a failed attempt. Nothing is ordered, registered or written. While it
 * looks, it answers a challenge of its own on the ports that challenges would be answered on, if nobody listens there.
 *
 * <p><b>Threads.</b> One thread at a time; {@link #examine} blocks, for a minute at most.
 */
public final class AutoTlsDoctor {

    private static final int HTTP = 80;
    private static final int HTTPS = 443;
    private static final int THREADS = 16;

    /** A CA that says nothing for so long is not there. */
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private final AutoTlsSettings settings;
    private final DnsLookup dns;
    private final SecureRandom random = new SecureRandom();
    private Optional<TlsPort> tlsPort = Optional.empty();
    private int askedHttp = HTTP;
    private int askedTls = HTTPS;

    private AutoTlsDoctor(AutoTlsSettings settings, DnsLookup dns) {
        this.settings = settings;
        this.dns = dns;
    }

    /**
     * Begins.
     *
     * @param builder says what would be ordered, where, how it is proved and where it is kept; it is not started
     * @param dns who is asked
     * @return a doctor
     * @throws IllegalArgumentException if a setting is wrong
     */
    public static AutoTlsDoctor of(AutoTlsBuilder builder, DnsLookup dns) {
        return new AutoTlsDoctor(builder.settings(), requireNonNull(dns, "dns"));
    }

    /**
     * Sets where the CA asks. Default: 80 and 443, as all CAs of the Internet do (RFC 8555 §8.3, RFC 8737 §3).
     *
     * @param http the port for http-01
     * @param tls the port for tls-alpn-01
     * @return this
     */
    public AutoTlsDoctor askedOn(int http, int tls) {
        askedHttp = http;
        askedTls = tls;
        return this;
    }

    /**
     * Sets how the port for tls-alpn-01 is opened. Default: it is not, and only looked at.
     *
     * @param port called once, if that challenge would be used
     * @return this
     */
    public AutoTlsDoctor tlsPort(TlsPort port) {
        tlsPort = Optional.of(port);
        return this;
    }

    /**
     * Looks.
     *
     * @param subjects what certificates are wanted for
     * @return the store first, then CAs, ports and names, and last what is stored for each
     */
    public List<Finding> examine(List<Subject> subjects) {
        List<Finding> stored = examineStore(subjects);
        int store = Math.min(1, stored.size());
        List<Finding> findings = new ArrayList<>(stored.subList(0, store));
        if (!(settings.source() instanceof Source.Local || settings.source() instanceof Source.ReadOnly)) {
            findings.addAll(examineIssuing(subjects)); // else nobody asks for a proof
        }
        findings.addAll(stored.subList(store, stored.size()));
        return List.copyOf(findings);
    }

    private List<Finding> examineIssuing(List<Subject> subjects) {
        ExecutorService executor = Executors.newFixedThreadPool(THREADS, AutoTlsDoctor::daemon);
        try (RehearsalPorts open = openPorts(subjects)) {
            Doctor doctor = new Doctor(intent(executor), dns, settings.scheduler(), executor);
            return doctor.examine(subjects, open.ports());
        } finally {
            executor.shutdownNow();
        }
    }

    /** The finding for the store first, if there is a store. */
    private List<Finding> examineStore(List<Subject> subjects) {
        String place = settings.home().toString();
        if (settings.home() instanceof Home.InStores own) {
            return examine(place, own.certificates(), own.state(), subjects);
        }
        Path path = ((Home.InDirectory) settings.home()).path();
        try {
            settings.checkDirectory();
            if (Files.notExists(path)) {
                return List.of(); // the embedded CA makes it
            }
            if (!(settings.source() instanceof Source.ReadOnly)) {
                DirectoryStore.check(path);
            }
            DirectoryStore store = DirectoryStore.openReadOnly(path, settings.scheduler());
            return examine(place, store, store.state(), subjects);
        } catch (StoreException e) {
            return List.of(StoreExamination.unusable(place, e));
        }
    }

    private List<Finding> examine(String place, CertificateStore store, StateStore state, List<Subject> subjects) {
        Instant now = settings.scheduler().instant();
        try {
            SpentOrders spent = SpentOrders.read(state, now);
            Optional<Instant> spentUntil = spent.forAll().map(OrderBudget.Wait::until);
            Map<Subject, OrderBudget.Wait> held = new HashMap<>();
            for (Subject subject : spentUntil.isPresent() ? List.<Subject>of() : subjects) {
                spent.forSubject(subject, settings.domainNames()).ifPresent(wait -> held.put(subject, wait));
            }
            return StoreExamination.of(place, store, state, subjects, spentUntil, held, now);
        } catch (StoreException e) {
            return List.of(StoreExamination.unusable(place, e));
        }
    }

    private Intent intent(ExecutorService executor) {
        List<Intent.At> issuers = new ArrayList<>();
        if (settings.source() instanceof Source.Acme acme) {
            List<X509Certificate> roots = settings.ca().allRoots();
            Map<URI, ExternalAccount> accounts =
                    AcmeAssembly.externalAccounts(settings.preferences(), acme.directories());
            acme.directories()
                    .forEach(directory -> issuers.add(new Intent.At(
                            directory,
                            AcmeIssuer.builder(
                                            directory,
                                            accountKeys(directory.toString()),
                                            settings.scheduler(),
                                            executor)
                                    .timeout(PATIENCE)
                                    .trustedRoots(roots)
                                    .buildInspection(),
                            accounts.containsKey(directory))));
        }
        return new Intent(
                issuers,
                settings.answeredTypes(),
                settings.ca().termsAgreed(),
                settings.ca().email(),
                settings.preferences().profile(),
                settings.preferences().profileRequired());
    }

    private AccountKeyStore accountKeys(String issuerKey) {
        if (settings.home() instanceof Home.InStores own) {
            return own.accountKeys();
        }
        try {
            Path path = ((Home.InDirectory) settings.home()).path();
            return DirectoryStore.openReadOnly(path, settings.scheduler()).accountKeys(issuerKey);
        } catch (StoreException e) {
            return new MemoryStore(settings.scheduler()); // told already; without a directory there is no key
        }
    }

    private RehearsalPorts openPorts(List<Subject> subjects) {
        List<Identifier> identifiers = subjects.stream()
                .flatMap(subject -> subject.identifiers().stream())
                .distinct()
                .toList();
        RehearsalPorts ports = new RehearsalPorts(identifiers, askedHttp, askedTls, settings.scheduler(), random);
        if (settings.httpPort() != AutoTlsSettings.NO_HTTP_PORT
                && settings.answeredTypes().contains("http-01")) {
            ports.openHttp(settings.httpPort());
        }
        if (settings.answeredTypes().contains("tls-alpn-01")) {
            tlsPort.ifPresent(ports::openTls);
        }
        return ports;
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "autotls-doctor");
        thread.setDaemon(true);
        return thread;
    }
}
