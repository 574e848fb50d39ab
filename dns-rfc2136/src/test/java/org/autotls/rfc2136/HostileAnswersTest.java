package org.autotls.rfc2136;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.autotls.Challenge;
import org.autotls.Identifier;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.TxtRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** L6: a DNS server, or somebody who can send packets in its name, as an attacker. Each answer is made byte by byte. */
@Timeout(60)
class HostileAnswersTest {

    private static final String NAME = "_acme-challenge.a.example.test";

    /** QR, AA, and as much of the query as a test wants back. */
    private static byte[] header(byte[] query, int questions, int answers, int flags) {
        byte[] header = new byte[12];
        header[0] = query[0];
        header[1] = query[1];
        header[2] = (byte) (0x84 | flags >> 8);
        header[3] = (byte) flags;
        header[5] = (byte) questions;
        header[6] = (byte) (answers >> 8);
        header[7] = (byte) answers;
        return header;
    }

    private static byte[] question(byte[] query) {
        int end = 12;
        while (query[end] != 0) {
            end += query[end] + 1;
        }
        return Arrays.copyOfRange(query, 12, end + 5);
    }

    private static byte[] txt(byte[] owner, String value) {
        byte[] text = value.getBytes(StandardCharsets.US_ASCII);
        return join(owner, new byte[] {0, 16, 0, 1, 0, 0, 0, 1, 0, (byte) (text.length + 1), (byte) text.length}, text);
    }

    /** A pointer to the question's name. */
    private static final byte[] SAME = {(byte) 0xc0, 12};

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    private static byte[] records(byte[] query, int count) {
        byte[][] parts = new byte[count + 2][];
        parts[0] = header(query, 1, count, 0);
        parts[1] = question(query);
        for (int i = 0; i < count; i++) {
            parts[i + 2] = txt(SAME, "v" + i);
        }
        return join(parts);
    }

    private static byte[] nothing(byte[] query) {
        return Arrays.copyOf(query, 0);
    }

    private static Set<String> ask(HostileServer server) {
        return new DnsClient(List.of(), 53, Duration.ofSeconds(2)).txt(server.address(), NAME);
    }

    private static IssueException refusal(UnaryOperator<byte[]> answer) throws IOException {
        try (HostileServer server = new HostileServer(answer, HostileAnswersTest::nothing)) {
            IssueException failure = catchThrowableOfType(IssueException.class, () -> ask(server));
            assertThat(failure).isNotNull();
            assertThat(server.datagrams).hasValueBetween(1, 2);
            return failure;
        }
    }

    @Test
    void answerAsItShouldBe_isRead() throws IOException {
        try (HostileServer server = new HostileServer(query -> records(query, 2), HostileAnswersTest::nothing)) {
            assertThat(ask(server)).containsExactlyInAnyOrder("v0", "v1");
        }
    }

    @Test
    void L6_recordsOfOtherNamesInAnyOrder_areNotTaken() throws IOException {
        byte[] evil = {4, 'e', 'v', 'i', 'l', 0};
        byte[] alias = join(SAME, new byte[] {0, 5, 0, 1, 0, 0, 0, 1, 0, 6}, evil);
        UnaryOperator<byte[]> answer =
                query -> join(header(query, 1, 3, 0), question(query), txt(evil, "theirs"), txt(SAME, "ours"), alias);
        try (HostileServer server = new HostileServer(answer, HostileAnswersTest::nothing)) {
            assertThat(ask(server)).containsExactly("ours");
        }
    }

    @Test
    void L6_compressionLoop_isNoAnswer() throws IOException {
        byte[] itself = {(byte) 0xc0, 12 + 32 + 4};
        IssueException failure = refusal(query -> {
            byte[] question = question(query);
            byte[] loop = {(byte) 0xc0, (byte) (12 + question.length)};
            assertThat(itself).hasSameSizeAs(loop);
            return join(header(query, 1, 1, 0), question, txt(loop, "x"));
        });
        assertThat(failure.kind()).isEqualTo(Kind.UNPROVED);
    }

    @Test
    void L6_wrongId_isNoAnswer() throws IOException {
        assertThat(refusal(query -> {
                    byte[] answer = records(query, 1);
                    answer[0] ^= 1;
                    return answer;
                }))
                .isNotNull();
    }

    @Test
    void L6_anotherQuestion_isNoAnswer() throws IOException {
        IssueException failure = refusal(query -> {
            byte[] answer = records(query, 1);
            answer[14] ^= 1;
            return answer;
        });
        assertThat(failure.kind()).isEqualTo(Kind.UNPROVED);
        assertThat(failure).hasMessageContaining("no DNS answer");
    }

    @Test
    void L6_questionSentBack_isNoAnswer() throws IOException {
        assertThat(refusal(query -> query)).hasMessageContaining("a question back");
    }

    @Test
    void L6_noQuestion_isNoAnswer() throws IOException {
        assertThat(refusal(query -> join(header(query, 0, 1, 0), txt(new byte[] {0}, "x"))))
                .hasMessageContaining("question section missing");
    }

