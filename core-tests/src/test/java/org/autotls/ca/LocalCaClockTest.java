package org.autotls.ca;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Set;
import org.autotls.CertificateBundle;
import org.autotls.IssueRequest;
import org.autotls.KeyType;
import org.autotls.Subject;
import org.autotls.internal.Certificates;
import org.autotls.store.MemoryStore;
import org.autotls.testkit.ManualClock;
import org.autotls.testkit.MemoryJournal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The embedded CA on a machine whose clock is wrong for a while, and right before or afterwards. */
class LocalCaClockTest {

    private static final Instant RIGHT = Instant.parse("2026-07-01T12:00:00Z");
    private static final Instant FAR_AHEAD = Instant.parse("2098-01-01T00:00:00Z");

    private final MemoryStore state = new MemoryStore(new ManualClock());
    private Instant now = RIGHT;
    private final LocalCaIssuer issuer = LocalCaIssuer.of(state, () -> now);

    @Test
    void root_aClockFarAheadForAWhile_whoTrustsTheOldOneTrustsAllThatIsIssuedLater() throws Exception {
        X509Certificate trusted = issuer.rootCertificate();
        now = FAR_AHEAD;
        issue();
        now = RIGHT.plus(Duration.ofDays(1));
        CertificateBundle bundle = issue();
        verify(bundle, trusted);
        verify(bundle, issuer.rootCertificate());
    }

    @ParameterizedTest
    @ValueSource(strings = {"1970-01-01T00:00:00Z", "2098-01-01T00:00:00Z"})
    void root_madeByAWrongClock_isValidAsSoonAsTheClockIsRight(Instant wrong) throws Exception {
        now = wrong;
        X509Certificate trusted = issuer.rootCertificate();
        issue();
        now = RIGHT;
        CertificateBundle bundle = issue();
        issuer.rootCertificate().checkValidity(Date.from(now));
        verify(bundle, trusted);
        verify(bundle, issuer.rootCertificate());
    }

    @Test
    void root_aClockOf1970ForAWhile_whatIsWrittenThenIsOfUseLater(@TempDir Path directory) throws Exception {
        X509Certificate trusted = issuer.rootCertificate();
        now = Instant.EPOCH;
        Path file = issuer.writeRoot(directory);
        now = RIGHT.plus(Duration.ofDays(1));
        CertificateBundle bundle = issue();
        verify(bundle, trusted);
        X509Certificate written = read(file);
        written.checkValidity(Date.from(now));
        verify(bundle, written);
    }

    @Test
    void root_changedWhileItRuns_isWrittenAgain(@TempDir Path directory) throws Exception {
        now = Instant.EPOCH;
        Path file = issuer.writeRoot(directory);
        now = RIGHT;
        issue();
        assertThat(file).hasContent(Certificates.encode(issuer.rootCertificate()));
        Files.delete(file); // by somebody who does not want it
        issue();
        assertThat(file).doesNotExist();
    }

    @Test
    void root_changedAndItsFileCannotBeWritten_isIssuedFromAllTheSame(@TempDir Path directory) throws Exception {
        Path gone = Files.createDirectory(directory.resolve("gone"));
        now = Instant.EPOCH;
        Files.delete(issuer.writeRoot(gone));
        Files.delete(gone);
        now = RIGHT;
        verify(issue(), issuer.rootCertificate());
    }

    @Test
    void root_twoNodesOfWhichOneIsFarAhead_agreeOnOne() throws Exception {
        LocalCaIssuer ahead = LocalCaIssuer.of(state, () -> FAR_AHEAD);
        X509Certificate trusted = issuer.rootCertificate();
        X509Certificate agreed = ahead.rootCertificate();
        assertThat(issuer.rootCertificate()).isEqualTo(agreed);
        assertThat(ahead.rootCertificate()).isEqualTo(agreed);
        verify(issue(), trusted);
    }

    private static X509Certificate read(Path file) throws Exception {
        try (InputStream in = Files.newInputStream(file)) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    private CertificateBundle issue() {
        IssueRequest request = new IssueRequest(
                Subject.of("localhost"),
                () -> KeyType.EC_P256.generate(new SecureRandom()),
                new MemoryJournal(),
                () -> false);
        return issuer.issue(request).toCompletableFuture().join();
    }

    /** As a client does whose clock is right. */
    private void verify(CertificateBundle bundle, X509Certificate root) throws Exception {
        PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(root, null)));
        parameters.setRevocationEnabled(false);
        parameters.setDate(Date.from(now));
        CertPathValidator.getInstance("PKIX")
                .validate(CertificateFactory.getInstance("X.509").generateCertPath(bundle.chain()), parameters);
    }
}
