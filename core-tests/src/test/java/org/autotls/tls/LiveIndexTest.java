package org.autotls.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.autotls.CertificateBundle;
import org.autotls.KeyAlgorithm;
import org.autotls.KeyType;
import org.autotls.Subject;
import org.autotls.testkit.ChallengeBundles;
import org.autotls.testkit.ManualClock;
import org.autotls.testkit.TestCa;
import org.junit.jupiter.api.Test;

class LiveIndexTest {

    private static final Instant FROM = Instant.parse("2025-12-01T00:00:00Z");
    private static final Duration LIFETIME = Duration.ofDays(90);

    private final TestCa ca = new TestCa();
    private final ManualClock clock = new ManualClock();
    private final LiveIndex index = new LiveIndex(clock);

    private CertificateBundle issue(String... names) {
        return ca.issue(FROM, LIFETIME, names);
    }

    private Optional<CertificateBundle> served(String name) {
        return index.current().find(name).map(IndexEntry::bundle);
    }

    @Test
    void find_exactThenOneLabelWildcard_nothingElse() {
        CertificateBundle wild = issue("*.example");
        CertificateBundle exact = issue("a.example");
        index.put(Subject.of("*.example"), wild);
        index.put(Subject.of("a.example"), exact);
        assertThat(served("A.Example")).contains(exact);
        assertThat(served("b.example")).contains(wild);
        for (String name :
                new String[] {"a.b.example", ".example", "example", "*.example", "b.example.", "", "a", "a.a.a"}) {
            assertThat(served(name)).as(name).isEmpty();
        }
    }

    @Test
    void I17_find_twoKindsOfKey_eachClientGetsWhatItCanUse() {
        CertificateBundle ecdsa = issue("a.example", "192.0.2.1");
        CertificateBundle rsa = rsa(FROM, "a.example", "192.0.2.1");
        index.put(Subject.of("a.example"), ecdsa);
        index.put(Subject.of("a.example").alternate(KeyAlgorithm.RSA), rsa);
        assertThat(served("a.example")).as("who takes both").contains(ecdsa);
        assertThat(servedTo("RSA", "a.example")).contains(rsa);
        assertThat(servedTo("EC", "a.example")).contains(ecdsa);
        assertThat(servedTo("EdDSA", "a.example")).as("nothing it can use").contains(ecdsa);
        assertThat(index.current().findAddress("192.0.2.1", entry -> entry.fits("RSA")))
                .hasValueSatisfying(entry -> assertThat(entry.bundle()).isEqualTo(rsa));
        assertThat(index.current().size()).isEqualTo(2);
        assertThat(index.current().entries()).hasSize(2);
        assertThat(index.serves(Subject.of("a.example"), ecdsa)).isTrue();
        assertThat(index.serves(Subject.of("a.example").alternate(KeyAlgorithm.RSA), rsa))
                .isTrue();
        index.remove(Subject.of("a.example").alternate(KeyAlgorithm.RSA));
        assertThat(servedTo("RSA", "a.example")).as("for the engine to refuse").contains(ecdsa);
    }

    @Test
    void I17_find_anExpiredOne_isServedToThoseOnlyWhoCanUseNoOther() {
        CertificateBundle expired = ca.issue(FROM.minus(Duration.ofDays(500)), LIFETIME, "a.example");
        CertificateBundle rsa = rsa(FROM, "a.example");
        index.put(Subject.of("a.example"), expired);
        index.put(Subject.of("a.example").alternate(KeyAlgorithm.RSA), rsa);
        assertThat(served("a.example")).contains(rsa);
        assertThat(servedTo("EC", "a.example")).contains(expired);
    }

    @Test
    void I17_find_aWildcardServesWhoCannotUseTheExactOne_andNoOtherName() {
        CertificateBundle exact = issue("a.example");
        CertificateBundle wild = rsa(FROM, "*.example");
        index.put(Subject.of("a.example"), exact);
        index.put(Subject.of("*.example"), wild);
        index.put(Subject.of("b.test"), rsa(FROM, "b.test"));
        assertThat(served("a.example")).contains(exact);
        assertThat(servedTo("RSA", "a.example")).contains(wild);
        assertThat(servedTo("EC", "b.example")).contains(wild);
        assertThat(servedTo("RSA", "a.test")).isEmpty();
    }

    private CertificateBundle rsa(Instant from, String... names) {
        return ca.issue(KeyType.RSA_2048, from, LIFETIME, names);
    }

    private Optional<CertificateBundle> servedTo(String keyType, String name) {
        return index.current().find(name, entry -> entry.fits(keyType)).map(IndexEntry::bundle);
    }

    @Test
    void find_everyNameOfTheLeaf_whateverItIsStoredAs() {
        CertificateBundle bundle = issue("a.example", "b.example", "192.0.2.1", "2001:db8::1");
        index.put(Subject.of("a.example"), bundle);
        assertThat(served("b.example")).contains(bundle);
        assertThat(index.current().findAddress("192.0.2.1").map(IndexEntry::bundle))
                .contains(bundle);
        assertThat(index.current().findAddress("2001:db8::1")).isPresent();
        assertThat(index.current().findAddress("192.0.2.2")).isEmpty();
        assertThat(served("192.0.2.1")).as("by server name").isEmpty();
    }

