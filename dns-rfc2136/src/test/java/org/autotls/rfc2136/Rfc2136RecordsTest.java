package org.autotls.rfc2136;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.autotls.Challenge;
import org.autotls.DnsRecords;
import org.autotls.Identifier;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.Presentation;
import org.autotls.Scheduler;
import org.autotls.TxtRecord;
import org.autotls.responder.Dns01Responder;
import org.autotls.testkit.BindServer;
import org.autotls.testkit.DnsRecordsContract;
import org.autotls.testkit.FreePorts;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Updates of a real BIND 9. Each test has names of its own. */
@Tag("rig")
class Rfc2136RecordsTest extends DnsRecordsContract {

    private static final String ZONE = "example.test";
    private static final String MORE = """
            @ IN NS ns2
            ns2 IN A 127.0.0.2
            _acme-challenge.alias IN CNAME alias.other.test.
            loop1 IN CNAME loop2
            loop2 IN CNAME loop1
            dn IN DNAME other.test.
            """;

    @TempDir
    static Path scratch;

    private static BindServer bind;
    private static BindServer secondary;
    private static HostileServer second;
    private static int port;
    private static int tests;

    private final int number = tests++;

    @BeforeAll
    static void startBind() throws IOException {
        port = FreePorts.next();
        bind = BindServer.primary(scratch.resolve("primary"), port, MORE, ZONE, "other.test");
        secondary = BindServer.laggingSecondary(scratch.resolve("secondary"), FreePorts.next(), bind, ZONE);
        second = new HostileServer("127.0.0.2", port, Rfc2136RecordsTest::relay, query -> new byte[0]);
    }

    /** The secondary at the address that the zone names: BIND listens on addresses of an interface only. */
    private static byte[] relay(byte[] query) {
        return relay(query, secondary.address());
    }

