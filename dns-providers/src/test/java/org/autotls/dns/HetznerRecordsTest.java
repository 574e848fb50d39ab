package org.autotls.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.autotls.DnsRecords;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.internal.JsonObject;
import org.junit.jupiter.api.Test;

class HetznerRecordsTest extends ProviderContract {

    /** Of the forms in docs.hetzner.cloud/reference/cloud, Zone RRSets and their actions. */
    private static final class Fake extends FakeApi {

        private static final String DONE = "{\"action\":{\"id\":1,\"status\":\"running\",\"error\":null}}";

        @Override
        Answer answer(Request request) {
            require(request.header("authorization").equals("Bearer " + SECRET), "authorization", request);
            String path = request.path();
            if (request.method().equals("GET") && path.matches("/zones/[^/]+")) {
                return path.equals("/zones/" + ZONE)
                        ? Answer.of(200, "{\"zone\":{\"id\":42,\"name\":\"example.test\",\"mode\":\"primary\"}}")
                        : notFound();
            }
            if (!path.matches("/zones/42/rrsets/[^/]+/TXT(/actions/(add|remove)_records)?")) {
                return unknown(request);
            }
            String name = path.split("/", -1)[4] + "." + ZONE;
            return switch (request.method() + path.replaceFirst(".*/TXT", "")) {
                case "GET" -> values(name).isEmpty() ? notFound() : set(name);
                case "POST/actions/add_records" -> change(request, name, true);
                case "POST/actions/remove_records" -> change(request, name, false);
                default -> unknown(request);
            };
        }

        private Answer set(String name) {
            List<Map<String, String>> records = values(name).stream()
                    .map(value -> Map.of("value", '"' + value + '"', "comment", ""))
                    .toList();
            return Answer.of(200, JsonObject.write(Map.of("rrset", Map.of("type", "TXT", "records", records))));
        }

        private Answer change(Request request, String name, boolean add) {
            for (JsonObject record : JsonObject.parse(request.body()).objects("records")) {
                String value = record.text("value").orElseThrow();
                require(value.matches("\".*\""), "quotes", request);
                String plain = value.substring(1, value.length() - 1);
                if (add && values(name).contains(plain)) {
                    return Answer.of(422, "{\"error\":{\"code\":\"invalid_input\",\"message\":\"duplicate\"}}");
                }
                if (add) {
                    add(name, plain);
                } else if (!remove(name, plain)) {
                    return notFound();
                }
            }
            return Answer.of(201, DONE);
        }

        private static Answer notFound() {
            return Answer.of(404, "{\"error\":{\"code\":\"not_found\",\"message\":\"not found\"}}");
        }
    }

    @Override
    FakeApi fake() {
        return new Fake();
    }

    @Override
    DnsRecords records(ApiEndpoint endpoint) {
        return new HetznerRecords(SECRET, endpoint);
    }

    @Test
    void actionThatFailed_isAFailure() {
        api.fault(request -> request.method().equals("POST")
                ? Optional.of(FakeApi.Answer.of(
                        201, "{\"action\":{\"status\":\"error\",\"error\":{\"message\":\"zone is locked\"}}}"))
                : Optional.empty());
        IssueException failure =
                catchThrowableOfType(IssueException.class, () -> records().add(record(name("a"), "value")));
        assertThat(failure.kind()).isEqualTo(Kind.UNPROVED);
        assertThat(failure).hasMessageContaining("zone is locked");
    }
}
