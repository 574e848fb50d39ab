package org.autotls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.autotls.doctor.FakeDns;
import org.autotls.doctor.Finding;
import org.autotls.doctor.Finding.Severity;
import org.autotls.store.DirectoryStore;
import org.autotls.testkit.FakeCa;
import org.autotls.testkit.FreePorts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The doctor as a program calls it. */
class AutoTlsDoctorTest {

    @TempDir
    private Path dir = Path.of("");

    private final FakeCa ca = FakeCa.start();
    private final FakeDns dns = new FakeDns().address("a.example", "127.0.0.1");

    @AfterEach
    void close() {
        ca.close();
    }

    private AutoTlsBuilder builder() {
        return AutoTls.at(dir).acme(ca.directory()).trust(ca.root());
    }

    private static Map<String, Severity> severities(List<Finding> findings) {
        return findings.stream()
                .collect(Collectors.toMap(Finding::check, Finding::severity, (a, b) -> a.compareTo(b) > 0 ? a : b));
    }

    @Test
    void allWell_answersItselfAndLeavesNothingBehind() throws IOException {
        int port = FreePorts.next();

        List<Finding> findings = AutoTlsDoctor.of(builder().httpPort(port), dns)
                .askedOn(port, 443)
                .examine(List.of(Subject.of("a.example")));

        assertThat(findings).allMatch(finding -> finding.severity() == Severity.OK, "is ok");
        assertThat(severities(findings))
                .containsKeys("store", "directory", "clock", "terms", "account", "eab", "profile", "port")
                .containsKeys("name", "address", "reach", "caa", "stored", "attempts");
        assertThat(ca.requests()).containsExactly(FakeCa.Kind.DIRECTORY, FakeCa.Kind.NEW_NONCE);
        try (Stream<Path> files = Files.list(dir)) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void ordersUsedUp_isAProblemUntilTheNextIsAllowed() {
        RateLimit two = new RateLimit(2, Duration.ofHours(1)); // one of them is kept back
        OrderBudget budget = OrderBudget.stored(
                DirectoryStore.open(dir, Scheduler.system()).state(),
                "https://ca.example/",
                OrderLimits.perAccount(two),
                DomainNames.NONE,
                Runnable::run);
        assertThat(budget.take("https://ca.example/account/1", Subject.of("z.example"))
                        .toCompletableFuture()
                        .join())
                .isEmpty();

        List<Finding> findings = AutoTlsDoctor.of(builder(), dns).examine(List.of(Subject.of("a.example")));

        assertThat(severities(findings)).containsEntry("budget", Severity.PROBLEM);
        assertThat(findings)
                .filteredOn(finding -> finding.check().equals("budget"))
                .singleElement()
                .satisfies(finding -> assertThat(finding.found()).contains("all orders that its CA allows"));
    }

    @Test
    void certificatesForANameUsedUp_isAProblemOfThatNameUntilTheNextIsAllowed() {
        RateLimit two = new RateLimit(2, Duration.ofHours(1)); // one of them is kept back
        OrderBudget budget = OrderBudget.stored(
                DirectoryStore.open(dir, Scheduler.system()).state(),
                "https://ca.example/",
                new OrderLimits(RateLimit.NONE, RateLimit.NONE, two),
                DomainNames.NONE,
                Runnable::run);
        budget.take("https://ca.example/account/1", Subject.of("a.example"))
                .toCompletableFuture()
                .join();

        List<Finding> findings =
                AutoTlsDoctor.of(builder(), dns).examine(List.of(Subject.of("a.example"), Subject.of("b.example")));

        assertThat(findings)
                .filteredOn(finding -> finding.check().equals("budget"))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.severity()).isEqualTo(Severity.PROBLEM);
                    assertThat(finding.toString()).contains("a.example");
                    assertThat(finding.found()).startsWith("certificates for exactly these names are used up");
                });
    }

    @Test
    void accountKeyThatIsThere_isLookedForOnly() throws IOException {
        AccountKeyStore keys = DirectoryStore.open(dir, Scheduler.system()).accountKeys();
        keys.loadOrCreate(() -> KeyType.EC_P256.generate(new java.security.SecureRandom()));

        AutoTlsDoctor.of(builder(), dns).examine(List.of(Subject.of("a.example")));

        assertThat(ca.requests()).doesNotContain(FakeCa.Kind.NEW_ORDER);
        assertThat(ca.count(FakeCa.Kind.NEW_ACCOUNT)).isEqualTo(1);
        assertThat(ca.contacts()).isEmpty();
    }

    @Test
    void everythingWrong_isToldAtOnce() {
        ca.settings().termsOfService("https://ca.example/terms").externalAccounts(Map.of("kid", "c2VjcmV0"));
        dns.caa("b.example", "issue", ";");

        Map<String, Severity> found = severities(AutoTlsDoctor.of(
                        AutoTls.at(dir.resolve("missing")).acme(ca.directory()).trust(ca.root()), dns)
                .examine(List.of(Subject.of("b.example"), Subject.of("*.b.example"))));

        assertThat(found)
                .containsEntry("store", Severity.PROBLEM)
                .containsEntry("terms", Severity.PROBLEM)
                .containsEntry("eab", Severity.PROBLEM)
                .containsEntry("name", Severity.PROBLEM)
                .containsEntry("address", Severity.PROBLEM)
                .containsEntry("caa", Severity.PROBLEM);
        assertThat(dir.resolve("missing")).doesNotExist();
    }

    @Test
    void dnsThatFails_isAFinding() {
        dns.failing("a.example", IssueException.Kind.UNPROVED);
        assertThat(severities(AutoTlsDoctor.of(builder(), dns).examine(List.of(Subject.of("a.example")))))
                .containsEntry("address", Severity.PROBLEM)
                .containsEntry("caa", Severity.PROBLEM);
    }

    @Test
    void local_asksNobody() {
        List<Finding> findings =
                AutoTlsDoctor.of(AutoTls.at(dir).local(), dns).examine(List.of(Subject.of("localhost")));
        assertThat(severities(findings)).containsOnlyKeys("store", "stored", "attempts");
        assertThat(ca.requests()).isEmpty();
    }

    @Test
    void secondCaThatIsDown_isAWarning() throws IOException {
        int closed = FreePorts.next();
        java.net.URI dead = java.net.URI.create("https://localhost:" + closed + "/dir");
        List<Finding> findings = AutoTlsDoctor.of(
                        AutoTls.at(dir).acme(ca.directory(), dead).trust(ca.root()), dns)
                .examine(List.of(Subject.of("a.example")));
        assertThat(findings).anySatisfy(finding -> {
            assertThat(finding.about()).isEqualTo(dead.toString());
            assertThat(finding.severity()).isEqualTo(Severity.WARNING);
        });
    }
}
