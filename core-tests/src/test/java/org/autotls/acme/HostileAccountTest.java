package org.autotls.acme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.autotls.acme.AcmeFixture.await;
import static org.autotls.acme.AcmeFixture.failure;
import static org.autotls.acme.AcmeFixture.request;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.autotls.AccountKeyStore;
import org.autotls.CertificateBundle;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.store.DirectoryStore;
import org.autotls.testkit.FakeCa;
import org.autotls.testkit.Fault;
import org.autotls.testkit.MemoryJournal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can happen to an account, at the CA and on our own disk. */
class HostileAccountTest {

    private final AcmeFixture fixture = new AcmeFixture();
    private final FakeCa ca = fixture.ca;

    @TempDir
    Path directory;

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void B3_accountKeyLostEmptyOrGarbage_newAccountAndTheBadFileIsSetAside() throws Exception {
        Path file = directory.resolve("client.key");
        issue();
        Files.delete(file);
        issue();
        Files.write(file, new byte[0]);
        issue();
        Files.writeString(file, "no key at all");
        issue();
        assertThat(ca.contacts()).as("accounts").hasSize(4);
        assertThat(Files.readString(file)).contains("PRIVATE KEY");
        try (var files = Files.walk(directory)) {
            assertThat(files.map(path -> path.getFileName().toString())).anyMatch(name -> name.contains(".bad-"));
        }
    }

    @Test
    void B4_sixteenAtOnceOverOneStore_oneAccount() throws Exception {
        List<CompletableFuture<CertificateBundle>> all = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            AcmeIssuer own = issuer(keys());
            all.add(own.issue(request(new MemoryJournal(), "n" + i + ".example"))
                    .toCompletableFuture());
        }
        for (CompletableFuture<CertificateBundle> one : all) {
            one.get(60, TimeUnit.SECONDS);
        }
        assertThat(ca.contacts()).as("accounts").hasSize(1);
        assertThat(ca.issued()).hasSize(16);
    }

    @Test
    void B5_newTermsOfService_permanentWithTheirUrl() throws Exception {
        String link = "<https://ca.example/terms-v8>;rel=\"terms-of-service\"";
        ca.script(FakeCa.Kind.NEW_ORDER, Fault.problem(403, "userActionRequired", "Link", link));
        AcmeIssuer issuer = fixture.issuer();
        IssueException failure = failure(issuer, request(new MemoryJournal(), "a.example"));
        assertThat(failure.kind()).isEqualTo(Kind.CONFIGURATION);
        assertThat(failure).hasMessageContaining("https://ca.example/terms-v8");
        assertThat(ca.count(FakeCa.Kind.NEW_ORDER)).as("no storm").isEqualTo(1);
        await(issuer, request(new MemoryJournal(), "a.example"));
    }

    private AccountKeyStore keys() {
        // So late that no file is about to be written.
        return DirectoryStore.open(directory, () -> Instant.parse("2100-01-01T00:00:00Z"))
                .accountKeys(ca.directory().toString());
    }

    private void issue() throws Exception {
        await(issuer(keys()), request(new MemoryJournal(), "a.example"));
    }

    private AcmeIssuer issuer(AccountKeyStore keys) {
        return AcmeIssuer.builder(ca.directory(), keys, fixture.clock, fixture.executor)
                .trustedRoots(List.of(ca.root()))
                .responders(List.of(fixture.responder))
                .build();
    }
}