    private static byte[] relay(byte[] query, InetSocketAddress to) {
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"))) {
            socket.setSoTimeout(10_000);
            socket.send(new DatagramPacket(query, query.length, to));
            DatagramPacket answer = new DatagramPacket(new byte[65_535], 65_535);
            socket.receive(answer);
            return Arrays.copyOf(answer.getData(), answer.getLength());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterAll
    static void stopBind() throws IOException {
        second.close();
        bind.close();
        secondary.close();
    }

    private static DnsClient dns() {
        return new DnsClient(List.of(bind.address()), port, Duration.ofSeconds(10));
    }

    private static TsigKey key() {
        return new TsigKey(BindServer.KEY, "hmac-sha256", BindServer.SECRET);
    }

    private static Rfc2136Records records(TsigKey key, InstantSource clock) {
        return new Rfc2136Records(bind.address(), key, dns(), clock);
    }

    @Override
    protected DnsRecords records() {
        return records(key(), Clock.systemUTC());
    }

    @Override
    protected String name(String label) {
        return "_acme-challenge." + label + number + "." + ZONE;
    }

    @Override
    protected List<String> published(String name) {
        return bind.txt(name);
    }

    @Override
    protected void publishOther(String name, String value) {
        bind.addTxt(name, value);
    }

    private static Challenge challenge(String name, String token) {
        return new Challenge("dns-01", Identifier.of(name), token, token + ".thumbprint");
    }

    private TxtRecord record(String name) {
        return new TxtRecord(name, "value", challenge("a.example.test", "token"));
    }

    private static IssueException failure(DnsRecords records, TxtRecord record) {
        return catchThrowableOfType(IssueException.class, () -> records.add(record));
    }

    @Test
    void L1_badKey_saysWhich() {
        TsigKey unknown = new TsigKey("nobody", "hmac-sha256", BindServer.SECRET);
        IssueException failure = failure(records(unknown, Clock.systemUTC()), record(name("a")));
        assertThat(failure.kind()).isEqualTo(Kind.CONFIGURATION);
        assertThat(failure).hasMessageContaining("BADKEY").hasMessageContaining("nobody");
        assertNoSecret(failure);
    }

    @Test
    void L1_badSig_saysSo() {
        TsigKey wrong = new TsigKey(BindServer.KEY, "hmac-sha256", "d3JvbmctZXZlbi10aG91Z2gtbG9uZw==");
        IssueException failure = failure(records(wrong, Clock.systemUTC()), record(name("a")));
        assertThat(failure.kind()).isEqualTo(Kind.CONFIGURATION);
        assertThat(failure).hasMessageContaining("BADSIG");
        assertNoSecret(failure);
    }

    @Test
    void L1_badTime_namesTheClock() {
        InstantSource ahead = InstantSource.offset(InstantSource.system(), Duration.ofSeconds(400));
        IssueException failure = failure(records(key(), ahead), record(name("a")));
        assertThat(failure.kind()).isEqualTo(Kind.UNPROVED);
        assertThat(failure).hasMessageContaining("BADTIME").hasMessageContaining("clock");
    }

    @Test
    void L1_clockThatIsALittleOff_isNoError() {
        InstantSource behind = InstantSource.offset(InstantSource.system(), Duration.ofSeconds(-200));
        records(key(), behind).add(record(name("a")));
        assertThat(bind.txt(name("a"))).containsExactly("value");
    }

    @Test
    void L1_refused_saysWhatToAllow() {
        TsigKey stranger = new TsigKey("stranger", "hmac-sha256", BindServer.SECRET);
        IssueException failure = failure(records(stranger, Clock.systemUTC()), record(name("a")));
        assertThat(failure.kind()).isEqualTo(Kind.CONFIGURATION);
        assertThat(failure).hasMessageContaining("REFUSED").hasMessageContaining("update-policy");
    }

    @Test
    void L1_notAuth_saysThatItIsNotThePrimary() {
        DnsClient other = new DnsClient(List.of(secondary.address()), port, Duration.ofSeconds(10));
        // The zone is found, but the server is named for one that it does not hold.
        Rfc2136Records wrong = new Rfc2136Records(secondary.address(), key(), dns(), Clock.systemUTC());
        IssueException failure = failure(wrong, record("_acme-challenge.a.other.test"));
        assertThat(failure.kind()).isEqualTo(Kind.CONFIGURATION);
        assertThat(failure).hasMessageContaining("NOTAUTH").hasMessageContaining("other.test");
        assertThat(other.zone(Exchange.absolute("a." + ZONE))).hasToString(ZONE + ".");
    }

    @Test
    void L1_silence_isOfKindNetwork() {
        int nobody = FreePorts.next();
        InetSocketAddress silent = new InetSocketAddress("127.0.0.1", nobody);
        IssueException failure =
                failure(new Rfc2136Records(silent, key(), dns(), Clock.systemUTC()), record(name("a")));
        assertThat(failure.kind()).isEqualTo(Kind.NETWORK);
        assertThat(failure).hasMessageContaining("no answer").hasMessageContaining(Integer.toString(nobody));
    }

    @Test
    void L2_secondaryThatLags_isWaitedFor() {
        Dns01Responder responder = new Dns01Responder(records(), dns(), Scheduler.system(), Duration.ofMinutes(2));
        Presentation presentation = responder.present(challenge("lag.example.test", "token-lag"));
        assertThat(secondary.txt("_acme-challenge.lag.example.test")).hasSize(1);
        responder.cleanUp(presentation);
        assertThat(bind.txt("_acme-challenge.lag.example.test")).isEmpty();
    }

    @Test
    void L4_aliasIntoAnotherZone_isWrittenAndCheckedThere() {
        Dns01Responder responder = new Dns01Responder(records(), dns(), Scheduler.system(), Duration.ofMinutes(2));
        Presentation presentation = responder.present(challenge("alias.example.test", "token-alias"));
        assertThat(bind.txt("alias.other.test")).hasSize(1);
        new Dns01Responder(records()).cleanUp(presentation);
        assertThat(bind.txt("alias.other.test")).isEmpty();
    }

    @Test
    void L4_dname_isFollowedLikeAnAlias() {
        assertThat(dns().alias("_acme-challenge.x.dn.example.test")).contains("_acme-challenge.x.other.test");
    }

    @Test
    void L4_loop_isSeenStepByStep() {
        assertThat(dns().alias("loop1.example.test")).contains("loop2.example.test");
        assertThat(dns().alias("loop2.example.test")).contains("loop1.example.test");
    }

    @Test
    void authorities_areAllAddressesOfAllNameServers() {
        assertThat(dns().authorities("_acme-challenge.deep.below.example.test"))
                .containsExactlyInAnyOrder(bind.address(), second.address());
        assertThat(dns().authorities("other.test")).containsExactly(bind.address());
    }

    @Test
    void L7_resolverThatRemembersThatThereWasNothing_isNotAskedForValues() throws IOException {
        bind.addTxt(name("cached"), "there");
        byte[] txt = {0, 16, 0, 1};
        UnaryOperator<byte[]> cache = query -> {
            int end = 12;
            while (query[end] != 0) {
                end += query[end] + 1;
            }
            byte[] answer = relay(query, bind.address());
            if (Arrays.equals(Arrays.copyOfRange(query, end + 1, end + 5), txt)) {
                answer[7] = 0; // as it was a moment ago
            }
            return answer;
        };
        try (HostileServer resolver = new HostileServer("127.0.0.2", FreePorts.next(), cache, query -> query)) {
            DnsClient client = new DnsClient(List.of(resolver.address()), port, Duration.ofSeconds(10));
            List<InetSocketAddress> servers = client.authorities(name("cached"));
            assertThat(resolver.datagrams).hasPositiveValue();
            assertThat(client.txt(servers.get(servers.indexOf(bind.address())), name("cached")))
                    .containsExactly("there");
        }
    }

    @Test
    void txt_longAndSplitValues_areJoined() {
        String name = name("long");
        bind.addTxt(name, "x".repeat(250));
        assertThat(dns().txt(bind.address(), name)).isEqualTo(Set.of("x".repeat(250)));
    }

    @Test
    void L6_truncatedAnswer_isAskedForOverTcp() {
        String name = name("many");
        for (int i = 0; i < 20; i++) {
            bind.addTxt(name, i + "y".repeat(200));
        }
        assertThat(dns().txt(bind.address(), name)).hasSize(20);
    }

    @Test
    void txt_ofAServerThatDoesNotHoldTheZone_isAFailure() {
        IssueException failure = catchThrowableOfType(
                IssueException.class, () -> dns().txt(second.address(), "_acme-challenge.a.other.test"));
        assertThat(failure.kind()).isEqualTo(Kind.UNPROVED);
        assertThat(failure).hasMessageContaining("authoritative");
    }

    private static void assertNoSecret(Throwable failure) {
        for (Throwable one = failure; one != null; one = one.getCause()) {
            assertThat(one.toString()).doesNotContain(BindServer.SECRET);
        }
    }
}
