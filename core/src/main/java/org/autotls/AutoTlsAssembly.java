package org.autotls;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;
import org.autotls.AutoTlsSettings.Home;
import org.autotls.AutoTlsSettings.Source;
import org.autotls.ca.LocalCaIssuer;
import org.autotls.endpoint.ListenAddress;
import org.autotls.internal.Certificates;
import org.autotls.internal.Pem;
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
    private static final Duration POLL = Duration.ofSeconds(1);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(1);
    private static final long MAX_ROOTS_FILE = 1 << 20;

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

    /**
     * Carries what is stored into the index. An entry that has lost its bundle leaves the last good one in place. One thread
     * at a time.
     *
     * <p>With the embedded CA, what is served for {@code localhost} is served to clients that send no server name, too:
     * many clients on this machine do not send one without a dot (the JDK's among them), or connect to an address.
     */
    private static final class Feed implements StoreListener {

        private final LiveIndex index;
        private final boolean local;
        private final Map<Subject, CertificateBundle> first = new HashMap<>();
        private boolean live;

        Feed(LiveIndex index, boolean local) {
            this.index = index;
            this.local = local;
        }

        @Override
        public void changed(StoredBundle entry) {
            entry.bundle().ifPresent(bundle -> {
                if (live) {
                    put(entry.subject(), bundle);
                    serveNameless();
                } else {
                    first.put(entry.subject(), bundle);
                }
            });
        }

        @Override
        public void removed(Subject subject) {
            index.remove(subject);
            serveNameless();
        }

        /** What the index refuses hurts no other entry of the same poll. */
        private void put(Subject subject, CertificateBundle bundle) {
            try {
                index.put(subject, bundle);
            } catch (IllegalArgumentException e) {
                LOG.error(
                        "{} is not served, but what was before: {}. Remove it from the store and find out who put it"
                                + " there.",
                        subject,
                        e.getMessage());
            }
        }

        private void serveNameless() {
            if (local) {
                index.current()
                        .find(LocalCaIssuer.LOCALHOST)
                        .ifPresentOrElse(entry -> index.putFallback(entry.bundle()), index::removeFallback);
            }
        }

        /** Serves all that was read at start in one step. */
        void goLive() {
            index.replace(first);
            serveNameless();
            first.clear();
            live = true;
        }
    }

    private final AutoTlsSettings settings;
    private final Scheduler scheduler;
    final List<AutoCloseable> parts = new ArrayList<>();
    private final ExecutorService blocking;
    private final ExecutorService feeding;
    private final AtomicBoolean lookAsked = new AtomicBoolean();
    final LiveIndex index;
    private final TlsAlpn01Responder tlsAlpn01;
    final Http01Responder http01;
    final PlainHttp plainHttp;
    final Optional<ListenAddress> address;
    final Optional<ClientTrust> clientTrust;
    final CompletableFuture<Void> certsServed = new CompletableFuture<>();
    Optional<Path> rootFile = Optional.empty();

    /** Why the default could not be used when it was last looked at. */
    private volatile String badDefault = "";

    AutoTlsAssembly(
            AutoTlsSettings settings,
            LiveIndex index,
            Optional<ListenAddress> address,
            Optional<ClientTrust> clientTrust) {
        this.settings = settings;
        this.address = address;
        this.clientTrust = clientTrust;
        this.scheduler = settings.scheduler();
        this.blocking = pool("autotls-blocking", Executors::newCachedThreadPool);
        this.feeding = pool("autotls-feed", Executors::newSingleThreadExecutor);
        this.index = index;
        this.tlsAlpn01 = new TlsAlpn01Responder(scheduler, new SecureRandom());
        this.http01 = new Http01Responder(scheduler);
        this.plainHttp =
                new PlainHttp(http01, host -> index.current().find(host).isPresent(), settings.httpsPort());
    }

    AutoTls open() {
        try {
            List<X509Certificate> roots = roots(settings);
            answerHttp();
            Stores stores = openStores();
            StoreWatch watch = follow(stores);
            if (settings.source() instanceof Source.ReadOnly) {
                certsServed.complete(null);
                return new AutoTls(this, Optional.empty());
            }
            AutoTls opened = new AutoTls(this, Optional.of(service(stores, roots, watch)));
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

    static List<X509Certificate> roots(AutoTlsSettings settings) {
        List<X509Certificate> roots = new ArrayList<>(settings.ca().roots());
        for (Path file : settings.ca().rootFiles()) {
            roots.addAll(readRoots(file));
        }
        return roots;
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

    // The watch alone writes the index; the directory's and the service's events only make it look sooner.
    // So an event that is late never brings an old bundle back.
    private StoreWatch follow(Stores stores) {
        Feed feed = new Feed(index, settings.source() instanceof Source.Local);
        StoreWatch watch = new StoreWatch(stores.certificates(), feed);
        try {
            watch.poll();
        } catch (StoreException e) {
            if (!e.isRetryable()) {
                throw e;
            }
            LOG.warn("the certificate store cannot be read yet; it is tried again each second", e);
        }
        feed.goLive();
        parts.add(watch);
        watch.start(scheduler, feeding, POLL);
        stores.directory().ifPresent(directory -> {
            parts.add(directory.watch(() -> lookSoon(watch)));
            if (settings.source() instanceof Source.ReadOnly) {
                followDefault(directory);
            }
        });
        return watch;
    }

    private void followDefault(DirectoryStore store) {
        try {
            store.findDefault().ifPresentOrElse(index::putFallback, index::removeFallback);
            badDefault = "";
        } catch (StoreException | IllegalArgumentException e) { // the second: it answers a challenge
            String message = String.valueOf(e.getMessage());
            if (!message.equals(badDefault)) { // it is looked at each second
                LOG.warn(
                        "DEFAULT.pem cannot be used; what was read before is still served: {}",
                        Text.escape(message, 500));
            }
            badDefault = message;
        }
        Scheduler.Cancellable next = scheduler.schedule(POLL, () -> execute(feeding, () -> followDefault(store)));
        if (feeding.isShutdown()) {
            next.cancel();
        }
    }

    private IssuingService service(Stores stores, List<X509Certificate> roots, StoreWatch watch) {
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
                .reissueInterval(settings.timing().reissue())
                .panicInterval(settings.timing().panic())
                .keys(settings.keys().primary())
                .listener(new Hurry(watch))
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
                execute(feeding, () -> serveAll(watch));
            }
        });
        return service;
    }

    private void serveAll(StoreWatch watch) {
        try {
            watch.poll();
        } finally {
            certsServed.complete(null);
        }
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

    private ExecutorService pool(String name, Function<ThreadFactory, ExecutorService> kind) {
        ExecutorService pool = kind.apply(task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
        parts.add(() -> {
            pool.shutdownNow();
            // Whoever closes may remove the directory next.
            if (!pool.awaitTermination(CLOSE_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.debug("{} is still at work", name);
            }
        });
        return pool;
    }

    /** Has the index look as soon as the service has seen a change, not only at its next turn. */
    private final class Hurry implements ServiceListener {

        private final StoreWatch watch;

        Hurry(StoreWatch watch) {
            this.watch = watch;
        }

        @Override
        public void changed(StoredBundle entry) {
            lookSoon(watch);
        }

        @Override
        public void removed(Subject subject) {
            lookSoon(watch);
        }
    }

    /** One look sees all that changed before it: ten thousand changes at once make no ten thousand looks. */
    private void lookSoon(StoreWatch watch) {
        if (lookAsked.compareAndSet(false, true)) {
            execute(feeding, () -> {
                lookAsked.set(false);
                watch.poll();
            });
        }
    }

    private static void execute(ExecutorService executor, Runnable work) {
        try {
            executor.execute(() -> {
                try {
                    work.run();
                } catch (StoreException e) {
                    LOG.debug("the store cannot be read now; the next look is within a second", e);
                }
            });
        } catch (RejectedExecutionException e) {
            LOG.trace("stopped meanwhile", e);
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
            throw StoreException.fatal("the certificate directory " + path + " cannot be made: " + e, e);
        }
    }

    private static List<X509Certificate> readRoots(Path file) {
        try {
            if (Files.size(file) > MAX_ROOTS_FILE) {
                throw new IllegalArgumentException(
                        "root file " + file + ": expected at most " + MAX_ROOTS_FILE + " bytes");
            }
            List<X509Certificate> found = Pem.parse(Files.readString(file)).stream()
                    .filter(block -> block.type().equals(Certificates.TYPE))
                    .map(block -> Certificates.parse(block.content()))
                    .toList();
            if (found.isEmpty()) {
                throw new IllegalArgumentException("root file " + file + ": expected a certificate in PEM, found none");
            }
            return found;
        } catch (IOException e) {
            throw new IllegalArgumentException("root file " + file + " cannot be read: " + e, e);
        }
    }
}
