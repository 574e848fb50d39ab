package org.autotls.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.autotls.Challenge;
import org.autotls.DnsRecords;
import org.autotls.Identifier;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.TxtRecord;
import org.autotls.dns.FakeApi.Answer;
import org.autotls.internal.JsonObject;
import org.autotls.store.DirectoryStore;
import org.autotls.testkit.ManualClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Not the contract of others: acme-dns removes nothing, and holds the two newest values of a name. */
class AcmeDnsRecordsTest {

    private static final String SECRET = "the-secret-of-this-test-0123456789abcdef";

    /** Of the forms in the README of github.com/joohoi/acme-dns. */
    private static final class Fake extends FakeApi {

        private int registrations;

        @Override
        Answer answer(Request request) {
            JsonObject body = JsonObject.parse(request.body());
            return switch (request.method() + " " + request.path()) {
                case "POST /register" -> {
                    String id = "sub" + ++registrations;
                    yield Answer.of(
                            201,
                            "{\"username\":\"user-" + id + "\",\"password\":\"" + SECRET + "\",\"fulldomain\":\"" + id
                                    + ".acme-dns.example\",\"subdomain\":\"" + id + "\",\"allowfrom\":[]}");
                }
                case "POST /update" -> {
                    String subdomain = body.text("subdomain").orElse("");
                    require(request.header("x-api-user").equals("user-" + subdomain), "user", request);
                    require(request.header("x-api-key").equals(SECRET), "key", request);
                    add(subdomain + ".acme-dns.example", body.text("txt").orElseThrow());
                    yield Answer.of(200, "{\"txt\":\"value\"}");
                }
                default -> unknown(request);
            };
        }
    }

    @TempDir
    Path directory;

    private final ManualClock clock = new ManualClock();
    private final FakeApi api = new Fake();

    @AfterEach
    void close() {
        api.close();
        assertThat(api.problems).isEmpty();
    }

    private DnsRecords records() {
        return new AcmeDnsRecords(DirectoryStore.open(directory, clock).state(), new ApiEndpoint(api.url(), clock));
    }

    private static TxtRecord record(String name, String identifier) {
        return new TxtRecord(name, "value", new Challenge("dns-01", Identifier.of(identifier), "token", "token.print"));
    }

    private IssueException failure(String name, String identifier) {
        return catchThrowableOfType(IssueException.class, () -> records().add(record(name, identifier)));
    }

    @Test
    void firstTime_registersAndSaysWhichAliasToAdd() throws IOException {
        IssueException failure = failure("_acme-challenge.example.org", "example.org");
        assertThat(failure.kind()).isEqualTo(Kind.CONFIGURATION);
        assertThat(failure)
                .hasMessageContaining("'_acme-challenge.example.org. CNAME sub1.acme-dns.example.'")
                .hasMessageNotContaining(SECRET);
        Path kept = directory.resolve(".autotls/state/2/acme-dns/example.org");
        assertThat(Files.readString(kept)).contains(SECRET);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(kept)))
                .isEqualTo("rw-------");
    }

    @Test
    void withTheAlias_aWildcardAndItsBaseNameShareARegistration() {
        failure("_acme-challenge.example.org", "example.org");
        assertThat(records().add(record("sub1.acme-dns.example", "*.example.org")))
                .isEmpty();
        records().add(record("sub1.acme-dns.example", "example.org"));
        assertThat(api.values("sub1.acme-dns.example")).containsExactly("value", "value");
        assertThat(failure("_acme-challenge.www.example.org", "www.example.org"))
                .hasMessageContaining("sub2.acme-dns.example");
        assertThat(api.requests.stream().filter(request -> request.path().equals("/register")))
                .hasSize(2);
    }

    @Test
    void refusals_areClassedAndShowNoSecret() {
        failure("_acme-challenge.example.org", "example.org");
        for (int status : new int[] {401, 403}) {
            api.fault(request -> Optional.of(Answer.of(status, "{\"error\":\"forbidden\"}")));
            IssueException failure = failure("sub1.acme-dns.example", "example.org");
            assertThat(failure.kind()).isEqualTo(Kind.CONFIGURATION);
            assertThat(failure.toString()).contains("forbidden").doesNotContain(SECRET);
        }
        api.fault(request -> Optional.of(Answer.of(500, "")));
        assertThat(failure("sub1.acme-dns.example", "example.org").kind()).isEqualTo(Kind.UNPROVED);
        api.fault(request -> Optional.of(Answer.of(200, "no JSON, " + SECRET)));
        IssueException garbage = failure("_acme-challenge.example.net", "example.net");
        assertThat(garbage.kind()).isEqualTo(Kind.UNPROVED);
        assertThat(garbage.toString()).doesNotContain(SECRET);
    }
}
