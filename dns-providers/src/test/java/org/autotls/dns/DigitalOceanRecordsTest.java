package org.autotls.dns;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.autotls.DnsRecords;
import org.autotls.internal.JsonObject;

class DigitalOceanRecordsTest extends ProviderContract {

    private static final String DOMAIN = "/domains/" + FakeApi.ZONE;

    /** Of the forms in docs.digitalocean.com/reference/api, Domain Records. */
    private static final class Fake extends FakeApi {

        private final Map<String, String[]> byId = new LinkedHashMap<>();
        private int ids;

        @Override
        Answer answer(Request request) {
            require(request.header("authorization").equals("Bearer " + SECRET), "authorization", request);
            if (request.method().equals("GET") && request.path().matches("/domains/[^/]+")) {
                return request.path().equals(DOMAIN)
                        ? Answer.of(200, JsonObject.write(Map.of("domain", Map.of("name", ZONE, "ttl", 1800))))
                        : Answer.of(404, "{\"id\":\"not_found\",\"message\":\"not found\"}");
            }
            return switch (request.method() + " " + request.path().replaceFirst("/[0-9]+$", "/ID")) {
                case "GET " + DOMAIN + "/records" -> list(request);
                case "POST " + DOMAIN + "/records" -> create(request);
                case "DELETE " + DOMAIN + "/records/ID" -> delete(request);
                default -> unknown(request);
            };
        }

        private Answer list(Request request) {
            require(request.parameter("type").equals("TXT"), "type", request);
            String name = request.parameter("name");
            require(name.endsWith("." + ZONE), "a full name", request);
            List<Map<String, Object>> found = new ArrayList<>();
            for (String value : values(name)) {
                ids++;
                byId.put(String.valueOf(ids), new String[] {name, value});
                String relative = name.substring(0, name.length() - ZONE.length() - 1);
                found.add(Map.of("id", ids, "type", "TXT", "name", relative, "data", value, "ttl", 60));
            }
            return Answer.of(200, JsonObject.write(Map.of("domain_records", found, "meta", Map.of("total", ids))));
        }

        private Answer create(Request request) {
            JsonObject body = JsonObject.parse(request.body());
            require(
                    body.text("type").orElse("").equals("TXT")
                            && body.number("ttl").orElse(0L) == 60,
                    "body",
                    request);
            add(body.text("name").orElseThrow() + "." + ZONE, body.text("data").orElseThrow());
            return Answer.of(201, "{\"domain_record\":{\"id\":1}}");
        }

        private Answer delete(Request request) {
            String[] record = byId.get(request.path().replaceFirst(".*/", ""));
            return record != null && remove(record[0], record[1])
                    ? Answer.of(204, "")
                    : Answer.of(404, "{\"id\":\"not_found\"}");
        }
    }

    @Override
    FakeApi fake() {
        return new Fake();
    }

    @Override
    DnsRecords records(ApiEndpoint endpoint) {
        return new DigitalOceanRecords(SECRET, endpoint);
    }
}
