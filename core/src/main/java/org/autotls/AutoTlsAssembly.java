package org.autotls;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.function.Supplier;
import org.autotls.AutoTlsSettings.Home;
import org.autotls.AutoTlsSettings.Source;
import org.autotls.ca.LocalCaIssuer;
import org.autotls.endpoint.ListenAddress;
import org.autotls.internal.OwnPools;
import org.autotls.responder.Http01Responder;
import org.autotls.responder.Http01Server;
import org.autotls.responder.PlainHttp;
import org.autotls.responder.TlsAlpn01Responder;
import org.autotls.store.DirectoryStore;
import org.autotls.tls.ChallengeCertificates;
import org.autotls.tls.ClientTrust;
import org.autotls.tls.LiveIndex;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts the parts of an {@link AutoTls} together, in the order in which {@link AutoTlsBuilder#open} names them. With
 * {@link AutoTls} the only class of this package that knows the sub-packages. One use.
 */
final class AutoTlsAssembly {

    private static final Logger LOG = LoggerFactory.getLogger(AutoTls.class);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(1);

    static void closeAll(List<AutoCloseable> parts) {
        List<AutoCloseable> reversed = new ArrayList<>(parts);
        Collections.reverse(reversed);
        for (AutoCloseable part : reversed) {
            try {
                part.close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (Exception e) {
                LOG.warn("could not be stopped cleanly: {}", part, e);
            }
        }
    }

    /** The stores of one home, opened. */
    private record Stores(
            CertificateStore certificates,
            StateStore state,
            AccountKeyStore accountKeys,
            Optional<DirectoryStore> directory) {}

    private final AutoTlsSettings settings;
    private final Scheduler scheduler;
    final List<AutoCloseable> parts = new ArrayList<>();
    private final OwnPools pools = new OwnPools();
    private final ExecutorService blocking;
    private final ExecutorService feeding;
    final LiveIndex index;
    private final TlsAlpn01Responder tlsAlpn01;
    final Http01Responder http01;
    final PlainHttp plainHttp;
    final Optional<ListenAddress> address;
    final Optional<ClientTrust> clientTrust;
    final CompletableFuture<Void> certsServed = new CompletableFuture<>();
    Optional<Path> rootFile = Optional.empty();

    AutoTlsAssembly(
            AutoTlsSettings settings,
            LiveIndex index,
            Optional<ListenAddress> address,
            Optional<ClientTrust> clientTrust) {
        this.settings = settings;
        this.address = address;
        this.clientTrust = clientTrust;
        this.scheduler = settings.scheduler();
        this.blocking = pools.unbounded("autotls-blocking");
        this.feeding = pools.single("autotls-feed");
        parts.add(this::endPools);
        this.index = index;
        this.tlsAlpn01 = new TlsAlpn01Responder(scheduler, new SecureRandom());
        this.http01 = new Http01Responder(scheduler);
        this.plainHttp =
                new PlainHttp(http01, host -> index.current().find(host).isPresent(), settings.httpsPort());
    }

    AutoTls open() {
        try {
            List<X509Certificate> roots = settings.ca().allRoots();
            answerHttp();
            Stores stores = openStores();
            ServedStore served = serve(stores);
            if (settings.source() instanceof Source.ReadOnly) {
                certsServed.complete(null);
                return new AutoTls(this, Optional.empty());
            }
            AutoTls opened = new AutoTls(this, Optional.of(service(stores, roots, served)));
            parts.add(IssuingStart.watch(opened, scheduler, blocking));
            return opened;
        } catch (RuntimeException | Error e) {
            closeAll(parts);
            throw e;
        }
    }

    boolean isScheduled() {
        return settings.scheduled();
    }

    /** The user's own responders are asked first, as they are for challenges. */
    ChallengeCertificates challenges() {
        return settings.responders().stream()
                .filter(ChallengeCertificates.class::isInstance)
                .map(ChallengeCertificates.class::cast)
                .reduce(ChallengeCertificates::or)
                .map(own -> own.or(tlsAlpn01))
                .orElse(tlsAlpn01);
    }

    private void answerHttp() {
        if (settings.httpPort() == AutoTlsSettings.NO_HTTP_PORT) {
            return;
        }
        try {
            parts.add(Http01Server.start(new InetSocketAddress(settings.httpPort()), plainHttp));
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    private Stores openStores() {
        if (settings.home() instanceof Home.InStores own) {
            return new Stores(own.certificates(), own.state(), own.accountKeys(), Optional.empty());
        }
        Path path = ((Home.InDirectory) settings.home()).path();
        if (settings.source() instanceof Source.Local) {
            makeDirectory(path);
        }
        DirectoryStore store = settings.source() instanceof Source.ReadOnly
                ? DirectoryStore.openReadOnly(path, scheduler)
                : DirectoryStore.open(path, scheduler);
        return new Stores(store, store.state(), store.accountKeys(), Optional.of(store));
    }

    private ServedStore serve(Stores stores) {
        IndexFeed feed = new IndexFeed(index, settings.source() instanceof Source.Local);
        ServedStore served = new ServedStore(stores.certificates(), feed, scheduler, feeding);
        served.open(parts);
        stores.directory().ifPresent(directory -> {
            parts.add(served.listen(directory));
            if (settings.source() instanceof Source.ReadOnly) {
                parts.add(served.followDefault(directory, index));
            }
        });
        return served;
    }

    private IssuingService service(Stores stores, List<X509Certificate> roots, ServedStore served) {
        request(stores.certificates());
        if (settings.scheduled()) {
            ConfigurationMark.compare(stores.state(), ConfigurationMark.of(settings, roots));
        }
        CompletableFuture<IssuingService> made = new CompletableFuture<>();
        ServedCheck check = new ServedCheck(
                scheduler,
                index::serves,
                (failure, subject) -> made.thenAccept(service -> service.panic(failure, subject)));
        IssuingServiceBuilder builder = IssuingService.builder(
                        stores.certificates(), stores.state(), issuers(stores, roots))
                .scheduler(scheduler)
                .checkInterval(settings.timing().check())
                .reissueInterval(settings.timing().policy().reissueInterval())
                .panicInterval(settings.timing().policy().panicInterval())
                .keys(settings.keys().primary())
                .listener(served.hurry())
                .listener(check);
        settings.keys().alternate().ifPresent(builder::alternateKeys);
        settings.panic().ifPresent(builder::panic);
        settings.listeners().forEach(builder::listener);
        IssuingService service = builder.build();
        made.complete(service);
        parts.add(service);
        parts.add(check);
        if (!settings.scheduled()) {
            certsServed.complete(null);
            return service;
        }
        service.whenCertsValid().whenComplete((checked, failure) -> {
            if (failure != null) {
                certsServed.completeExceptionally(failure);
            } else {
                served.look(() -> certsServed.complete(null));
            }
        });
        return service;
    }

    private void request(CertificateStore store) {
        List<Subject> subjects = settings.subjects();
        if (settings.source() instanceof Source.Local
                && settings.scheduled()
                && subjects.isEmpty()
                && store.list().isEmpty()) {
            subjects = List.of(Subject.of(LocalCaIssuer.LOCALHOST));
        }
        subjects.forEach(store::request);
    }

    private Supplier<Issuer> issuers(Stores stores, List<X509Certificate> roots) {
        if (settings.source() instanceof Source.Custom custom) {
            return custom.issuer();
        }
        Issuer issuer = settings.source() instanceof Source.Acme acme
                ? new AcmeAssembly(settings, responders(), roots, stores.state(), blocking)
                        .issuer(acme.directories(), accountKeys(stores))
                : local(stores);
        return () -> issuer;
    }

    /** A store of the user's own has one key, which is then everybody's. */
    private static AcmeAssembly.Keys accountKeys(Stores stores) {
        return stores.directory()
                .map(store -> new AcmeAssembly.Keys(
                        directory -> store.accountKeys(directory.toString()),
                        directory -> store.ownAccountKeys(directory.toString())))
                .orElseGet(() ->
                        new AcmeAssembly.Keys(directory -> stores.accountKeys(), directory -> stores.accountKeys()));
    }

    private Issuer local(Stores stores) {
        LocalCaIssuer issuer = LocalCaIssuer.of(stores.state(), scheduler);
        rootFile = stores.directory().map(store -> issuer.writeRoot(store.directory()));
        rootFile.ifPresent(file -> LOG.info("{}", LocalCaIssuer.trustInstructions(file, exampleUrl())));
        return issuer;
    }

    /** One that clients can ask for: the first name, else the one that there is without any. */
    private String exampleUrl() {
        String host = settings.subjects().stream()
                .flatMap(subject -> subject.identifiers().stream())
                .filter(name -> !name.isWildcard())
                .map(name -> name.value().contains(":") ? "[" + name.value() + "]" : name.value())
                .findFirst()
                .orElse("localhost");
        return "https://" + host + (settings.httpsPort() == 443 ? "" : ":" + settings.httpsPort()) + "/";
    }

    private List<Responder> responders() {
        List<Responder> responders = new ArrayList<>(settings.responders());
        responders.addAll(List.of(tlsAlpn01, http01));
        List<String> answered = settings.answeredTypes();
        responders.removeIf(responder -> !answered.contains(responder.challengeType()));
        responders.sort(Comparator.comparingInt(responder -> answered.indexOf(responder.challengeType())));
        return responders;
    }

    private void endPools() {
        if (!pools.end(Duration.ZERO, CLOSE_LIMIT)) { // whoever closes may remove the directory next
            LOG.debug("what was under way has not ended yet");
        }
    }

    private static void makeDirectory(Path path) {
        try {
            if (Files.notExists(path)) {
                Files.createDirectories(
                        path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
                LOG.info("made the certificate directory {}", path.toAbsolutePath());
            }
        } catch (IOException e) {
            throw StoreException.fatal("the certificate directory " + path + " cannot be made: " + reason(e), e);
        }
    }

    private static String reason(IOException failure) {
        if (failure instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (failure instanceof FileAlreadyExistsException) {
            return "what has its name, or that of a directory above it, is no directory";
        }
        return failure instanceof FileSystemException known && known.getReason() != null
                ? known.getReason()
                : String.valueOf(failure.getMessage());
    }
}