    @Test
    void find_twoForOneName_theNewestValidOne() {
        CertificateBundle expired =
                ca.issue(FROM.minus(Duration.ofDays(1)), Duration.ofDays(2), "a.example", "c.example");
        CertificateBundle older = issue("a.example", "b.example");
        CertificateBundle newer = ca.issue(FROM.plusSeconds(1), Duration.ofDays(40), "a.example");
        CertificateBundle future = ca.issue(FROM.plus(Duration.ofDays(365)), LIFETIME, "a.example", "d.example");
        for (CertificateBundle bundle : new CertificateBundle[] {future, newer, older, expired}) {
            index.put(Subject.of(bundle.identifiers()), bundle);
        }
        assertThat(served("a.example")).contains(newer);
        assertThat(served("c.example")).contains(expired);
        assertThat(served("d.example")).contains(future);
        assertThat(served("b.example")).contains(older);
    }

    @Test
    void find_expired_isServedIfThereIsNoOther() {
        CertificateBundle expired = ca.issue(FROM, Duration.ofDays(1), "a.example");
        index.put(Subject.of("a.example"), expired);
        assertThat(served("a.example")).contains(expired);
    }

    @Test
    void put_swap_aliasStandsForOneBundleAndIsForgottenAfterAMinute() {
        CertificateBundle first = issue("a.example");
        CertificateBundle second = issue("a.example");
        index.put(Subject.of("a.example"), first);
        IndexEntry old = index.current().find("a.example").orElseThrow();
        index.put(Subject.of("a.example"), second);
        IndexEntry current = index.current().find("a.example").orElseThrow();
        assertThat(current.alias()).isNotEqualTo(old.alias());
        clock.advance(Duration.ofSeconds(59));
        assertThat(index.findAlias(old.alias())).containsSame(old);
        clock.advance(Duration.ofSeconds(1));
        assertThat(index.findAlias(old.alias())).isEmpty();
        assertThat(index.findAlias(current.alias())).containsSame(current);
        assertThat(clock.pending()).isZero();
    }

    @Test
    void put_sameBundleAgain_keepsItsAlias() {
        CertificateBundle bundle = issue("a.example");
        index.put(Subject.of("a.example"), bundle);
        String alias = index.current().find("a.example").orElseThrow().alias();
        index.put(Subject.of("a.example"), CertificateBundle.of(bundle.privateKey(), bundle.chain()));
        assertThat(index.current().find("a.example").orElseThrow().alias()).isEqualTo(alias);
    }

    @Test
    void J9_bundleWithAcmeIdentifier_isRefusedAndHurtsNoOther() {
        CertificateBundle good = issue("a.example");
        CertificateBundle planted = ChallengeBundles.of(KeyType.EC_P256, "a.example");
        index.put(Subject.of("a.example"), good);
        assertThatThrownBy(() -> index.put(Subject.of("a.example"), planted))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("acmeIdentifier");
        assertThatThrownBy(() -> index.putFallback(planted)).isInstanceOf(IllegalArgumentException.class);
        assertThat(served("a.example")).contains(good);
        assertThat(index.replace(Map.of(Subject.of("a.example"), planted, Subject.of("b.example"), issue("b.example"))))
                .containsExactly(Subject.of("a.example"));
        assertThat(served("a.example")).contains(good);
        assertThat(served("b.example")).isPresent();
    }

    @Test
    void replace_servesTheseAndNoOthers() {
        index.put(Subject.of("a.example"), issue("a.example"));
        index.replace(Map.of(Subject.of("b.example"), issue("b.example")));
        assertThat(served("a.example")).isEmpty();
        assertThat(served("b.example")).isPresent();
    }

    @Test
    void putFallback_isNotFoundByName() {
        index.putFallback(issue("d.example"));
        assertThat(index.current().fallback()).isPresent();
        assertThat(served("d.example")).isEmpty();
        index.removeFallback();
        assertThat(index.current().fallback()).isEmpty();
    }

    @Test
    void put_olderIndex_staysAsItWas() {
        CertificateBundle first = issue("a.example", "b.example");
        index.put(Subject.of("a.example"), first);
        CertificateIndex before = index.current();
        index.put(Subject.of("a.example"), issue("a.example", "c.example"));
        assertThat(before.find("b.example").map(IndexEntry::bundle)).contains(first);
        assertThat(before.find("c.example")).isEmpty();
        assertThat(before.size()).isEqualTo(2);
        assertThat(served("b.example")).isEmpty();
        assertThat(served("c.example")).isPresent();
        assertThat(index.current().size()).isEqualTo(2);
    }