    @Test
    void L6_cutOffAnywhere_isNoAnswer() throws IOException {
        byte[] query = join(new byte[12], new byte[] {1, 'a', 0, 0, 16, 0, 1});
        int length = records(query, 1).length;
        for (int cut = 1; cut < length; cut += 3) {
            int less = cut;
            assertThat(refusal(asked -> {
                        byte[] whole = records(asked, 1);
                        return Arrays.copyOf(whole, whole.length - less);
                    }))
                    .as("%d bytes missing", cut)
                    .isNotNull();
        }
    }

    @Test
    void L6_moreRecordsThanThereAre_isNoAnswer() throws IOException {
        assertThat(refusal(query -> {
                    byte[] answer = records(query, 1);
                    answer[6] = (byte) 0xff;
                    return answer;
                }))
                .isNotNull();
    }

    @Test
    void L6_truncated_isAskedForOverTcp() throws IOException {
        UnaryOperator<byte[]> cut = query -> join(header(query, 1, 0, 0x200), question(query));
        try (HostileServer server = new HostileServer(cut, query -> records(query, 3))) {
            assertThat(ask(server)).containsExactlyInAnyOrder("v0", "v1", "v2");
            assertThat(server.connections).hasValue(1);
        }
    }

    @Test
    void L6_truncatedAndThenNothingOverTcp_isNoAnswerAndEnds() throws IOException {
        UnaryOperator<byte[]> cut = query -> join(header(query, 1, 0, 0x200), question(query));
        try (HostileServer server = new HostileServer(cut, HostileAnswersTest::nothing)) {
            assertThat(catchThrowableOfType(IssueException.class, () -> ask(server)))
                    .isNotNull();
        }
    }

    @Test
    void L6_allThat64KibibytesHold_isRead() throws IOException {
        UnaryOperator<byte[]> cut = query -> join(header(query, 1, 0, 0x200), question(query));
        int count = 3500;
        try (HostileServer server = new HostileServer(cut, query -> records(query, count))) {
            assertThat(ask(server)).hasSize(count);
        }
    }

    @Test
    void L6_aliasThatIsNoName_isRefusedWithItsTextEscaped() throws IOException {
        UnaryOperator<byte[]> answer = query -> join(
                header(query, 1, 1, 0x80), // RA: as a resolver
                question(query),
                SAME,
                new byte[] {0, 5, 0, 1, 0, 0, 0, 1, 0, 6, 4, '\n', 'E', 27, 'x', 0});
        try (HostileServer server = new HostileServer(answer, HostileAnswersTest::nothing)) {
            DnsClient client = new DnsClient(List.of(server.address()), 53, Duration.ofSeconds(2));
            IssueException failure =
                    catchThrowableOfType(IssueException.class, () -> client.zone(Exchange.absolute("a.test")));
            assertThat(failure.getMessage()).doesNotContain("\n", "\u001b");
        }
    }

    @Test
    void L6_updateAnswerThatIsNotSigned_isNotBelieved() throws IOException {
        IssueException failure = updateAnsweredBy(0);
        assertThat(failure.kind()).isEqualTo(Kind.UNPROVED);
        assertThat(failure).hasMessageContaining("not signed");
    }

    /** BIND answers so if it cannot write its journal. */
    @Test
    void L1_servFail_isTroubleOfTheServersThatMayPass() throws IOException {
        IssueException failure = updateAnsweredBy(2);
        assertThat(failure.kind()).isEqualTo(Kind.UNPROVED);
        assertThat(failure).hasMessageContaining("in trouble (SERVFAIL)").hasMessageContaining("its log says why");
    }

    /** A server that knows the zone, and answers each update with this code and without a signature. */
    private static IssueException updateAnsweredBy(int code) throws IOException {
        byte[] soa = {0, 6, 0, 1, 0, 0, 0, 1, 0, 22, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1};
        UnaryOperator<byte[]> answer = query -> {
            boolean update = (query[2] & 0x78) == 0x28;
            byte[] reply = update
                    ? join(header(query, 1, 0, code), question(query))
                    : join(header(query, 1, 1, 0), question(query), SAME, soa);
            reply[2] |= (byte) (query[2] & 0x78);
            return reply;
        };
        try (HostileServer server = new HostileServer(answer, HostileAnswersTest::nothing)) {
            Rfc2136Records records = new Rfc2136Records(
                    server.address(),
                    new TsigKey("acme", "hmac-sha256", "c2VjcmV0LW9mLWEtdGVzdA=="),
                    new DnsClient(List.of(server.address())),
                    Clock.systemUTC());
            TxtRecord record = new TxtRecord(
                    NAME, "value", new Challenge("dns-01", Identifier.of("a.example.test"), "token", "token.print"));
            return catchThrowableOfType(IssueException.class, () -> records.add(record));
        }
    }
}
