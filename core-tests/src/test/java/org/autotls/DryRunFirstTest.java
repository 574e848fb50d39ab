package org.autotls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.autotls.IssueException.Kind;
import org.autotls.store.DirectoryStore;
import org.autotls.testkit.FakeCa;
import org.autotls.testkit.Fault;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A name that a CA refused three times in a row is tried at a staging CA first. */
class DryRunFirstTest {

    private static final String NAME = "a.example";

    private final FakeCa production = FakeCa.start();
    private final FakeCa staging = FakeCa.start();

    @TempDir
    private Path directory = Path.of("");

    @AfterEach
    void close() {
        production.close();
        staging.close();
    }

    private AutoTlsBuilder builder() {
        return AutoTls.at(directory)
                .acme(production.directory())
                .trust(production.root(), staging.root())
                .agreeToTerms(true)
                .dryRunsAt(staging.directory())
                .withoutSchedule();
    }

    /** Asks once, as {@code autotls issue} does. */
    private IssueException failure(AutoTlsBuilder builder) {
        try {
            throw new AssertionError("issued " + issue(builder));
        } catch (CompletionException e) {
            return (IssueException) Objects.requireNonNull(e.getCause());
        }
    }

    private CertificateBundle issue(AutoTlsBuilder builder) {
        try (AutoTls autoTls = builder.start()) {
            return autoTls.service()
                    .orElseThrow()
                    .issueCert(Subject.of(NAME))
                    .toCompletableFuture()
                    .orTimeout(60, TimeUnit.SECONDS)
                    .join();
        }
    }

    private static void refuse(FakeCa ca) {
        ca.settings().validator((type, identifier, token, key) -> false);
    }

    private static void accept(FakeCa ca) {
        ca.settings().validator((type, identifier, token, key) -> true);
    }

    private void refusedThreeTimes(AutoTlsBuilder builder) {
        refuse(production);
        refuse(staging);
        for (int i = 0; i < 3; i++) {
            assertThat(failure(builder).kind()).isEqualTo(Kind.UNPROVED);
        }
        assertThat(production.count(FakeCa.Kind.NEW_ORDER)).isEqualTo(3);
        assertThat(staging.requests()).isEmpty();
    }

    @Test
    void refusedThreeTimes_productionIsAskedOnlyWhenStagingIssues() {
        refusedThreeTimes(builder());
        IssueException failure = failure(builder());
        assertThat(failure.kind()).isEqualTo(Kind.UNPROVED);
        assertThat(failure).hasMessageContaining("a dry run at " + staging.directory());
        assertThat(staging.count(FakeCa.Kind.NEW_ORDER)).isEqualTo(1);
        assertThat(production.count(FakeCa.Kind.NEW_ORDER)).isEqualTo(3);
        accept(staging);
        accept(production);
        CertificateBundle issued = issue(builder());
        assertThat(issued.leaf()).isEqualTo(production.issued().get(0));
        assertThat(staging.issued()).hasSize(1);
        DirectoryStore store = DirectoryStore.openReadOnly(directory, Scheduler.system());
        assertThat(store.state().keys("dry-runs/")).isEmpty();
        assertThat(store.state().keys("orders/")).isEmpty();
        assertThat(store.state().keys("attempts/")).isEmpty();
        assertThat(store.find(Subject.of(NAME))
                        .orElseThrow()
                        .bundle()
                        .orElseThrow()
                        .leaf())
                .isEqualTo(issued.leaf());
    }

    @Test
    void staging_hasAnAccountKeyOfItsOwn_alsoInADirectoryFromBefore() throws IOException {
        refusedThreeTimes(builder());
        byte[] key = Files.readAllBytes(directory.resolve("client.key"));
        failure(builder());
        DirectoryStore store = DirectoryStore.openReadOnly(directory, Scheduler.system());
        PublicKey ofProduction =
                publicKey(store.accountKeys(production.directory().toString()));
        PublicKey ofStaging = publicKey(store.accountKeys(staging.directory().toString()));
        assertThat(ofStaging).isNotEqualTo(ofProduction);
        assertThat(directory.resolve("client.key")).hasBinaryContent(key);
        assertThat(ofProduction).isEqualTo(publicKey(store.accountKeys()));
        failure(builder());
        assertThat(staging.count(FakeCa.Kind.NEW_ORDER)).isEqualTo(2);
        assertThat(publicKey(store.accountKeys(staging.directory().toString()))).isEqualTo(ofStaging);
    }

    private static PublicKey publicKey(AccountKeyStore store) {
        return store.find().orElseThrow().getPublic();
    }

    @Test
    void stagingInTrouble_saysNothingAboutTheName() {
        refusedThreeTimes(builder());
        accept(production);
        staging.always(FakeCa.Kind.NEW_ORDER, Fault.reply(500, "oops"));
        assertThat(issue(builder()).leaf()).isEqualTo(production.issued().get(0));
    }

    @Test
    void noDryRuns_productionIsAskedEachTime() {
        AutoTlsBuilder builder = builder().noDryRuns();
        refusedThreeTimes(builder);
        assertThat(failure(builder).kind()).isEqualTo(Kind.UNPROVED);
        assertThat(production.count(FakeCa.Kind.NEW_ORDER)).isEqualTo(4);
        assertThat(staging.requests()).isEmpty();
    }

    @Test
    void severalCas_eachHasItsOwnDryRun() {
        Fault refusal = Fault.problem(403, "rejectedIdentifier");
        try (FakeCa other = FakeCa.start()) {
            for (FakeCa ca : List.of(production, other, staging)) {
                ca.always(FakeCa.Kind.NEW_ORDER, refusal);
            }
            AutoTlsBuilder builder =
                    builder().acme(production.directory(), other.directory()).trust(other.root());
            for (int i = 0; i < 4; i++) {
                assertThat(failure(builder).kind()).isEqualTo(Kind.REFUSED);
            }
            assertThat(production.count(FakeCa.Kind.NEW_ORDER)).isEqualTo(3);
            assertThat(other.count(FakeCa.Kind.NEW_ORDER)).isEqualTo(3);
            assertThat(staging.count(FakeCa.Kind.NEW_ORDER)).isEqualTo(2);
        }
    }
}
