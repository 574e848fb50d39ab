package org.autotls.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.net.URI;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.autotls.DnsRecords;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.junit.jupiter.api.Test;

class Route53RecordsTest extends ProviderContract {

    private static final AwsCredentials CREDENTIALS = new AwsCredentials("AKIDEXAMPLE", SECRET, "a-session");

    /** Of the forms in the Amazon Route 53 API Reference, API version 2013-04-01. */
    private static final class Fake extends FakeApi {

        private static final String SETS = "/2013-04-01/hostedzone/Z111111QQQQQQQ/rrset";

        private final InstantSource clock;

        Fake(InstantSource clock) {
            this.clock = clock;
        }

        @Override
        Answer answer(Request request) {
            checkSignature(request);
            return switch (request.method() + " " + request.path()) {
                case "GET /2013-04-01/hostedzonesbyname" -> zones();
                case "GET " + SETS -> set(request);
                case "POST " + SETS + "/" -> change(request);
                default -> unknown(request);
            };
        }

        /** What was sent is what was signed; that signing itself is right, the test suite of AWS says. */
        private void checkSignature(Request request) {
            Map<String, String> expected = new SigV4(CREDENTIALS, "us-east-1", "route53")
                    .headers(
                            request.method(),
                            URI.create("http://" + request.header("host") + request.uri()),
                            request.body(),
                            clock.instant());
            expected.forEach((name, value) -> require(
                    request.header(name.toLowerCase(java.util.Locale.ROOT)).equals(value), name, request));
        }

        private static Answer zones() {
            return Answer.of(
                    200,
                    "<ListHostedZonesByNameResponse xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\">"
                            + "<HostedZones>"
                            + zone("/hostedzone/ZPRIVATE", "true")
                            + zone("/hostedzone/Z111111QQQQQQQ", "false")
                            + "</HostedZones></ListHostedZonesByNameResponse>");
        }

        private static String zone(String id, String isPrivate) {
            return "<HostedZone><Id>" + id + "</Id><Name>example.test.</Name><Config><PrivateZone>" + isPrivate
                    + "</PrivateZone></Config></HostedZone>";
        }

        private Answer set(Request request) {
            require(
                    request.parameter("type").equals("TXT")
                            && request.parameter("maxitems").equals("1"),
                    "query",
                    request);
            String name = request.parameter("name");
            return Answer.of(
                    200,
                    "<ListResourceRecordSetsResponse><ResourceRecordSets>"
                            + (values(name).isEmpty()
                                    ? set("zzz.example.test", List.of("next"))
                                    : set(name, values(name)))
                            + "</ResourceRecordSets></ListResourceRecordSetsResponse>");
        }

        private static String set(String name, List<String> values) {
            return "<ResourceRecordSet><Name>" + name + ".</Name><Type>TXT</Type><TTL>60</TTL><ResourceRecords>"
                    + records(values) + "</ResourceRecords></ResourceRecordSet>";
        }

        private static String records(List<String> values) {
            return values.stream()
                    .map(value -> "<ResourceRecord><Value>\"" + value + "\"</Value></ResourceRecord>")
                    .collect(Collectors.joining());
        }

        /** A batch is done as a whole or not at all. */
        private Answer change(Request request) {
            Xml batch = Xml.parse(new ApiReply("the request", 200, request.body(), 0));
            require(batch.root().getTagName().equals("ChangeResourceRecordSetsRequest"), "body", request);
            String name = batch.text("Name").replaceFirst("\\.$", "");
            for (Xml change : batch.all("Change")) {
                List<String> data = data(change);
                boolean delete = change.text("Action").equals("DELETE");
                boolean same = delete && data.equals(values(name));
                boolean free = !delete
                        && (values(name).isEmpty() || batch.all("Change").size() == 2);
                if (!same && !free) {
                    return Answer.of(
                            400,
                            "<InvalidChangeBatch><Messages><Message>Tried to delete or create, but</Message></Messages>"
                                    + "<Code>InvalidChangeBatch</Code></InvalidChangeBatch>");
                }
            }
            for (Xml change : batch.all("Change")) {
                boolean delete = change.text("Action").equals("DELETE");
                data(change).forEach(value -> {
                    if (delete) {
                        remove(name, value);
                    } else {
                        add(name, value);
                    }
                });
            }
            return Answer.of(200, "<ChangeResourceRecordSetsResponse/>");
        }

        private static List<String> data(Xml change) {
            return change.all("Value").stream()
                    .map(value -> value.text().replaceAll("^\"|\"$", ""))
                    .toList();
        }
    }

    @Override
    FakeApi fake() {
        return new Fake(clock);
    }

    @Override
    DnsRecords records(ApiEndpoint endpoint) {
        return new Route53Records(CREDENTIALS, endpoint);
    }

    @Test
    void throttled_isBusyAndNotRefused() {
        api.fault(request -> Optional.of(
                FakeApi.Answer.of(400, "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>")));
        IssueException failure =
                catchThrowableOfType(IssueException.class, () -> records().add(record(name("a"), "value")));
        assertThat(failure.kind()).isEqualTo(Kind.UNPROVED);
    }

    @Test
    void documentType_isNotRead() {
        api.fault(request -> Optional.of(
                FakeApi.Answer.of(200, "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/hostname\">]><x>&e;</x>")));
        IssueException failure =
                catchThrowableOfType(IssueException.class, () -> records().add(record(name("a"), "value")));
        assertThat(failure).hasMessageContaining("not XML");
    }

    @Test
    void setThatNeverStaysTheSame_isGivenUp() {
        api.fault(request -> request.method().equals("POST")
                ? Optional.of(FakeApi.Answer.of(400, "<E><Code>InvalidChangeBatch</Code></E>"))
                : Optional.empty());
        IssueException failure =
                catchThrowableOfType(IssueException.class, () -> records().add(record(name("a"), "value")));
        assertThat(failure).hasMessageContaining("change faster");
    }

    @Test
    void credentials_areReadAsTheAwsCommandLineKeepsThem() {
        String file = "[default]\naws_access_key_id = A1\naws_secret_access_key=s1\n[dns]\n# ours\n"
                + "aws_access_key_id=A2\naws_secret_access_key = " + SECRET + "\naws_session_token = t\n";
        assertThat(AwsCredentials.parse(file, "default")).isEqualTo(new AwsCredentials("A1", "s1", ""));
        assertThat(AwsCredentials.parse(file, "dns")).isEqualTo(new AwsCredentials("A2", SECRET, "t"));
        assertThat(AwsCredentials.parse(file, "dns").toString()).contains("A2").doesNotContain(SECRET);
        assertThatThrownBy(() -> AwsCredentials.parse(file, "none")).hasMessageContaining("[none]");
        assertThatThrownBy(() -> AwsCredentials.of(Map.of("AWS_ACCESS_KEY_ID", "A1")))
                .hasMessageContaining("AWS_SECRET_ACCESS_KEY");
    }
}
