package org.autotls.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.autotls.Challenge;
import org.autotls.DnsRecords;
import org.autotls.Identifier;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.TxtRecord;
import org.autotls.dns.FakeApi.Answer;
import org.autotls.testkit.DnsRecordsContract;
import org.autotls.testkit.ManualClock;
import org.autotls.testkit.RefusingPort;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every provider must do, when its API works and when it does not. */
abstract class ProviderContract extends DnsRecordsContract {

    /** What no message and no log line may show. */
    static final String SECRET = "the-secret-of-this-test";

    final ManualClock clock = new ManualClock();
    final FakeApi api = fake();

    abstract FakeApi fake();

    abstract DnsRecords records(ApiEndpoint endpoint);

    @AfterEach
    void close() {
        api.close();
        assertThat(api.problems).isEmpty();
    }

    @Override
    protected DnsRecords records() {
        return records(new ApiEndpoint(api.url(), clock));
    }

    @Override
    protected String name(String label) {
        return "_acme-challenge." + label + "." + FakeApi.ZONE;
    }

    @Override
    protected List<String> published(String name) {
        return api.values(name);
    }

    @Override
    protected void publishOther(String name, String value) {
        api.add(name, value);
    }

    static TxtRecord record(String name, String value) {
        Identifier identifier = Identifier.of(name.replaceFirst("^_acme-challenge\\.", ""));
        return new TxtRecord(name, value, new Challenge("dns-01", identifier, "token", "token.print"));
    }

    private IssueException failure(DnsRecords records, Answer answer) {
        api.fault(request -> Optional.of(answer));
        IssueException failure =
                catchThrowableOfType(IssueException.class, () -> records.add(record(name("a"), "value")));
        assertThat(failure).isNotNull();
        assertThat(failure.toString()).doesNotContain(SECRET);
        return failure;
    }

    @Test
    void unauthorized_isAMatterOfConfiguration() {
        IssueException failure = failure(records(), Answer.of(401, "{\"message\":\"who are you?\"}"));
        assertThat(failure.kind()).isEqualTo(Kind.CONFIGURATION);
        assertThat(failure).hasMessageContaining("does not know").hasMessageContaining("who are you?");
    }

    @Test
    void forbidden_isAMatterOfConfiguration() {
        IssueException failure = failure(records(), Answer.of(403, "{\"message\":\"read-only\"}"));
        assertThat(failure.kind()).isEqualTo(Kind.CONFIGURATION);
        assertThat(failure).hasMessageContaining("lacks the right").hasMessageContaining("read-only");
    }

    @Test
    void tooManyRequests_saysWhenToComeBack() {
        IssueException failure = failure(records(), new Answer(429, "{}", "90"));
        assertThat(failure.kind()).isEqualTo(Kind.UNPROVED);
        assertThat(failure.retryAt()).contains(clock.instant().plusSeconds(90));
    }

    @Test
    void troubleOfTheirs_mayPass() {
        IssueException failure = failure(records(), Answer.of(503, "<html>maintenance</html>"));
        assertThat(failure.kind()).isEqualTo(Kind.UNPROVED);
        assertThat(failure).hasMessageContaining("503").hasMessageContaining("maintenance");
    }

    @Test
    void garbage_isNoAnswer() {
        assertThat(failure(records(), Answer.of(200, "<html>\u0007log in</html"))
                        .kind())
                .isEqualTo(Kind.UNPROVED);
    }

    @Test
    void emptyJson_isNoZone() {
        IssueException failure = failure(records(), Answer.of(200, "{}"));
        assertThat(failure.kind()).isIn(Kind.CONFIGURATION, Kind.UNPROVED);
    }

    @Test
    void stall_endsAtTheDeadline() {
        IssueException failure =
                failure(records(new ApiEndpoint(api.url(), Duration.ofMillis(300), clock)), Answer.STALL);
        assertThat(failure.kind()).isEqualTo(Kind.UNPROVED);
        assertThat(failure).hasMessageContaining("300 ms");
    }

    @Test
    void answerWithoutEnd_isCutOff() {
        IssueException failure = failure(records(), Answer.of(200, " ".repeat((1 << 20) + 1)));
        assertThat(failure.kind()).isEqualTo(Kind.UNPROVED);
        assertThat(failure).hasMessageContaining("larger than");
    }

    @Test
    void nobodyThere_isOfKindNetwork() {
        try (RefusingPort nobody = RefusingPort.open()) {
            DnsRecords records = records(new ApiEndpoint(URI.create("http://127.0.0.1:" + nobody.number()), clock));
            IssueException failure =
                    catchThrowableOfType(IssueException.class, () -> records.add(record(name("a"), "value")));
            assertThat(failure.kind()).isEqualTo(Kind.NETWORK);
            assertThat(failure.toString()).doesNotContain(SECRET);
        }
    }

    @Test
    void zoneOfSomebodyElse_isAMatterOfConfiguration() {
        IssueException failure = catchThrowableOfType(
                IssueException.class, () -> records().add(record("_acme-challenge.www.example.org", "value")));
        assertThat(failure.kind()).isEqualTo(Kind.CONFIGURATION);
        assertThat(failure).hasMessageContaining("no zone for _acme-challenge.www.example.org");
    }

    @Test
    void L9_toString_showsNoSecret() {
        assertThat(records().toString()).contains("127.0.0.1").doesNotContain(SECRET);
    }

    @Test
    void stopped_endsAtOnce() throws InterruptedException {
        api.fault(request -> Optional.of(Answer.STALL));
        IssueException[] failure = new IssueException[1];
        Thread thread = new Thread(() -> {
            Thread.currentThread().interrupt();
            failure[0] =
                    catchThrowableOfType(IssueException.class, () -> records().add(record(name("a"), "value")));
        });
        thread.start();
        thread.join(60_000);
        assertThat(failure[0].kind()).isEqualTo(Kind.STOPPED);
    }
}