    @Test
    void remove_theBestForAName_theNextBestIsServedAgain() {
        CertificateBundle older = issue("a.example");
        CertificateBundle newer = ca.issue(FROM.plusSeconds(1), LIFETIME, "a.example", "b.example");
        index.put(Subject.of("a.example"), older);
        index.put(Subject.of("a.example", "b.example"), newer);
        assertThat(served("a.example")).contains(newer);
        assertThat(index.current().entries()).hasSize(1);
        index.remove(Subject.of("a.example", "b.example"));
        assertThat(served("a.example")).contains(older);
        assertThat(served("b.example")).isEmpty();
    }

    @Test
    void find_oneThatWasNotValidYet_isServedFromWhenItIs_withoutAChange() {
        CertificateBundle old = issue("a.example");
        CertificateBundle future = ca.issue(clock.instant().plusSeconds(60), LIFETIME, "a.example", "d.example");
        index.put(Subject.of("a.example"), old);
        index.put(Subject.of("a.example", "d.example"), future);
        assertThat(served("a.example")).contains(old);
        assertThat(index.serves(Subject.of("a.example", "d.example"), future)).isFalse();
        clock.advance(Duration.ofSeconds(60));
        assertThat(served("a.example")).contains(future);
        assertThat(index.serves(Subject.of("a.example", "d.example"), future)).isTrue();
    }

    @Test
    void I17_find_oneOfTwoExpires_theOtherIsServedFromThen_withoutAChange() {
        CertificateBundle ecdsa = issue("a.example", "192.0.2.1");
        CertificateBundle rsa = rsa(FROM.plus(Duration.ofDays(30)), "a.example", "192.0.2.1");
        index.put(Subject.of("a.example"), ecdsa);
        index.put(Subject.of("a.example").alternate(KeyAlgorithm.RSA), rsa);
        clock.advance(Duration.between(clock.instant(), ecdsa.notAfter()).minusSeconds(1));
        assertThat(served("a.example")).contains(ecdsa);
        CertificateIndex before = index.current();
        clock.advance(Duration.ofSeconds(1));
        assertThat(served("a.example")).contains(rsa);
        assertThat(before.findAddress("192.0.2.1").map(IndexEntry::bundle)).contains(rsa);
        assertThat(servedTo("EC", "a.example")).as("it can use no other").contains(ecdsa);
        clock.advance(Duration.ofDays(31));
        assertThat(served("a.example")).as("both have expired").contains(ecdsa);
    }

    @Test
    void find_aValidWildcard_beforeAnExactOneThatHasExpired_andNotBeforeAnother() {
        CertificateBundle exact = ca.issue(FROM, Duration.ofDays(60), "a.example");
        CertificateBundle wild = issue("*.example");
        index.put(Subject.of("a.example"), exact);
        index.put(Subject.of("*.example"), wild);
        assertThat(served("a.example")).contains(exact);
        assertThat(index.serves(Subject.of("a.example"), exact)).isTrue();
        clock.advance(Duration.between(clock.instant(), exact.notAfter()));
        assertThat(served("a.example")).contains(wild);
        assertThat(index.serves(Subject.of("a.example"), exact)).isTrue();
        clock.advance(Duration.between(clock.instant(), wild.notAfter()));
        assertThat(served("a.example")).as("both have expired").contains(exact);
        assertThat(served("b.example")).contains(wild);
        CertificateBundle renewed = ca.issue(clock.instant(), LIFETIME, "a.example");
        index.put(Subject.of("a.example"), renewed);
        assertThat(served("a.example")).contains(renewed);
    }

    @Test
    void I17_find_whatAClientCanUse_beforeWhatIsValid() {
        CertificateBundle expired = ca.issue(FROM.minus(Duration.ofDays(500)), LIFETIME, "a.example");
        CertificateBundle wild = rsa(FROM, "*.example");
        index.put(Subject.of("a.example"), expired);
        index.put(Subject.of("*.example"), wild);
        assertThat(served("a.example")).contains(wild);
        assertThat(servedTo("EC", "a.example")).contains(expired);
        assertThat(servedTo("EdDSA", "a.example"))
                .as("for the engine to refuse")
                .contains(wild);
    }

    /** Counted in bytes that are allocated, since a copy of all names is made of those. */
    @Test
    void put_costsNoMoreAmongManyNamesThanAmongFew() {
        fill(0, 1);
        long amongFew = bytesOfOneRenewal();
        fill(1, 250);
        assertThat(index.current().size()).isEqualTo(25_001);
        assertThat(bytesOfOneRenewal()).isLessThan(10 * amongFew).isLessThan(100_000);
    }

    /** A hundred names on each certificate. */
    private void fill(int from, int to) {
        for (int i = from; i < to; i++) {
            String[] names = new String[100];
            for (int j = 0; j < names.length; j++) {
                names[j] = "n" + j + ".z" + i + ".example";
            }
            index.put(Subject.of(names[0]), issue(names));
        }
    }

    private long bytesOfOneRenewal() {
        ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        index.put(Subject.of("a.example"), issue("a.example"));
        CertificateBundle next = issue("a.example");
        next.identifiers();
        long before = thread.getCurrentThreadAllocatedBytes();
        index.put(Subject.of("a.example"), next);
        return thread.getCurrentThreadAllocatedBytes() - before;
    }
}
