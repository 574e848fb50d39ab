package org.autotls.rfc2136;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Arrays;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.doctor.CaaRecord;
import org.autotls.testkit.BindServer;
import org.autotls.testkit.FreePorts;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a CA asks of DNS, asked of a real BIND 9. */
@Tag("rig")
class ResolverLookupTest {

    private static final String MORE = """
            both IN A 192.0.2.1
            both IN AAAA 2001:db8::1
            alias IN CNAME both
            away IN CNAME www.other.test.
            loop1 IN CNAME loop2
            loop2 IN CNAME loop1
            none IN TXT "nothing else"
            caa IN CAA 0 issue "ca.example; validationmethods=dns-01"
            caa IN CAA 128 future "x"
            caa-alias IN CNAME caa
            """;

    @TempDir
    static Path scratch;

    private static BindServer bind;
    private static ResolverLookup lookup;

    @BeforeAll
    static void start() {
        bind = BindServer.primary(scratch.resolve("bind"), FreePorts.next(), MORE, "example.test", "other.test");
        lookup = ResolverLookup.at(bind.address());
    }

    @AfterAll
    static void stop() {
        bind.close();
    }

    private static IssueException failure(String name) {
        return catchThrowableOfType(IssueException.class, () -> lookup.addresses(name));
    }

    @Test
    void addresses_ofBothKinds_throughAliasesAndZones() {
        assertThat(lookup.addresses("both.example.test"))
                .extracting(InetAddress::getHostAddress)
                .containsExactly("192.0.2.1", "2001:db8:0:0:0:0:0:1");
        assertThat(lookup.addresses("alias.example.test")).hasSize(2);
        assertThat(lookup.addresses("away.example.test"))
                .extracting(InetAddress::getHostAddress)
                .containsExactly("127.0.0.1");
    }

    @Test
    void addresses_none_areNone() {
        assertThat(lookup.addresses("none.example.test")).isEmpty();
        assertThat(lookup.addresses("a.none.example.test")).isEmpty();
    }

    @Test
    void addresses_loopOfAliases_ends() {
        assertThat(failure("loop1.example.test").kind()).isEqualTo(Kind.UNPROVED);
    }

    @Test
    void addresses_ofAZoneThatIsNotThere_areNotKnown() {
        IssueException refused = failure("www.elsewhere.test");
        assertThat(refused.kind()).isEqualTo(Kind.NETWORK);
        assertThat(refused).hasMessageContaining("REFUSED");
    }

    @Test
    void caa_recordsOfOneNameAndOfWhatItStandsFor() {
        CaaRecord issue = new CaaRecord(false, "issue", "ca.example; validationmethods=dns-01");
        CaaRecord future = new CaaRecord(true, "future", "x");
        assertThat(lookup.caa("caa.example.test")).containsExactlyInAnyOrder(issue, future);
        assertThat(lookup.caa("caa-alias.example.test")).containsExactlyInAnyOrder(issue, future);
        assertThat(lookup.caa("below.caa.example.test"))
                .as("nobody climbs here")
                .isEmpty();
    }

    @Test
    void servfail_isAnAnswerOfNoUse() throws IOException {
        try (HostileServer broken = new HostileServer(ResolverLookupTest::servfail, ResolverLookupTest::servfail)) {
            ResolverLookup asking = ResolverLookup.at(broken.address());
            IssueException failure = catchThrowableOfType(IssueException.class, () -> asking.caa("www.example.test"));
            assertThat(failure.kind()).isEqualTo(Kind.UNPROVED);
            assertThat(failure).hasMessageContaining("SERVFAIL").hasMessageContaining("CAA");
        }
    }

    private static byte[] servfail(byte[] query) {
        byte[] answer = Arrays.copyOf(query, query.length);
        answer[2] = (byte) 0x81;
        answer[3] = (byte) 0x82;
        return answer;
    }
}
