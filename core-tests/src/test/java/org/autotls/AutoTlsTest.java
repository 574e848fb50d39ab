package org.autotls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.autotls.store.DirectoryStore;
import org.autotls.store.MemoryStore;
import org.autotls.testkit.Await;
import org.autotls.testkit.ChallengeBundles;
import org.autotls.testkit.FakeCa;
import org.autotls.testkit.FakeIssuer;
import org.autotls.testkit.Fault;
import org.autotls.testkit.ManualClock;
import org.autotls.testkit.TestCa;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class AutoTlsTest {

    @RegisterExtension
    final CapturedLog log = CapturedLog.of(AutoTls.class);

    @RegisterExtension
    final CapturedLog serviceLog = CapturedLog.of(IssuingService.class);

    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    Path temporary;

    private final List<AutoCloseable> open = new ArrayList<>();
    private final Scheduler clock = Scheduler.system();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable resource : open) {
            resource.close();
        }
    }

    @Test
    void start_local_makesDirectoryIssuesLocalhostAndShowsTheRoot() {
        Path directory = temporary.resolve("a/certs");

        AutoTls autoTls = start(AutoTls.at(directory).local());

        assertThat(autoTls.whenCertsValid()).succeedsWithin(SOON);
        assertThat(autoTls.index().current().find("localhost")).isPresent();
        assertThat(autoTls.rootFile().orElseThrow()).isNotEmptyFile();
        assertThat(directory)
                .satisfies(made -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made)))
                        .isEqualTo("rwx------"));
    }

    /** autotls-names is not on the class path of these tests. */
    @Test
    void names_otherAlphabets_areRefusedNamingTheArtifact() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        AutoTls.at(temporary).local().names("bücher.example").start())
                .withMessage("'b\\u00fccher.example': letters outside ASCII are taken if the artifact"
                        + " org.autotls:autotls-names is there; without it, write the name with A-labels (xn--…)");
    }

    @Test
    void start_local_saysAtWhichUrlItCanBeTried() {
        String directory = temporary.resolve("certs").toString();

        start(AutoTls.endpoint("local:" + directory + ":tcp:8443").names("*.example", "b.example"));
        start(AutoTls.endpoint("local:" + directory + ":tcp:443"));

        assertThat(log.messages()).anyMatch(line -> line.contains("local-ca.crt https://b.example:8443/\n"));
        assertThat(log.messages()).anyMatch(line -> line.contains("local-ca.crt https://localhost/\n"));
    }

    @Test
    void start_afterAFailureBeforeIt_saysWhatFailedAndWhenItIsTriedAgain() {
        MemoryStore store = new MemoryStore(clock);
        FakeIssuer issuer = new FakeIssuer(new TestCa(), clock, Duration.ofDays(90));
        issuer.fail(IssueException.Kind.REFUSED);
        try (AutoTls first = AutoTls.with(store, store, store)
                .issuer(() -> issuer)
                .names("a.example")
                .start()) {
            assertThat(first.whenCertsValid()).succeedsWithin(SOON);
        }

        start(AutoTls.with(store, store, store).issuer(() -> issuer));

        AttemptRecord last = AttemptRecord.find(store, Subject.of("a.example"));
        assertThat(last.message()).isNotEmpty();
        Await.until(() -> serviceLog.messages().stream()
                .anyMatch(line -> line.endsWith("the last try failed; for example a.example: " + last.message()
                        + "; next try at " + last.nextAttempt())));
    }

    @Test
    void start_names_makesOneEntryEachAndIssuesThem() {
        AutoTls autoTls = start(AutoTls.at(temporary).local().names("b.example", "d.example,c.example"));

        assertThat(autoTls.whenCertsValid()).succeedsWithin(SOON);
        assertThat(temporary.resolve("b.example.pem")).isNotEmptyFile();
        assertThat(temporary.resolve("c.example,d.example.pem")).isNotEmptyFile();
        assertThat(autoTls.index().current().find("d.example")).isPresent();
        assertThat(temporary.resolve("localhost.pem")).doesNotExist();
    }

    @Test
    void I17_keyTypes_two_areIssuedForEachNameAndServed() {
        AutoTls autoTls = start(AutoTls.at(temporary)
                .local()
                .names("a.example", "192.0.2.1")
                .keyTypes(List.of(KeyType.EC_P384, KeyType.RSA_2048)));

        Await.until(() -> autoTls.index().current().entries().size() == 4);
        for (String name : List.of("a.example", "192.0.2.1")) {
            assertThat(temporary.resolve(name + ".pem")).isNotEmptyFile();
            assertThat(temporary.resolve(name + ".pem.rsa")).isNotEmptyFile();
        }
        assertThat(autoTls.index().current().entries())
                .extracting(entry -> entry.bundle().privateKey().getAlgorithm())
                .containsExactlyInAnyOrder("EC", "EC", "RSA", "RSA");
        assertThatThrownBy(() -> AutoTls.at(temporary).keyTypes(List.of(KeyType.EC_P256, KeyType.EC_P384)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("ec-p256,rsa-2048");
    }

    @Test
    void start_readOnly_writesNothingAndServesWhatIsWrittenLater() throws Exception {
        TestCa ca = new TestCa();
        Instant now = clock.instant();
        DirectoryStore writer = DirectoryStore.open(temporary, clock);
        save(writer, ca.issue(now, Duration.ofDays(9), "a.example"));
        List<Path> before = listing();

        AutoTls autoTls = start(AutoTls.at(temporary).readOnly());

        assertThat(autoTls.whenCertsValid()).isCompleted();
        assertThat(autoTls.service()).isEmpty();
        assertThat(autoTls.index().current().find("a.example")).isPresent();
        assertThat(listing()).isEqualTo(before);
        CertificateBundle second = ca.issue(now, Duration.ofDays(9), "b.example");
        save(writer, second);
        Await.until(() -> autoTls.index().current().find("b.example").isPresent());
        writer.remove(Subject.of("b.example"));
        Await.until(() -> autoTls.index().current().find("b.example").isEmpty());
    }

    @Test
    void J9_aChallengesAnswerIsPlantedWhileWeServe_isNotServedAndHurtsNoOther() {
        TestCa ca = new TestCa();
        Instant now = clock.instant();
        DirectoryStore writer = DirectoryStore.open(temporary, clock);
        AutoTls autoTls = start(AutoTls.at(temporary).readOnly());
        for (int i = 0; i < 10; i++) {
            save(writer, ca.issue(now, Duration.ofDays(9), "good" + i + ".example"));
            save(writer, ChallengeBundles.of(KeyType.EC_P256, "planted" + i + ".example"));
        }
        Await.until(() -> autoTls.index().current().size() == 10);
        for (int i = 0; i < 10; i++) {
            assertThat(autoTls.index().current().find("good" + i + ".example")).isPresent();
        }
    }

    @Test
    void start_ownStores_replacesAnExpiredCertificateAndServesItMeanwhile() {
        TestCa ca = new TestCa();
        Instant now = clock.instant();
        MemoryStore store = new MemoryStore(clock);
        CertificateBundle expired = ca.issue(now.minus(Duration.ofDays(100)), Duration.ofDays(90), "a.example");
        save(store, expired);
        FakeIssuer issuer = new FakeIssuer(ca, clock, Duration.ofDays(90));
        issuer.hang();
        LinkedBlockingQueue<Subject> alarms = new LinkedBlockingQueue<>();

        AutoTls autoTls = start(AutoTls.with(store, store, store)
                .issuer(() -> issuer)
                .panic((failure, subject) -> alarms.add(subject)));

        assertThat(serial(autoTls)).isEqualTo(expired.serial());
        Await.until(() -> issuer.inFlight() == 1);
        issuer.succeed();
        issuer.release(FakeIssuer.Answer.success());
        assertThat(autoTls.whenCertsValid()).succeedsWithin(SOON);
        assertThat(serial(autoTls)).isNotEqualTo(expired.serial());
        assertThat(alarms).isEmpty();
    }

    @Test
    void start_manyAreStored_theStoreIsListedAFewTimes() {
        MemoryStore store = new MemoryStore(clock);
        CertificateBundle bundle = new TestCa().issue(clock.instant(), Duration.ofDays(90), "a.example");
        for (int i = 0; i < 2_000; i++) {
            assertThat(store.save(Subject.of("a" + i + ".example"), bundle, Revision.NONE))
                    .isPresent();
        }
        AtomicInteger lists = new AtomicInteger();
        CertificateStore counting = (CertificateStore) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {CertificateStore.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("list")) {
                        lists.incrementAndGet();
                    }
                    return method.invoke(store, arguments);
                });
        FakeIssuer issuer = new FakeIssuer(new TestCa(), clock, Duration.ofDays(90));
        AutoTls autoTls = start(AutoTls.with(counting, store, store).issuer(() -> issuer));
        assertThat(autoTls.whenCertsValid()).succeedsWithin(SOON);
        assertThat(autoTls.service().orElseThrow().status()).hasSize(2_000);
        assertThat(lists).hasValueLessThan(500);
    }

    @Test
    void start_issuerFails_raisesTheAlarmAndGoesOnServing() throws Exception {
        TestCa ca = new TestCa();
        MemoryStore store = new MemoryStore(clock);
        CertificateBundle expired =
                ca.issue(clock.instant().minus(Duration.ofDays(100)), Duration.ofDays(90), "a.example");
        save(store, expired);
        FakeIssuer issuer = new FakeIssuer(ca, clock, Duration.ofDays(90));
        issuer.fail(IssueException.Kind.NETWORK);
        LinkedBlockingQueue<Subject> alarms = new LinkedBlockingQueue<>();

        AutoTls autoTls = start(AutoTls.with(store, store, store)
                .issuer(() -> issuer)
                .panic((failure, subject) -> alarms.add(subject)));

        assertThat(autoTls.whenCertsValid()).succeedsWithin(SOON);
        assertThat(alarms.poll(20, TimeUnit.SECONDS)).isEqualTo(Subject.of("a.example"));
        assertThat(serial(autoTls)).isEqualTo(expired.serial());
    }

    @Test
    void open_issuesNothingBeforeItIsToldTo() {
        ManualClock time = new ManualClock();
        MemoryStore store = new MemoryStore(time);
        FakeIssuer issuer = new FakeIssuer(new TestCa(), time, Duration.ofDays(90));
        AutoTls autoTls = AutoTls.with(store, store, store)
                .issuer(() -> issuer)
                .scheduler(time)
                .names("a.example")
                .open();
        open.add(autoTls);
        time.advance(IssuingStart.PATIENCE.dividedBy(2));
        assertThat(issuer.calls()).isZero();

        autoTls.startIssuing();
        autoTls.startIssuing();

        Await.until(() -> {
            time.advance(Duration.ofSeconds(1));
            return issuer.calls() > 0;
        });
    }

    @Test
    void open_forgottenByItsServer_issuesAfterThirtySeconds() {
        ManualClock time = new ManualClock();
        MemoryStore store = new MemoryStore(time);
        FakeIssuer issuer = new FakeIssuer(new TestCa(), time, Duration.ofDays(90));
        open.add(AutoTls.with(store, store, store)
                .issuer(() -> issuer)
                .scheduler(time)
                .names("a.example")
                .open());
        time.advance(IssuingStart.PATIENCE);

        Await.until(() -> {
            time.advance(Duration.ofSeconds(1));
            return issuer.calls() > 0;
        });
    }

    @Test
    void endpoint_issuesAsSoonAsItsPortListens() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String text =
                    "local:" + temporary.resolve("certs") + ":tcp:" + server.getLocalPort() + ":interface=127.0.0.1";
            AutoTls autoTls = AutoTls.endpoint(text).open();
            open.add(autoTls);

            assertThat(autoTls.tcpAddress().orElseThrow().port()).isEqualTo(server.getLocalPort());
            assertThat(autoTls.whenCertsValid()).succeedsWithin(SOON);
        }
    }

    @Test
    void endpoint_withoutCertificatesOrWithoutTcp_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AutoTls.endpoint("tcp:443"))
                .withMessageContaining("'tcp:443' has no certificates");
        AutoTls autoTls =
                AutoTls.endpoint("txsni:" + temporary + ":unix:/run/x.sock").open();
        open.add(autoTls);
        assertThatIllegalArgumentException()
                .isThrownBy(autoTls::tcpAddress)
                .withMessageContaining("endpoint unix:/run/x.sock: expected tcp:PORT");
    }

    @Test
    void start_acme_ordersFromTheCa() throws Exception {
        FakeCa ca = FakeCa.start();
        open.add(ca);

        AutoTls autoTls = start(AutoTls.at(temporary)
                .acme(ca.directory())
                .trust(ca.root())
                .agreeToTerms(true)
                .email("admin@a.example")
                .names("a.example"));

        assertThat(autoTls.whenCertsValid()).succeedsWithin(SOON);
        assertThat(autoTls.index().current().find("a.example")).isPresent();
        assertThat(ca.contacts()).contains(List.of("mailto:admin@a.example"));
        assertThat(temporary.resolve("client.key")).isNotEmptyFile();
    }

    @Test
    void start_termsNotAgreed_asksTheCaForNothingButItsDirectory() throws Exception {
        FakeCa ca = FakeCa.start();
        open.add(ca);
        LinkedBlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();

        ca.settings().termsOfService("https://ca.example/terms");
        start(AutoTls.at(temporary)
                .acme(ca.directory())
                .trust(ca.root())
                .names("a.example")
                .panic((failure, subject) -> failures.add(failure)));

        assertThat(failures.poll(20, TimeUnit.SECONDS)).hasMessageContaining("https://ca.example/terms");
        assertThat(ca.requests()).containsOnly(FakeCa.Kind.DIRECTORY);
    }

    @Test
    void start_configurationMended_triesAtOnceWhatFailedBefore() throws Exception {
        FakeCa ca = FakeCa.start();
        open.add(ca);
        ca.settings().termsOfService("https://ca.example/terms");
        AutoTlsBuilder wrong = AutoTls.at(temporary).acme(ca.directory()).trust(ca.root());
        try (AutoTls first = wrong.names("a.example").start()) {
            assertThat(first.whenCertsValid()).succeedsWithin(SOON);
        }
        long asked = ca.count(FakeCa.Kind.DIRECTORY);
        try (AutoTls again =
                AutoTls.at(temporary).acme(ca.directory()).trust(ca.root()).start()) {
            assertThat(again.whenCertsValid()).succeedsWithin(SOON);
        }
        assertThat(ca.count(FakeCa.Kind.DIRECTORY))
                .as("the same one tries no more")
                .isEqualTo(asked);

        AutoTls mended = start(
                AutoTls.at(temporary).acme(ca.directory()).trust(ca.root()).agreeToTerms(true));

        assertThat(mended.whenCertsValid()).succeedsWithin(SOON);
        assertThat(mended.index().current().find("a.example")).isPresent();
    }

    @Test
    void start_firstCaRefuses_ordersFromTheNextWithItsBindingProfileAndChain() throws Exception {
        FakeCa first = FakeCa.start();
        open.add(first);
        FakeCa second = FakeCa.start();
        open.add(second);
        String macKey = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";
        first.always(FakeCa.Kind.NEW_ORDER, Fault.problem(403, "rejectedIdentifier"));
        second.settings()
                .externalAccounts(Map.of("kid-2", macKey))
                .profiles(Map.of("classic", "https://ca.example/classic"))
                .alternateRoots(new TestCa("Other Root"));

        AutoTls autoTls = start(AutoTls.at(temporary)
                .acme(first.directory(), second.directory())
                .trust(first.root(), second.root())
                .externalAccount(second.directory(), ExternalAccount.of("kid-2", macKey))
                .profile("classic")
                .preferredChain("Other Root")
                .names("a.example"));

        assertThat(autoTls.whenCertsValid()).succeedsWithin(SOON);
        CertificateBundle served =
                autoTls.index().current().find("a.example").orElseThrow().bundle();
        assertThat(served.leaf()).isEqualTo(second.issued().get(0));
        assertThat(served.chain().get(1).getIssuerX500Principal()).hasToString("CN=Other Root");
        assertThat(second.orderedProfiles()).containsExactly("classic");
        assertThat(first.orderedProfiles()).isEmpty();
    }

    @Test
    void start_withoutSchedule_issuesWhatIsAskedForAndNothingElse() throws Exception {
        Files.createFile(temporary.resolve("due.example.pem"));

        AutoTls autoTls = start(AutoTls.at(temporary).local().withoutSchedule());

        assertThat(autoTls.whenCertsValid()).isCompleted();
        IssuingService service = autoTls.service().orElseThrow();
        assertThat(service.issueCert(Subject.of("a.example"))).succeedsWithin(SOON);
        assertThat(service.issueCert(Subject.of("b.example"))).succeedsWithin(SOON);
        assertThat(temporary.resolve("a.example.pem")).isNotEmptyFile();
        assertThat(temporary.resolve("due.example.pem")).isEmptyFile();
        assertThat(temporary.resolve("localhost.pem")).doesNotExist();
    }

    @Test
    void close_isQuickAndMayBeRepeated() {
        AutoTls autoTls = start(AutoTls.at(temporary).local().httpPort(0));
        autoTls.close();
        autoTls.close();

        assertThat(autoTls.whenCertsValid()).isDone();
    }

    @Test
    void start_httpPortTaken_failsAndLeavesNothing() throws Exception {
        Path directory = temporary.resolve("certs");
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("0.0.0.0"))) {
            AutoTlsBuilder builder = AutoTls.at(directory).local().httpPort(taken.getLocalPort());

            assertThatThrownBy(builder::start)
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining(Integer.toString(taken.getLocalPort()));
        }
        assertThat(directory).doesNotExist();
    }

    @Test
    void start_directory_missingOrAFile_refused() throws Exception {
        Path absent = temporary.resolve("absent");
        Path file = Files.writeString(temporary.resolve("file"), "x");

        assertThatThrownBy(() -> AutoTls.at(absent).start())
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("does not exist; make it: mkdir -m 700 " + absent);
        assertThatThrownBy(() -> AutoTls.at(file).local().start())
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("is not a directory");
        assertThat(absent).doesNotExist();
    }

    @Test
    void check_badSetting_refusedNamingIt() {
        refused("email 'nobody'", builder -> builder.email("nobody"));
        refused("timeout PT0S", builder -> builder.timeout(Duration.ZERO));
        refused("email 'n\\u00f6body@ca.example'", builder -> builder.email("n\u00f6body@ca.example"));
        refused(
                "timeout PT5M0.001S",
                builder -> builder.timeout(Duration.ofMinutes(5).plusMillis(1)));
        refused("check interval PT-1S", builder -> builder.checkInterval(Duration.ofSeconds(-1)));
        refused("check interval PT96000H", builder -> builder.checkInterval(Duration.ofDays(4000)));
        refused("reissue interval PT0S", builder -> builder.reissueInterval(Duration.ZERO));
        refused("panic interval PT0S", builder -> builder.panicInterval(Duration.ZERO));
        refused("http port 65536", builder -> builder.httpPort(65_536));
        refused("https port 0", builder -> builder.httpsPort(0));
        refused("'a b' is not a DNS name", builder -> builder.names("a b"));
        refused("ACME directory 'http://ca.example'", builder -> builder.acme(URI.create("http://ca.example")));
        refused("ACME directory 'https://me@ca.example'", builder -> builder.acme(URI.create("https://me@ca.example")));
        refused("nothing is asked for", builder -> builder.readOnly().names("a.example"));
    }

    @Test
    void N10_start_rootFileUnreadableOrEmpty_refused() throws Exception {
        Path empty = Files.writeString(temporary.resolve("empty.crt"), "");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> AutoTls.at(temporary).trust(empty).start())
                .withMessageContaining("root file " + empty + ": expected a certificate in PEM, found none");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> AutoTls.at(temporary).trust(Path.of("/absent")).start())
                .withMessageContaining("root file /absent cannot be read");
    }

    private void refused(String expected, UnaryOperator<AutoTlsBuilder> setting) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> setting.apply(AutoTls.at(temporary)).check())
                .withMessageContaining(expected);
    }

    private AutoTls start(AutoTlsBuilder builder) {
        AutoTls autoTls = builder.start();
        open.add(autoTls);
        return autoTls;
    }

    private static void save(CertificateStore store, CertificateBundle bundle) {
        Subject subject = Subject.of(bundle.identifiers());
        assertThat(store.save(subject, bundle, Revision.NONE)).isPresent();
    }

    private static String serial(AutoTls autoTls) {
        return autoTls.index()
                .current()
                .find("a.example")
                .orElseThrow()
                .bundle()
                .serial();
    }

    private List<Path> listing() throws Exception {
        try (var files = Files.walk(temporary)) {
            return files.sorted().toList();
        }
    }
}
