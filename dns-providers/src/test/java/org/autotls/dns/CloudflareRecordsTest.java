package org.autotls.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.autotls.DnsRecords;
import org.autotls.internal.JsonObject;
import org.junit.jupiter.api.Test;

class CloudflareRecordsTest extends ProviderContract {

    private static final String RECORDS = "/zones/023e105f4ecef8ad9ca31a8372d0c353/dns_records";

    /** Of the forms in developers.cloudflare.com/api, DNS Records for a Zone. */
    private static final class Fake extends FakeApi {

        private final Map<String, String[]> byId = new LinkedHashMap<>();
        private int ids;

        @Override
        Answer answer(Request request) {
            require(request.header("authorization").equals("Bearer " + SECRET), "authorization", request);
            if (request.method().equals("GET") && request.path().equals("/zones")) {
                return result(
                        request.parameter("name").equals(ZONE)
                                ? List.of(Map.of(
                                        "id", "023e105f4ecef8ad9ca31a8372d0c353", "name", ZONE, "status", "active"))
                                : List.of());
            }
            return switch (request.method() + " " + request.path().replaceFirst("/[^/]*-id$", "/ID")) {
                case "GET " + RECORDS -> list(request);
                case "POST " + RECORDS -> create(request);
                case "DELETE " + RECORDS + "/ID" -> delete(request);
                default -> unknown(request);
            };
        }

        private Answer list(Request request) {
            require(request.parameter("type").equals("TXT"), "type", request);
            String name = request.parameter("name");
            List<Map<String, Object>> found = new ArrayList<>();
            for (String value : values(name)) {
                String id = ++ids + "-id";
                byId.put(id, new String[] {name, value});
                found.add(Map.of("id", id, "name", name, "type", "TXT", "content", '"' + value + '"', "ttl", 60));
            }
            return result(found);
        }

        private Answer create(Request request) {
            require(request.header("content-type").equals("application/json"), "content type", request);
            JsonObject body = JsonObject.parse(request.body());
            require(
                    body.text("type").orElse("").equals("TXT")
                            && body.number("ttl").orElse(0L) == 60,
                    "body",
                    request);
            String name = body.text("name").orElseThrow();
            String value = body.text("content").orElseThrow().replaceAll("^\"|\"$", "");
            if (values(name).contains(value)) {
                return Answer.of(
                        400,
                        JsonObject.write(Map.of(
                                "success",
                                false,
                                "errors",
                                List.of(Map.of("code", 81058, "message", "An identical record already exists.")))));
            }
            add(name, value);
            return Answer.of(200, JsonObject.write(Map.of("success", true, "result", Map.of("id", "new"))));
        }

        private Answer delete(Request request) {
            String[] record = byId.get(request.path().replaceFirst(".*/", ""));
            return record != null && remove(record[0], record[1])
                    ? Answer.of(200, "{\"result\":{\"id\":\"x\"},\"success\":true}")
                    : Answer.of(404, "{\"success\":false,\"errors\":[{\"code\":81044}]}");
        }

        private static Answer result(List<?> result) {
            return Answer.of(200, JsonObject.write(Map.of("success", true, "result", result)));
        }
    }

    @Override
    FakeApi fake() {
        return new Fake();
    }

    @Override
    DnsRecords records(ApiEndpoint endpoint) {
        return new CloudflareRecords(SECRET, endpoint);
    }

    /** Two processes: the list does not show it, and then it is there. */
    @Test
    void add_whatAnotherProcessAddsMeanwhile_isNoError() {
        api.add(name("a"), "value");
        api.fault(request ->
                request.path().endsWith("/dns_records") && request.method().equals("GET")
                        ? Optional.of(FakeApi.Answer.of(200, "{\"success\":true,\"result\":[]}"))
                        : Optional.empty());
        records().add(record(name("a"), "value"));
        assertThat(published(name("a"))).containsExactly("value");
    }

    @Test
    void token_thatIsNone_isNotShown() {
        assertThatThrownBy(() -> new CloudflareRecords("two\nlines", new ApiEndpoint(api.url(), clock)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Cloudflare token")
                .hasMessageNotContaining("two");
    }
}
