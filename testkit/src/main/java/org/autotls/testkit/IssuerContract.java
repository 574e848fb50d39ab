package org.autotls.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.autotls.CertificateBundle;
import org.autotls.IssueException;
import org.autotls.IssueJournal;
import org.autotls.IssueRequest;
import org.autotls.Issuer;
import org.autotls.KeyType;
import org.autotls.StoreException;
import org.autotls.Subject;
import org.junit.jupiter.api.Test;

/** What every {@link Issuer} must do. Extend it with an issuer that can certify any name under {@code example}. */
public abstract class IssuerContract {

    private static final Subject SUBJECT = Subject.of("b.example", "a.example");

    /** What the tests need. */
    protected IssuerContract() {}

    /**
     * Returns the issuer; called once per test.
     *
     * @return what is tested
     */
    protected abstract Issuer issuer();

    /**
     * Returns the present as the issuer sees it.
     *
     * @return for the check of validity
     */
    protected abstract Instant now();

    /**
     * Waits for an issue.
     *
     * @param issuer who issues
     * @param request what is asked
     * @return the bundle
     * @throws Exception what the issue failed with
     */
    protected static CertificateBundle await(Issuer issuer, IssueRequest request) throws Exception {
        try {
            return issuer.issue(request).toCompletableFuture().get(30, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }

    /**
     * Makes a request that is never cancelled.
     *
     * @param subject what is asked
     * @param journal where progress is kept
     * @return for a new P-256 key
     */
    protected static IssueRequest request(Subject subject, IssueJournal journal) {
        return new IssueRequest(subject, IssuerContract::newKey, journal, () -> false);
    }

    private static KeyPair newKey() {
        return KeyType.EC_P256.generate(new SecureRandom());
    }

    /**
     * What comes back is for these names, for this key, valid now, and in order.
     *
     * @throws Exception if issuing fails
     */
    @Test
    public void issue_severalNames_bundleIsWhatWasAsked() throws Exception {
        AtomicInteger made = new AtomicInteger();
        List<KeyPair> keys = new ArrayList<>();
        IssueRequest request = new IssueRequest(
                SUBJECT,
                () -> {
                    made.incrementAndGet();
                    keys.add(newKey());
                    return keys.get(0);
                },
                new MemoryJournal(),
                () -> false);
        CertificateBundle bundle = await(issuer(), request);
        assertThat(bundle.identifiers()).isEqualTo(SUBJECT.identifiers());
        assertThat(made).hasValue(1);
        assertThat(bundle.leaf().getPublicKey()).isEqualTo(keys.get(0).getPublic());
        assertThat(bundle.notBefore()).isBeforeOrEqualTo(now());
        assertThat(bundle.notAfter()).isAfter(now());
        for (int i = 1; i < bundle.chain().size(); i++) {
            bundle.chain().get(i - 1).verify(bundle.chain().get(i).getPublicKey());
        }
    }

    /**
     * An address is certified like a name.
     *
     * @throws Exception if issuing fails
     */
    @Test
    public void issue_ipAddress_isInTheLeaf() throws Exception {
        Subject subject = Subject.of("a.example", "192.0.2.7", "2001:db8::7");
        CertificateBundle bundle = await(issuer(), request(subject, new MemoryJournal()));
        assertThat(bundle.identifiers()).isEqualTo(subject.identifiers());
    }

    /**
     * N4: each certificate has a key of its own.
     *
     * @throws Exception if issuing fails
     */
    @Test
    public void N4_twice_differentKeys() throws Exception {
        Issuer issuer = issuer();
        CertificateBundle first = await(issuer, request(SUBJECT, new MemoryJournal()));
        CertificateBundle second = await(issuer, request(SUBJECT, new MemoryJournal()));
        assertThat(second.leaf().getPublicKey()).isNotEqualTo(first.leaf().getPublicKey());
        assertThat(second.serial()).isNotEqualTo(first.serial());
    }

    /**
     * The journal still holds the key when the bundle comes back: the caller has not saved it yet.
     *
     * @throws Exception if issuing fails
     */
    @Test
    public void issue_thenCrashBeforeSaving_nextRunSucceeds() throws Exception {
        Issuer issuer = issuer();
        MemoryJournal journal = new MemoryJournal();
        await(issuer, request(SUBJECT, journal));
        CertificateBundle again = await(issuer, request(SUBJECT, journal));
        assertThat(again.identifiers()).isEqualTo(SUBJECT.identifiers());
    }

    /**
     * A text that is not the issuer's own does no harm.
     *
     * @throws Exception if issuing fails
     */
    @Test
    public void issue_journalHoldsGarbage_startsAnew() throws Exception {
        MemoryJournal journal = new MemoryJournal();
        journal.save("no such thing \u0000 {");
        assertThat(await(issuer(), request(SUBJECT, journal)).identifiers()).isEqualTo(SUBJECT.identifiers());
    }

    /** Nothing is done for someone who has gone. */
    @Test
    public void issue_cancelled_failsStopped() {
        IssueRequest request = new IssueRequest(SUBJECT, IssuerContract::newKey, new MemoryJournal(), () -> true);
        assertThatThrownBy(() -> await(issuer(), request))
                .isInstanceOfSatisfying(
                        IssueException.class, e -> assertThat(e.kind()).isEqualTo(IssueException.Kind.STOPPED));
    }

    /** What cannot be made durable is not begun. */
    @Test
    public void issue_journalCannotBeWritten_failsWithStoreException() {
        IssueJournal broken = new IssueJournal() {
            @Override
            public java.util.Optional<String> load() {
                return java.util.Optional.empty();
            }

            @Override
            public void save(String text) {
                throw StoreException.fatal("the disk is full");
            }

            @Override
            public void clear() {
                throw StoreException.fatal("the disk is full");
            }
        };
        assertThatThrownBy(() -> await(issuer(), request(SUBJECT, broken))).isInstanceOf(StoreException.class);
    }

    /** The key names the issuer in logs and records: it does not change. */
    @Test
    public void issuerKey_isStable() {
        Issuer issuer = issuer();
        assertThat(issuer.issuerKey()).isNotBlank().isEqualTo(issuer.issuerKey());
    }
}
